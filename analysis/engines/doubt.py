"""Whether a segment was perhaps invented by the speech model. Pure."""

# The thresholds of the Whisper paper (Radford et al. 2022, section 4.5).
MAX_COMPRESSION_RATIO = 2.4  # above: the text repeats itself
MIN_MEAN_LOGPROB = -1.0
MAX_NO_SPEECH_PROB = 0.6


def is_doubtful(compression_ratio: float, avg_logprob: float, no_speech_prob: float) -> bool:
    """Say whether a segment looks invented: repetitive, improbable, or spoken by nobody."""
    return (
        compression_ratio > MAX_COMPRESSION_RATIO
        or avg_logprob < MIN_MEAN_LOGPROB
        or no_speech_prob > MAX_NO_SPEECH_PROB
    )

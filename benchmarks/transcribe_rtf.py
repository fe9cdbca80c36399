"""CPU seconds per second of speech through the local engine. Goal: <= 0.2, model loaded once.

Peer: faster-whisper called directly with the same weights, without words, pauses and guards.
"""

import json
import time
from pathlib import Path

from django.conf import settings
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio

from analysis.demo.words import spoken_words, word_errors
from analysis.engines.base import Audio
from analysis.engines.local_whisper import LocalWhisper
from benchmarks.harness import WEIGHTS, interleaved, tell_ratio

HOUSE = Path(__file__).resolve().parent.parent
SAMPLES = HOUSE / "tests" / "samples"
ANSWERS = sorted((HOUSE / "analysis" / "demo" / "audio").glob("*.ogg"))  # of a usual length


def listen(engine: LocalWhisper, clip: Path) -> str:
    heard = engine.transcribe(
        Audio(path=clip, duration_ms=None, language="en"), progress=lambda _share: None
    )
    return " ".join(segment.text for segment in heard.segments)


def tell_word_errors(engine: LocalWhisper) -> None:
    """Print how many words of the read passages are wrong."""
    wrong = total = 0
    for name, said in json.loads((SAMPLES / "librivox.json").read_text()).items():
        reference = spoken_words(said)
        wrong += word_errors(reference, spoken_words(listen(engine, SAMPLES / f"{name}.ogg")))
        total += len(reference)
    print(f"word error rate on {total} read words: {wrong / total:.1%}")


def main() -> None:
    audio_s = sum(len(decode_audio(str(clip))) / 16000 for clip in ANSWERS)
    engine = LocalWhisper()
    plain = WhisperModel(
        WEIGHTS, device="cpu", compute_type="int8", cpu_threads=settings.WHISPER_THREADS
    )

    def ours() -> float:
        started = time.process_time()
        for clip in ANSWERS:
            listen(engine, clip)
        return time.process_time() - started

    def peer() -> float:
        started = time.process_time()
        for clip in ANSWERS:
            segments, _ = plain.transcribe(str(clip), beam_size=1, language="en")
            list(segments)
        return time.process_time() - started

    tell_word_errors(engine)  # loads the model: once per worker, not once per answer
    mine, theirs, spread = interleaved(ours, peer, rounds=3)
    print(f"{len(ANSWERS)} answers, {audio_s:.0f} s of speech")
    print(f"Candor          {mine / audio_s:.3f} CPU s per s")
    print(f"faster-whisper  {theirs / audio_s:.3f} CPU s per s")
    print(f"goal <= 0.2: {'met' if mine / audio_s <= 0.2 else 'MISSED'}")
    tell_ratio("cost of words, pauses and guards, ours over the peer", mine / theirs, spread)


if __name__ == "__main__":
    main()

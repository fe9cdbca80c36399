"""OpenAI's transcription models, with word times where the model gives them."""

from dataclasses import replace
from typing import Any

from django.conf import settings

from analysis.engines import openai_client, voice_activity
from analysis.engines.base import Audio, Availability, Heard, Progress, Segment, Transcriber, Word
from analysis.engines.doubt import is_doubtful
from analysis.engines.timing import place_words, spread_sentences
from analysis.engines.voice_activity import Activity
from ops.failures import StageFailure

MAX_FILE_BYTES = 25 * 1000 * 1000  # OpenAI's limit per file; half an hour of our Opus has 4 MB
# Only the Whisper family answers verbose_json with words and their times; the newer models answer
# json (openai 3.54.0, audio/transcription_create_params.py). Compatible servers run Whisper, too.
WORD_TIME_MODELS = ("whisper",)


class OpenAITranscriber(Transcriber):
    """settings.OPENAI_TRANSCRIBE_MODEL."""

    name = "openai"
    dependency = "openai.transcribe"
    sends_data_away = True

    @property
    def model(self) -> str:
        return str(settings.OPENAI_TRANSCRIBE_MODEL)

    def availability(self) -> Availability:
        return openai_client.availability()

    def transcribe(self, audio: Audio, progress: Progress) -> Heard:
        if audio.path.stat().st_size > MAX_FILE_BYTES:
            raise StageFailure("audio_rejected", "over OpenAI's 25 MB per file")
        activity, duration_ms = _activity(audio)
        progress(0.1)
        if activity is not None and not activity.speech:
            silence = self._heard(audio, (), activity, duration_ms, language=audio.language or "")
            return replace(silence, heard_ms=0)  # nobody was asked
        reply = self._ask(audio)
        progress(0.9)
        if getattr(reply, "segments", None) and getattr(reply, "words", None):
            segments = _timed_segments(reply)
        else:
            segments = spread_sentences(reply.text, _speech(activity, duration_ms))
        language = _language_code(getattr(reply, "language", None)) or audio.language or ""
        return self._heard(audio, segments, activity, duration_ms, language=language)

    def _ask(self, audio: Audio) -> Any:
        gives_words = any(part in self.model.casefold() for part in WORD_TIME_MODELS)
        wanted: dict[str, Any] = {"response_format": "json"}
        if gives_words:
            wanted = {
                "response_format": "verbose_json",
                "timestamp_granularities": ["word", "segment"],
            }
        with openai_client.client() as client, audio.path.open("rb") as file:
            # A name of ours: the object's key is nobody's business.
            reply = client.audio.transcriptions.create(
                model=self.model, file=("speech.ogg", file, "audio/ogg"), **wanted
            )
        if not isinstance(getattr(reply, "text", None), str):
            raise StageFailure("output_invalid", "the reply has no text")
        return reply

    def _heard(
        self,
        audio: Audio,
        segments: tuple[Segment, ...],
        activity: Activity | None,
        duration_ms: int | None,
        *,
        language: str,
    ) -> Heard:
        why = "voice activity needs the local engines (requirements-local.txt)"
        return Heard(
            engine=self.name,
            model=self.model,
            language=language,
            segments=segments,
            has_word_times=all(segment.words for segment in segments),
            duration_ms=duration_ms or audio.duration_ms,
            speech_ms=activity.speech_ms if activity else None,
            pauses=activity.pauses if activity else None,
            reasons={} if activity else {"speech_ms": why, "pauses": why},
        )


def _activity(audio: Audio) -> tuple[Activity | None, int | None]:
    """Return (voice activity, duration), measured here where that is possible."""
    if not voice_activity.is_installed():
        return None, audio.duration_ms
    sound = voice_activity.decode(str(audio.path))
    return voice_activity.detect(sound), len(sound) // voice_activity.SAMPLES_PER_MS


def _speech(activity: Activity | None, duration_ms: int | None) -> Activity:
    """Return where to seek sentences that came without times."""
    return activity or Activity.of_whole(duration_ms or 0)


def _timed_segments(reply: Any) -> tuple[Segment, ...]:
    """Give each segment its words, with the punctuation that only the segment's text has."""
    words = [Word(_ms(w.start), _ms(w.end), w.word, None) for w in reply.words]
    return tuple(
        place_words(
            [
                Segment(
                    _ms(raw.start),
                    _ms(raw.end),
                    raw.text,
                    None,
                    is_doubtful=is_doubtful(
                        raw.compression_ratio, raw.avg_logprob, raw.no_speech_prob
                    ),
                )
                for raw in reply.segments
            ],
            words,
        )
    )


def _language_code(told: str | None) -> str:
    """Return ISO 639-1 for what the API tells: a code, or an English name such as 'english'."""
    if not told:
        return ""
    names = {
        "english": "en",
        "german": "de",
        "french": "fr",
        "spanish": "es",
        "italian": "it",
        "portuguese": "pt",
        "dutch": "nl",
        "polish": "pl",
        "swedish": "sv",
        "chinese": "zh",
        "japanese": "ja",
    }
    lower = told.casefold()
    return names.get(lower, lower[:2] if len(lower) in {2, 5} else "")


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

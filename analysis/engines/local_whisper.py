"""Whisper on this machine's CPU, by faster-whisper. Loaded once per process, in workers only."""

import os
import threading
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from analysis.engines import local_weights, voice_activity
from analysis.engines.base import Audio, Availability, Heard, Progress, Segment, Transcriber, Word
from analysis.engines.doubt import is_doubtful

# A prompt in a hesitant style makes Whisper write some of the fillers it would else leave out. It
# still leaves out many: filler counts are a lower bound.
FILLER_PROMPTS = {
    "en": "Um, so, uh, I mean, well, you know, like, hmm.",
    "de": "Ähm, also, äh, naja, sozusagen, hm.",
    "fr": "Euh, ben, donc, enfin, tu vois, hum.",
    "es": "Eh, pues, bueno, o sea, este, mmm.",
    "it": "Ehm, allora, cioè, insomma, beh, mh.",
    "pt": "Hã, então, tipo, né, bom, hum.",
    "nl": "Uhm, dus, eh, nou, zeg maar, hm.",
}
MIN_SPEECH_MS = 300  # less than one spoken word
MIN_LANGUAGE_PROB = 0.5  # below: the expected language is the better guess

_models: dict[Path, Any] = {}
_loading = threading.Lock()


class LocalWhisper(Transcriber):
    """faster-whisper over the CTranslate2 model in settings.WHISPER_MODEL_DIR."""

    name = "local_whisper"

    @property
    def model(self) -> str:
        return str(settings.WHISPER_MODEL_DIR.name)

    def availability(self) -> Availability:
        if not settings.LOCAL_ENGINES:
            return Availability(ok=False, reason="switched off by LOCAL_ENGINES=0")
        if find_spec("faster_whisper") is None:
            return Availability(
                ok=False, reason="not installed: pip install -r requirements-local.txt"
            )
        if not local_weights.is_complete(settings.WHISPER_MODEL_DIR):
            return Availability(ok=False, reason="weights missing: run manage.py prepare_models")
        return Availability(ok=True)

    def transcribe(self, audio: Audio, progress: Progress) -> Heard:
        sound = voice_activity.decode(str(audio.path))
        progress(0.02)
        activity = voice_activity.detect(sound)
        duration_ms = len(sound) // voice_activity.SAMPLES_PER_MS
        language = audio.language or ""
        segments: tuple[Segment, ...] = ()
        if activity.speech_ms >= MIN_SPEECH_MS:
            language, segments = _listen(sound, audio.language, progress)
        return Heard(
            engine=self.name,
            model=self.model,
            language=language,
            segments=segments,
            has_word_times=True,
            duration_ms=duration_ms,
            speech_ms=activity.speech_ms,
            pauses=activity.pauses,
        )


def _loaded_model() -> Any:
    """Return this process's one model. faster-whisper ships no types."""
    directory: Path = settings.WHISPER_MODEL_DIR
    with _loading:
        if directory not in _models:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
            from faster_whisper import WhisperModel  # noqa: PLC0415 - heavy, for workers only

            _models[directory] = WhisperModel(
                str(directory),
                device="cpu",
                compute_type="int8",
                cpu_threads=settings.WHISPER_THREADS,
                local_files_only=True,
            )
        return _models[directory]


def _listen(
    sound: NDArray[np.float32], expected: str | None, progress: Progress
) -> tuple[str, tuple[Segment, ...]]:
    """Return (language, segments) of a sound that has speech in it."""
    model = _loaded_model()
    progress(0.05)
    language, probability, _ = model.detect_language(sound, vad_filter=True)
    if probability < MIN_LANGUAGE_PROB and expected:
        language = expected
    found, _info = model.transcribe(
        sound,
        language=language,
        beam_size=1,
        vad_filter=True,
        word_timestamps=True,
        condition_on_previous_text=False,
        initial_prompt=FILLER_PROMPTS.get(language),
    )
    return language, tuple(_told(found, len(sound) / voice_activity.RATE_HZ, progress))


def _told(found: Iterable[Any], duration_s: float, progress: Progress) -> Iterable[Segment]:
    """Yield segments as they are heard, telling how far the engine has come."""
    for raw in found:
        progress(min(1.0, 0.05 + 0.95 * raw.end / duration_s))
        if raw.text.strip():
            yield _segment(raw)


def _segment(raw: Any) -> Segment:
    words = tuple(
        Word(_ms(w.start), max(_ms(w.start), _ms(w.end)), w.word, round(float(w.probability), 4))
        for w in raw.words or ()
    )
    return Segment(
        start_ms=_ms(raw.start),
        end_ms=_ms(raw.end),
        text="".join(w.text for w in words) or raw.text,
        confidence=_mean_confidence(words),
        is_doubtful=is_doubtful(raw.compression_ratio, raw.avg_logprob, raw.no_speech_prob),
        words=words,
    )


def _mean_confidence(words: Sequence[Word]) -> float | None:
    known = [w.confidence for w in words if w.confidence is not None]
    return round(fmean(known), 4) if known else None


def _ms(seconds: float) -> int:
    return round(float(seconds) * 1000)

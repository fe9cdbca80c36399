"""A recording's loudness as an SVG path: drawn on the server, styled by the page. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEIGHT = 100
LEAST_BAR = 2  # silence is a line, not a hole
SHOWN_PAUSE_MS = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the drawing, in its own units."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Waveform:
    """What the template needs to draw."""

    width: int
    path: str
    pauses: tuple[Span, ...]
    quotes: tuple[Span, ...]


def waveform(
    peaks: Sequence[int] | None,
    duration_ms: int | None,
    *,
    pauses: Iterable[Mapping[str, Any]] = (),
    quotes: Iterable[tuple[int, int]] = (),
) -> Waveform | None:
    """Draw peaks of 0..100 with pauses and quotes (start_ms, end_ms); None without peaks."""
    if not peaks or not duration_ms:
        return None
    width = len(peaks)
    long_pauses = [
        (pause["start_ms"], pause["end_ms"])
        for pause in pauses
        if pause["end_ms"] - pause["start_ms"] >= SHOWN_PAUSE_MS
    ]
    return Waveform(
        width=width,
        path="".join(_bar(place, peak) for place, peak in enumerate(peaks)),
        pauses=tuple(_span(start, end, duration_ms, width) for start, end in long_pauses),
        quotes=tuple(_span(start, end, duration_ms, width) for start, end in quotes),
    )


def _bar(place: int, peak: int) -> str:
    half = max(LEAST_BAR, min(HEIGHT, peak)) / 2
    return f"M{place + 0.5} {HEIGHT / 2 - half:g}V{HEIGHT / 2 + half:g}"


def _span(start_ms: int, end_ms: int, duration_ms: int, width: int) -> Span:
    # At least one unit wide and inside of the drawing, or it could not be seen.
    start = min(start_ms / duration_ms * width, width - 1)
    end = min(end_ms / duration_ms * width, width)
    return Span(x=round(start, 2), width=round(max(end - start, 1), 2))

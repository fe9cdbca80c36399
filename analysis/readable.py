"""An answer's words laid out to be read, followed, searched and pointed at. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.clock import clock

SHOWN_PAUSE_MS = 1000
PIECES = re.compile(r"(\s*)(\S+)")
Span = tuple[int, int]  # characters [start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A word with the white space before it; times only where it was spoken."""

    gap: str
    text: str
    start_char: int
    end_char: int
    start_ms: int | None = None
    end_ms: int | None = None
    is_quoted: bool = False
    pause_before: str = ""  # seconds of silence, where they are worth showing


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A segment of a transcript."""

    start_ms: int
    at: str
    is_doubtful: bool
    pieces: tuple[Piece, ...]


def passages(
    segments: Iterable[Mapping[str, Any]],
    text: str,
    *,
    pauses: Sequence[Mapping[str, Any]] = (),
    quotes: Sequence[Span] = (),
) -> tuple[Passage, ...]:
    """Return a transcript's segments; a segment without words is one piece."""
    found = []
    end_char, end_ms = 0, 0
    for segment in segments:
        pieces = []
        for word in segment["words"] or [segment]:
            pieces.append(
                Piece(
                    gap=text[end_char : word["start_char"]],
                    text=word["text"],
                    start_char=word["start_char"],
                    end_char=word["end_char"],
                    start_ms=word["start_ms"],
                    end_ms=word["end_ms"],
                    is_quoted=_is_in(word["start_char"], word["end_char"], quotes),
                    pause_before=_pause_between(end_ms, word["start_ms"], pauses),
                )
            )
            end_char, end_ms = word["end_char"], word["end_ms"]
        found.append(
            Passage(
                start_ms=segment["start_ms"],
                at=clock(segment["start_ms"]),
                is_doubtful=segment["is_doubtful"],
                pieces=tuple(pieces),
            )
        )
    return tuple(found)


def typed_pieces(text: str, *, quotes: Sequence[Span] = ()) -> tuple[Piece, ...]:
    """Return a typed answer word by word; line breaks stay in the gaps."""
    pieces = []
    for match in PIECES.finditer(text):
        start, end = match.span(2)
        pieces.append(
            Piece(
                gap=match[1],
                text=match[2],
                start_char=start,
                end_char=end,
                is_quoted=_is_in(start, end, quotes),
            )
        )
    return tuple(pieces)


def _is_in(start: int, end: int, quotes: Sequence[Span]) -> bool:
    return any(start < quote_end and quote_start < end for quote_start, quote_end in quotes)


def _pause_between(from_ms: int, until_ms: int, pauses: Sequence[Mapping[str, Any]]) -> str:
    """Return the length of a pause whose middle lies between two words."""
    for pause in pauses:
        length_ms = pause["end_ms"] - pause["start_ms"]
        middle_ms = pause["start_ms"] + length_ms / 2
        if length_ms >= SHOWN_PAUSE_MS and from_ms <= middle_ms <= until_ms:
            return f"{length_ms / 1000:.1f}"
    return ""

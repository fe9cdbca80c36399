"""Whether a quote stands word for word in an answer, and at which second. Pure.

White space, case, quotation marks, hyphens and punctuation may differ; words may not.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MIN_WORDS = 3  # "I" or "the" stands in every answer and proves nothing
# CJK writes no spaces: each character counts as a word.
TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|"
    r"[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+"
    r"(?:['\u2019\u02bc][^\W_]+)*"
)
APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")


@dataclass(frozen=True, slots=True)
class CharSpan:
    """Characters [start, end) of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Times:
    """When it is said; approximate where the engine gave no word times."""

    start_ms: int
    end_ms: int
    is_approximate: bool


def find_quote(quote: str, text: str) -> CharSpan | None:
    """Return where `quote` first stands in `text`, word for word; None if it does not."""
    wanted = [token for token, _ in _tokens(quote)]
    if len(wanted) < MIN_WORDS:
        return None
    there = _tokens(text)
    names = [token for token, _ in there]
    length = len(wanted)
    for start in range(len(names) - length + 1):
        if names[start] == wanted[0] and names[start : start + length] == wanted:
            return CharSpan(there[start][1].start, there[start + length - 1][1].end)
    return None


def times_of(span: CharSpan, segments: Sequence[Mapping[str, Any]]) -> Times | None:
    """Return when the characters are said, from a transcript's segments; None if nowhere.

    A segment without words gives the whole of its own time, marked approximate.
    """
    hits: list[Times] = []
    for segment in segments:
        if segment["words"]:
            hits.extend(
                Times(word["start_ms"], word["end_ms"], is_approximate=False)
                for word in segment["words"]
                if _overlaps(span, word)
            )
        elif _overlaps(span, segment):
            hits.append(Times(segment["start_ms"], segment["end_ms"], is_approximate=True))
    if not hits:
        return None
    return Times(
        min(hit.start_ms for hit in hits),
        max(hit.end_ms for hit in hits),
        is_approximate=any(hit.is_approximate for hit in hits),
    )


def _overlaps(span: CharSpan, part: Mapping[str, Any]) -> bool:
    return bool(part["start_char"] < span.end and span.start < part["end_char"])


def _tokens(text: str) -> list[tuple[str, CharSpan]]:
    return [(_plain(m.group()), CharSpan(m.start(), m.end())) for m in TOKEN.finditer(text)]


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().translate(APOSTROPHES)

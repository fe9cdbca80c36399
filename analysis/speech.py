"""What was heard, laid out as one text with the place of every word, and whether it can be rated.

Pure.
"""

from dataclasses import dataclass
from statistics import fmean
from typing import Any

from analysis.engines.base import Heard, Segment
from analysis.text_metrics import UNSPACED

MIN_CLEAR_WORDS = 3  # as many as the shortest quote
MIN_CLEAR_SHARE = 0.5  # of all words heard
MIN_CONFIDENCE = 0.4  # mean over words; Whisper base gives clear speech 0.8 and more


@dataclass(frozen=True, slots=True)
class Layout:
    """A transcript's text, and its segments as the Transcript model stores them."""

    text: str
    segments: list[dict[str, Any]]
    confidence: float | None  # 0..1, mean over words


def lay_out(heard: Heard) -> Layout:
    """Join the segments to one text; give each segment and word its characters in it."""
    text = ""
    segments = []
    for segment in heard.segments:
        pieces = [word.text for word in segment.words] or [segment.text]
        if text and not pieces[0][:1].isspace() and heard.language not in UNSPACED:
            pieces[0] = f" {pieces[0]}"
        placed = []
        for piece in pieces:
            text, place = _append(text, piece)
            placed.append(place)
        words = [
            place
            | {"start_ms": word.start_ms, "end_ms": word.end_ms, "confidence": word.confidence}
            for place, word in zip(placed, segment.words, strict=False)
        ]
        segments.append(_segment_row(segment, text, placed[0]["start_char"], words))
    return Layout(text, segments, _confidence(heard))


def why_not_ratable(heard: Heard) -> str:
    """Return why the answer can't be rated, or "" if it can."""
    total = sum(_word_count(s) for s in heard.segments)
    if not total:
        return "No speech was found in the recording."
    clear = sum(_word_count(s) for s in heard.segments if not s.is_doubtful)
    if clear < MIN_CLEAR_WORDS or clear / total < MIN_CLEAR_SHARE:
        return "Too little of the speech could be understood clearly."
    confidence = _confidence(heard)
    if confidence is not None and confidence < MIN_CONFIDENCE:
        return "The words could not be understood with enough certainty."
    return ""


def _append(text: str, raw: str) -> tuple[str, dict[str, Any]]:
    """Append a piece with its leading space; return the text and the piece's place in it."""
    stripped = raw.strip()
    gap = " " if text and raw[:1].isspace() else ""
    start = len(text) + len(gap)
    placed = {"text": stripped, "start_char": start, "end_char": start + len(stripped)}
    return f"{text}{gap}{stripped}", placed


def _segment_row(
    segment: Segment, text: str, start_char: int, words: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "text": text[start_char:],
        "start_char": start_char,
        "end_char": len(text),
        "confidence": segment.confidence,
        "is_doubtful": segment.is_doubtful,
        "words": words,
    }


def _word_count(segment: Segment) -> int:
    return len(segment.words) or len(segment.text.split())


def _confidence(heard: Heard) -> float | None:
    known = [w.confidence for s in heard.segments for w in s.words if w.confidence is not None]
    known = known or [s.confidence for s in heard.segments if s.confidence is not None]
    return round(fmean(known), 4) if known else None

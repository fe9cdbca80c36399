"""WebVTT captions from stored words. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

MAX_CUE_MS = 6000
MAX_CUE_CHARS = 84  # two lines of 42, the usual limit for captions
MAX_GAP_MS = 1500  # a longer silence starts a new cue
# "-->" may not stand in a cue, and "&", "<" would start entities and tags (WebVTT, 3.1).
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
Piece = Mapping[str, Any]  # {start_ms, end_ms, text}


def webvtt(segments: Sequence[Mapping[str, Any]]) -> str:
    """Return the captions of a transcript's segments; the segment itself where it has no words."""
    lines = ["WEBVTT", ""]
    for cue in cues(segments):
        text = " ".join(_plain(piece["text"]) for piece in cue)
        times = f"{timestamp(cue[0]['start_ms'])} --> {timestamp(cue[-1]['end_ms'])}"
        lines += [times, text, ""]
    return "\n".join(lines)


def timestamp(ms: int) -> str:
    """Return hh:mm:ss.mmm."""
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"


def cues(segments: Iterable[Mapping[str, Any]]) -> Iterator[list[Piece]]:
    """Yield runs of words short enough to be read at one time; never empty ones."""
    for segment in segments:
        cue: list[Piece] = []
        for piece in segment["words"] or [segment]:
            if not str(piece["text"]).strip() or piece["end_ms"] <= piece["start_ms"]:
                continue  # a cue must end after it starts, or players drop the file's rest
            if cue and not _fits(cue, piece):
                yield cue
                cue = []
            cue.append(piece)
        if cue:
            yield cue


def _fits(cue: list[Piece], piece: Piece) -> bool:
    length = sum(len(p["text"]) + 1 for p in cue) + len(piece["text"])
    return bool(
        length <= MAX_CUE_CHARS
        and piece["end_ms"] - cue[0]["start_ms"] <= MAX_CUE_MS
        and piece["start_ms"] - cue[-1]["end_ms"] <= MAX_GAP_MS
    )


def _plain(text: str) -> str:
    """Escape markup and put the text on one line: an empty line would end the cue."""
    return " ".join(text.split()).translate(ESCAPES)

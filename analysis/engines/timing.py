"""Times for text that came without them, or with words apart from their punctuation. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from analysis.engines.base import Segment, Span, Word
from analysis.engines.voice_activity import Activity
from analysis.text_metrics import sentences


def place_words(segments: Sequence[Segment], words: Sequence[Word]) -> Iterator[Segment]:
    """Yield the segments with their words, each written as the segment's text writes it.

    A segment whose words can't be found in its text keeps its own time and no words.
    """
    left = list(words)
    for segment in segments:
        own: list[Word] = []
        while left and (left[0].start_ms + left[0].end_ms) // 2 <= segment.end_ms:
            own.append(left.pop(0))
        written = list(_written(segment.text, own))
        is_whole = len(written) == len(own)
        yield replace(segment, words=tuple(written) if is_whole else ())


def _written(text: str, words: Iterable[Word]) -> Iterator[Word]:
    """Yield each word with the characters around it, so that they join to the text again."""
    rest = text
    found = list(words)
    for word, following in zip(found, [*found[1:], None], strict=False):
        start = rest.casefold().find(word.text.strip().casefold())
        if start < 0:
            return
        end = len(rest)
        if following is not None:
            after = start + len(word.text.strip())
            end = rest.casefold().find(following.text.strip().casefold(), after)
            if end < 0:
                return
            end -= len(rest[:end]) - len(rest[:end].rstrip())
        yield replace(word, text=rest[:end])
        rest = rest[end:]


def spread_sentences(text: str, activity: Activity) -> tuple[Segment, ...]:
    """Lay sentences over the stretches of speech by their share of the characters.

    The times are approximate, and that is how evidence shows them: no words are given.
    """
    found = sentences(text)
    total = sum(len(s.text) for s in found)
    segments, said = [], 0
    for sentence in found:
        start_ms = _moment(activity.speech, said / total)
        said += len(sentence.text)
        end_ms = _moment(activity.speech, said / total)
        segments.append(Segment(start_ms, max(start_ms, end_ms), f" {sentence.text}", None))
    return tuple(segments)


def _moment(speech: Sequence[Span], share: float) -> int:
    """Return the moment at which `share` (0..1) of all speech has been spoken."""
    left_ms = share * sum(span.end_ms - span.start_ms for span in speech)
    for span in speech:
        if left_ms <= span.end_ms - span.start_ms:
            return round(span.start_ms + left_ms)
        left_ms -= span.end_ms - span.start_ms
    return speech[-1].end_ms if speech else 0

"""Sessions with answers that were spoken or typed, without a media pipeline before them."""

from django.utils import timezone

from analysis import speech
from analysis.engines.base import Heard, Segment, Word
from analysis.models import Transcript
from interviews.models import Response, Session, Take
from tests import factories

WORD_MS = 300


def hear(text, *, language="en", confidence=0.9, doubtful=()):
    """What an engine would hear: a segment per sentence, 300 ms per word."""
    segments, at = [], 0
    for number, sentence in enumerate(filter(None, text.split("\n"))):
        words = []
        for piece in sentence.split():
            words.append(Word(at, at + WORD_MS - 50, f" {piece}", confidence))
            at += WORD_MS
        segments.append(
            Segment(
                words[0].start_ms,
                words[-1].end_ms,
                f" {sentence}",
                confidence,
                number in doubtful,
                tuple(words),
            )
        )
    return Heard("test", "test", language, tuple(segments), True, at, at, ())


def say(response, text, **heard):
    """The candidate says `text`; the take is saved and transcribed."""
    recording = factories.make_recording(response, duration_ms=10_000)
    Take.objects.filter(pk=recording.take_id).update(
        state=Take.State.SAVED, saved_at=timezone.now()
    )
    result = hear(text, **heard)
    layout = speech.lay_out(result)
    reason = speech.why_not_ratable(result)
    Transcript.objects.create(
        recording=recording,
        engine="test",
        model="test",
        language=result.language,
        text=layout.text,
        segments=layout.segments,
        speech_ms=result.speech_ms,
        confidence=layout.confidence,
        state="not_ratable" if reason else "ok",
        reason=reason,
    )
    Response.objects.filter(pk=response.pk).update(mode="audio", state="submitted")
    return recording


def type_in(response, text, mode="text"):
    Response.objects.filter(pk=response.pk).update(text=text, mode=mode, state="submitted")


def responses(session):
    return list(session.responses.order_by("question__order"))


def submit(session):
    Session.objects.filter(pk=session.pk).update(state=Session.State.SUBMITTED)

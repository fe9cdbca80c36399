"""Descriptions of spoken answers, of the take that counts."""

import pytest
from django.db import transaction

from analysis.models import TextMetrics, Transcript
from analysis.stages.measure_text import measure_text
from ops.pipeline import Effect, Skip
from tests import factories
from tests.analysis.sessions import responses, say

TEXT = (
    "Um, I moved the router closer to the window.\n"
    "The router kept the signal, and the signal stayed strong for three weeks.\n"
    "Then I wrote a short note about the router for the next person in the team."
)

pytestmark = pytest.mark.django_db


def run(recording, report):
    outcome = measure_text(recording.id, report)
    assert isinstance(outcome, Effect)
    with transaction.atomic():
        outcome.write()


def test_a_spoken_answer_is_described(session, report):
    recording = say(responses(session)[0], TEXT)
    Transcript.objects.update(pauses=[{"start_ms": 1000, "end_ms": 1900}])
    run(recording, report)
    metrics = TextMetrics.objects.get()
    assert metrics.word_count == 38
    assert metrics.rate_wpm == 200.0  # 300 ms a word
    assert (metrics.pause_count, metrics.longest_pause_ms) == (1, 900)
    assert metrics.filler_count == 1
    assert metrics.readability > 60
    assert metrics.readability_formula
    assert "router" in metrics.keywords[0]["text"]
    assert metrics.reasons == {}


def test_what_was_not_measured_is_null_with_the_engines_reason(session, report):
    recording = say(responses(session)[0], TEXT)
    Transcript.objects.update(speech_ms=None, reasons={"speech_ms": "no local engines"})
    run(recording, report)
    metrics = TextMetrics.objects.get()
    assert metrics.rate_wpm is None
    assert metrics.pause_count is None
    assert metrics.reasons["rate_wpm"] == "no local engines"
    assert metrics.reasons["pause_count"] == "no local engines"


def test_an_earlier_take_never_overwrites_a_later_one(session, make_report):
    response = responses(session)[0]
    first = say(response, "One two three.")
    second = say(response, TEXT)
    run(second, make_report())
    run(first, make_report())
    assert TextMetrics.objects.get().word_count == 38


def test_a_retake_replaces_the_description(session, make_report):
    response = responses(session)[0]
    run(say(response, "One two three."), make_report())
    run(say(response, TEXT), make_report())
    assert TextMetrics.objects.get().word_count == 38


def test_silence_is_described_as_no_words(session, report):
    run(say(responses(session)[0], ""), report)
    metrics = TextMetrics.objects.get()
    assert (metrics.word_count, metrics.rate_wpm, metrics.keywords) == (0, None, [])


def test_a_recording_that_was_not_transcribed_is_skipped(session, report):
    recording = factories.make_recording(responses(session)[0])
    assert isinstance(measure_text(recording.id, report), Skip)

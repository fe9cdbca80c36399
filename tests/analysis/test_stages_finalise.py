"""Whatever could not be made, the session reaches its reviewers and says what is missing."""

import uuid

import pytest
from django.db import transaction
from django.utils import timezone

from analysis.models import TextMetrics
from analysis.stages.finalise import finalise
from interviews.models import Session, Take
from ops.pipeline import Missing
from tests.analysis.sessions import responses, say, submit, type_in
from tests.ops.runs import make_run

pytestmark = pytest.mark.django_db


def run(session, report):
    with transaction.atomic():
        finalise(session.id, report).write()
    session.refresh_from_db()


def test_a_submitted_session_becomes_ready_for_review(session, report):
    submit(session)
    run(session, report)
    assert session.state == Session.State.READY_FOR_REVIEW
    assert session.ready_at is not None
    assert session.missing == []


def test_what_is_missing_is_written_down(session, make_report):
    submit(session)
    subject_id = uuid.uuid4()
    run(session, make_report(missing=[Missing("transcribe", subject_id, "invalid_media")]))
    assert session.missing == [
        {"stage": "transcribe", "subject_id": str(subject_id), "code": "invalid_media"}
    ]
    assert session.state == Session.State.READY_FOR_REVIEW


def test_a_later_run_clears_what_is_missing_and_keeps_when_it_was_ready(session, make_report):
    submit(session)
    run(session, make_report(missing=[Missing("evaluate", session.id, "unknown")]))
    ready_at = session.ready_at
    run(session, make_report(generation=2))
    assert session.missing == []
    assert session.ready_at == ready_at


def test_what_an_earlier_run_could_not_make_stays_missing_until_it_is_tried_again(
    session, make_report
):
    submit(session)
    recording = say(responses(session)[0], "I asked why.")
    lost = {"stage": "transcribe", "subject_id": str(recording.id), "code": "invalid_media"}
    run(session, make_report(missing=[Missing("transcribe", recording.id, "invalid_media")]))
    run(session, make_report())  # of a run that leaves the recording alone
    assert session.missing == [lost]
    again = make_run(session)
    again.jobs.create(
        stage="transcribe",
        subject_kind="recording",
        subject_id=recording.id,
        state="done",
        run_at=timezone.now(),
    )
    run(session, make_report(run_id=again.id))
    assert session.missing == []


@pytest.mark.parametrize("state", ["decided", "withdrawn", "in_progress"])
def test_a_session_in_another_state_keeps_it(session, report, state):
    Session.objects.update(state=state)
    run(session, report)
    assert session.state == state


def test_typed_answers_are_described_here(session, report):
    _, typed = responses(session)
    type_in(typed, "I asked my colleague for her reasons and we agreed on a trial.")
    run(session, report)
    metrics = TextMetrics.objects.get()
    assert metrics.response_id == typed.id
    assert metrics.word_count == 13
    assert metrics.rate_wpm is None
    assert metrics.reasons["rate_wpm"] == "typed, not spoken"


def test_code_is_not_described_as_prose(session, report):
    type_in(responses(session)[0], "print('hello')", mode="code")
    run(session, report)
    assert not TextMetrics.objects.exists()


def test_metrics_of_an_earlier_take_do_not_stand_for_a_lost_one(session, report):
    response = responses(session)[0]
    say(response, "One two three.")
    TextMetrics.objects.create(response=response, word_count=3)
    later = say(response, "Four five six seven.")
    later.transcript.delete()
    assert Take.objects.filter(state="saved").count() == 2
    run(session, report)
    assert not TextMetrics.objects.exists()

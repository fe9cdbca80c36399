"""When the time is over: what was answered is handed in, nothing that arrived is lost."""

from datetime import timedelta

import pytest

from interviews import services
from interviews.models import Invitation, Session, Take
from interviews.permissions import TAKE_GRACE
from ops.models import Event, Run
from recordings.services import start_take
from tests import factories


def end(now):
    return services.end_overdue_sessions(now=now)


def state_of(session):
    return Session.objects.values_list("state", flat=True).get(pk=session.pk)


@pytest.fixture
def late(agreed):
    return agreed.deadline_at + timedelta(seconds=1)


def test_one_saved_answer_is_handed_in_at_the_deadline(agreed, responses, now, late):
    services.submit_text(response=responses[0], text="I asked.", now=now)
    assert end(late) == {"submitted": 1, "expired": 0, "waiting": 0}
    session = Session.objects.get(pk=agreed.pk)
    assert (session.state, session.submitted_at) == ("submitted", late)
    assert Run.objects.get().sealed_at is not None
    assert Event.objects.filter(type="submitted").count() == 1


def test_a_recording_that_arrived_unsaid_counts_as_an_answer(agreed, responses, arrived, late):
    arrived(responses[0])
    assert end(late)["submitted"] == 1
    responses[0].refresh_from_db()
    assert (responses[0].state, responses[0].mode) == ("submitted", "audio")
    assert Run.objects.get().expected_recordings == 1


@pytest.mark.parametrize("skipped", [False, True])
def test_without_an_answer_a_session_expires(agreed, responses, now, late, skipped):
    if skipped:
        responses[0].question.required = False
        responses[0].question.save()
        services.skip_response(response=responses[0], now=now)
    assert end(late) == {"submitted": 0, "expired": 1, "waiting": 0}
    assert state_of(agreed) == "expired"
    assert Event.objects.filter(type="expired").count() == 1


@pytest.mark.parametrize("state", ["invited", "declined"])
def test_who_never_agreed_to_be_recorded_is_never_handed_in(agreed, responses, now, late, state):
    services.submit_text(response=responses[0], text="I asked.", now=now)
    Session.objects.update(state=state)
    assert end(late)["expired"] == 1
    assert state_of(agreed) == "expired"


def test_before_the_deadline_nothing_happens(agreed, responses, now):
    services.submit_text(response=responses[0], text="I asked.", now=now)
    assert end(agreed.deadline_at - timedelta(seconds=1))["submitted"] == 0
    assert state_of(agreed) == "in_progress"


def test_the_second_round_finds_nothing_left(agreed, responses, now, late):
    services.submit_text(response=responses[0], text="I asked.", now=now)
    end(late)
    assert sum(end(late + timedelta(hours=1)).values()) == 0
    assert Event.objects.filter(type="submitted").count() == 1


def test_a_recording_on_its_way_is_given_time_to_arrive(agreed, responses, arrived, late):
    recording = arrived(responses[0])
    Take.objects.filter(pk=recording.take_id).update(state=Take.State.UPLOADING)
    assert end(late) == {"submitted": 0, "expired": 0, "waiting": 1}
    Take.objects.filter(pk=recording.take_id).update(state=Take.State.VERIFYING)
    assert end(late + timedelta(minutes=1))["submitted"] == 1


def test_a_recording_that_is_being_made_at_the_deadline_is_waited_for(agreed, responses, now, late):
    services.submit_text(response=responses[1], text="We talked.", now=now)
    start_take(response=responses[0], mode="audio", now=now)
    assert end(late)["waiting"] == 1
    assert end(late + TAKE_GRACE)["submitted"] == 1


def test_a_retake_that_was_begun_holds_nothing_up(agreed, responses, arrived, now, late):
    arrived(responses[0])
    start_take(response=responses[0], mode="audio", now=now)
    assert end(late)["submitted"] == 1


def test_but_not_for_ever(agreed, responses, arrived, late):
    recording = arrived(responses[0])
    Take.objects.filter(pk=recording.take_id).update(state=Take.State.UPLOADING)
    assert end(late + TAKE_GRACE)["expired"] == 1


def test_a_link_cut_short_ends_its_session(agreed, responses, now):
    services.submit_text(response=responses[0], text="I asked.", now=now)
    Invitation.objects.update(expires_at=now)
    assert end(now + timedelta(seconds=1))["submitted"] == 1


def test_submitted_sessions_stay_as_they_are(session, now):
    Session.objects.update(state="decided", deadline_at=now - timedelta(days=1))
    assert sum(end(now).values()) == 0
    assert state_of(session) == "decided"


def test_one_round_ends_the_sessions_of_everybody(interview, now):
    for number in range(3):
        invitation, _ = factories.make_invitation(interview, alias=f"Tern {number}")
        services.start_session(invitation=invitation, now=now)
    assert end(now + timedelta(days=8))["expired"] == 3

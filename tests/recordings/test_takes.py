"""Takes: who may start one, which count, how they end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from interviews.models import Accommodation, Response, Session, Take
from ops.conflicts import StateConflict
from recordings import services
from recordings.models import Upload
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now


def refused(response, mode="audio", now=None):
    with pytest.raises(StateConflict) as caught:
        services.start_take(response=response, mode=mode, now=now or NOW())
    return caught.value.code


def test_takes_are_numbered_and_end_with_the_last_one_allowed(response):
    takes = [services.start_take(response=response, mode="audio", now=NOW()) for _ in range(2)]
    assert [take.number for take in takes] == [1, 2]
    assert refused(response) == "no_takes_left"


def test_a_technical_failure_costs_no_take(response):
    for _ in range(4):
        take = services.start_take(response=response, mode="audio", now=NOW())
        failed = services.fail_take(take=take, reason="device_lost", now=NOW())
        assert (failed.state, failed.is_counted) == ("technical_failed", False)
    assert services.start_take(response=response, mode="audio", now=NOW()).number == 5


def test_a_discarded_take_is_counted(response):
    for _ in range(2):
        take = services.start_take(response=response, mode="audio", now=NOW())
        services.discard_take(take=take, now=NOW())
    assert refused(response) == "no_takes_left"


def test_an_accommodation_gives_takes_from_when_it_starts(response):
    extra = Accommodation.objects.create(session=response.session, extra_takes=1)
    Accommodation.objects.filter(pk=extra.pk).update(starts_at=NOW() + timedelta(hours=1))
    for _ in range(2):
        services.start_take(response=response, mode="audio", now=NOW())
    assert refused(response) == "no_takes_left"
    Accommodation.objects.filter(pk=extra.pk).update(starts_at=NOW())
    assert services.start_take(response=response, mode="audio", now=NOW()).number == 3


def test_a_mode_that_the_question_does_not_offer_is_refused(response):
    response.question.modes = ["audio", "text"]
    response.question.save()
    assert refused(response, "video") == "mode_not_offered"
    assert refused(response, "text") == "mode_not_offered"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (Session.State.SUBMITTED, "session_submitted"),
        (Session.State.DECLINED, "consent_missing"),
        (Session.State.WITHDRAWN, "session_withdrawn"),
    ],
)
def test_a_session_that_takes_no_answers_takes_no_takes(response, state, code):
    Session.objects.update(state=state)
    assert refused(response) == code


def test_after_the_deadline_there_is_no_take(response):
    assert refused(response, now=response.session.deadline_at) == "session_over"


def test_an_answered_question_takes_no_takes(response):
    Response.objects.update(state=Response.State.SUBMITTED)
    assert refused(response) == "response_closed"


def test_without_consent_nothing_is_recorded(response):
    factories.give_consent(response.session, "recording", granted=False)
    assert refused(response) == "consent_missing"


@pytest.mark.parametrize("end", [services.discard_take, services.fail_take])
def test_the_end_of_a_take_ends_its_grant(take, grant, end):
    grant(take, b"x" * 10)
    extra = {"reason": "upload_failed"} if end is services.fail_take else {}
    end(take=take, now=NOW(), **extra)
    upload = Upload.objects.get()
    assert (upload.state, upload.revoked_at is not None) == ("aborted", True)


def test_a_take_that_arrived_can_not_fail_technically(take, recorded):
    recorded(take, b"OggS")
    with pytest.raises(StateConflict):
        services.fail_take(take=take, reason="upload_failed", now=NOW())
    assert Take.objects.get(pk=take.pk).state == "verifying"

"""A candidate reads how long her recordings are kept: before she agrees, and when she has."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.models import ConsentRecord, Response, Session
from interviews.notices import consent_notice, in_words
from tests import factories
from tests.house.world import came_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_in(session):
    """Carol's session with one spoken answer, handed in now."""
    response = session.responses.order_by("question__order").first()
    recording = factories.make_recording(response)
    recording.take.state = "saved"
    recording.take.save(update_fields=["state"])
    Response.objects.filter(pk=response.pk).update(state="submitted", mode="audio")
    Session.objects.update(submitted_at=timezone.now(), state=Session.State.READY_FOR_REVIEW)
    session.refresh_from_db()
    return session


def last_page(session):
    return came_in(session).get(reverse("candidate_done")).content.decode()


@pytest.mark.parametrize(("granted", "days"), [(False, 730), (True, 1825)])
def test_her_last_page_names_the_day(handed_in, granted, days):
    ConsentRecord.objects.create(
        session=handed_in, scope="long_retention", granted=granted,
        notice_version="1", notice_hash="0" * 64,
    )  # fmt: skip
    day = handed_in.submitted_at + timedelta(days=days)
    page = last_page(handed_in)
    assert "Your recordings are deleted by themselves on" in page
    assert f"{day.day} {day:%B %Y}" in page
    assert ("because you agreed to be considered" in page) == granted


def test_who_typed_everything_reads_of_no_recordings(handed_in):
    Response.objects.update(mode="text", text="typed")
    assert "deleted by themselves on" not in last_page(handed_in)


def test_the_notice_names_both_periods_and_changes_with_them(interview, settings):
    before = consent_notice(interview)
    words = "\n".join(scope.text for scope in before.scopes)
    assert "2 years after your interview" in words
    assert "for 5 years" in words
    settings.RETENTION_D = 90
    assert consent_notice(interview).content_hash != before.content_hash


@pytest.mark.parametrize(
    ("days", "words"),
    [(365, "1 year"), (730, "2 years"), (1, "1 day"), (90, "90 days"), (400, "400 days")],
)
def test_a_period_is_said_as_people_say_it(days, words):
    assert in_words(timedelta(days=days)) == words

"""A session knows that it was reviewed, and a reviewer's list that she is done."""

from datetime import timedelta

import pytest

from interviews import services
from interviews.models import Assignment

pytestmark = pytest.mark.django_db


def test_the_first_time_a_session_is_reviewed_counts(session, now):
    services.mark_reviewed(session_id=session.pk, now=now)
    services.mark_reviewed(session_id=session.pk, now=now + timedelta(days=1))
    session.refresh_from_db()
    assert session.reviewed_at == now


def test_handing_in_a_review_ends_the_assignment_of_that_reviewer_alone(session, rita, bob, now):
    hers, his = (
        Assignment.objects.create(session=session, member=user.membership) for user in (rita, bob)
    )
    services.note_review(session_id=session.pk, user_id=rita.pk, now=now)
    services.note_review(session_id=session.pk, user_id=rita.pk, now=now + timedelta(days=1))
    hers.refresh_from_db()
    his.refresh_from_db()
    assert (hers.reviewed_at, his.reviewed_at) == (now, None)


def test_a_review_by_somebody_without_an_assignment_makes_none(session, alice, now):
    services.note_review(session_id=session.pk, user_id=alice.pk, now=now)
    assert not Assignment.objects.exists()

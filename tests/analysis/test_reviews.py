"""How many reviews are in, and from whom other ratings are hidden."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from analysis.models import Scorecard, ScorecardRating
from analysis.reviews import ReviewProgress, blind_sessions, review_progress
from interviews.models import Assignment, Session
from tests import factories

pytestmark = pytest.mark.django_db


def assign(session, *members):
    for member in members:
        Assignment.objects.create(session=session, member=member.membership)


def write(session, user, *, submitted=True, **facts):
    at = timezone.now() if submitted else None
    state = Scorecard.State.SUBMITTED if submitted else Scorecard.State.DRAFT
    return Scorecard.objects.create(
        session=session, member=user.membership, state=state, submitted_at=at, **facts
    )


# --- progress ------------------------------------------------------------------------------------
def test_progress_counts_submitted_scorecards_of_those_assigned(session, alice, bob, rita):
    assign(session, bob, rita)
    write(session, rita)
    write(session, bob, submitted=False)
    write(session, alice)
    found = review_progress([session.pk])[session.pk]
    assert found == ReviewProgress(assigned=2, submitted=1, unassigned=1)
    assert not found.is_complete


def test_a_session_without_reviewers_has_no_progress(session):
    found = review_progress([session.pk])[session.pk]
    assert found == ReviewProgress()
    assert not found.is_complete


def test_a_scorecard_judged_again_counts_once(session, rita):
    assign(session, rita)
    first = write(session, rita)
    write(session, rita, supersedes=first, reason="I had skipped an answer.")
    assert review_progress([session.pk])[session.pk].submitted == 1


def test_a_removed_member_counts_only_with_what_she_submitted(session, bob, rita):
    assign(session, bob, rita)
    write(session, rita)
    for member in (bob, rita):
        member.membership.removed_at = timezone.now()
        member.membership.save()
    assert review_progress([session.pk])[session.pk] == ReviewProgress(assigned=1, submitted=1)


def test_progress_of_many_sessions_costs_two_queries(interview, rita, django_assert_num_queries):
    sessions = [factories.make_session(interview, alias=f"Heron {n}") for n in range(5)]
    for session in sessions:
        assign(session, rita)
    with django_assert_num_queries(2):
        assert len(review_progress([session.pk for session in sessions])) == 5


# --- the hiding rule -----------------------------------------------------------------------------
def test_ratings_are_hidden_from_an_assigned_member_until_she_submits(session, rita, principal):
    assign(session, rita)
    assert blind_sessions(principal(rita), [session.pk]) == {session.pk}
    card = write(session, rita, submitted=False)
    assert blind_sessions(principal(rita), [session.pk]) == {session.pk}
    Scorecard.objects.filter(pk=card.pk).update(state="submitted", submitted_at=timezone.now())
    assert not blind_sessions(principal(rita), [session.pk])


def test_ratings_are_open_to_a_member_without_part_in_the_review_until_she_begins(
    session, alice, rita, principal
):
    assign(session, rita)
    assert not blind_sessions(principal(alice), [session.pk])
    write(session, alice, submitted=False)
    assert blind_sessions(principal(alice), [session.pk]) == {session.pk}


def test_judging_again_hides_nothing_that_was_seen(session, rita, principal):
    assign(session, rita)
    first = write(session, rita)
    write(session, rita, submitted=False, supersedes=first, reason="A slip.")
    assert not blind_sessions(principal(rita), [session.pk])


def test_nothing_is_hidden_once_the_session_is_decided(session, rita, principal):
    assign(session, rita)
    Session.objects.filter(pk=session.pk).update(state=Session.State.DECIDED)
    assert not blind_sessions(principal(rita), [session.pk])


# --- what the database refuses -------------------------------------------------------------------
@pytest.mark.parametrize(
    "facts",
    [
        {"supersedes": None},
        {"supersedes": "first"},
        {"supersedes": "first", "reason": "A slip.", "state": "draft"},
    ],
    ids=["twice", "amended without a reason", "a draft that was submitted"],
)
def test_the_database_refuses_a_scorecard_that_can_t_be(session, rita, facts):
    first = write(session, rita)
    facts = {name: first if value == "first" else value for name, value in facts.items()}
    facts = {"state": "submitted", **facts}
    with pytest.raises(IntegrityError), transaction.atomic():
        Scorecard.objects.create(
            session=session, member=rita.membership, submitted_at=timezone.now(), **facts
        )


@pytest.mark.parametrize(
    "mark", [{"level": 6}, {"level": 0}, {"level": 3, "is_insufficient": True}]
)
def test_the_database_refuses_a_level_that_no_scale_has(session, rita, mark):
    card = write(session, rita, submitted=False)
    rubric = session.version.questions.first().competencies.get().rubric
    with pytest.raises(IntegrityError), transaction.atomic():
        ScorecardRating.objects.create(scorecard=card, rubric=rubric, **mark)

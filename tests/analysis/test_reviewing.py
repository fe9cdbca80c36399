"""Writing a scorecard: saved, frozen, amended for a reason, discarded."""

import pytest
from django.http import Http404
from django.utils import timezone

from analysis import reviewing
from analysis.models import Scorecard
from analysis.reviews import own_scorecard, session_review
from analysis.scorecards import Draft, Mark
from interviews.models import Assignment, Session
from interviews.services.edits import EditConflict
from ops.conflicts import StateConflict
from ops.models import AuditEntry
from tests import factories
from tests.analysis import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(interview):
    return rows.ready_session(interview)[0]


@pytest.fixture
def rubric(ready):
    return ready.version.questions.first().competencies.get().rubric


@pytest.fixture
def reviewer(rita, ready, principal):
    Assignment.objects.create(session=ready, member=rita.membership)
    return principal(rita)


def save(who, session, rubric, *, edit=0, **mark):
    marks = {rubric.pk: Mark(**(mark or {"level": 4, "note": "Found the cause."}))}
    draft = Draft(note="A clear thinker.", recommendation="yes", marks=marks)
    return reviewing.save_scorecard(principal=who, session=session, edit_number=edit, draft=draft)


def submit(who, session, *, edit=1, accepts_missing=False):
    return reviewing.submit_scorecard(
        principal=who,
        session=session,
        edit_number=edit,
        accepts_missing=accepts_missing,
        now=timezone.now(),
    )


def actions():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# --- saving --------------------------------------------------------------------------------------
def test_what_is_saved_is_read_again(reviewer, ready, rubric):
    assert save(reviewer, ready, rubric) == 1
    card = own_scorecard(reviewer, ready)
    assert (card.state, card.edit_number, card.recommendation) == ("draft", 1, "yes")
    (rating,) = card.ratings
    assert (rating.level, rating.is_insufficient, rating.note) == (4, False, "Found the cause.")
    assert card.missing == ()


def test_insufficient_evidence_is_a_mark_and_nothing_is_none(reviewer, ready, rubric):
    save(reviewer, ready, rubric, is_insufficient=True)
    assert own_scorecard(reviewer, ready).missing == ()
    save(reviewer, ready, rubric, edit=1, note="Not sure yet.")
    assert own_scorecard(reviewer, ready).missing == ("Problem solving",)


def test_a_save_that_started_from_an_older_edit_is_refused_and_changes_nothing(
    reviewer, ready, rubric
):
    save(reviewer, ready, rubric)
    with pytest.raises(EditConflict):
        save(reviewer, ready, rubric, level=1)
    assert own_scorecard(reviewer, ready).ratings[0].level == 4


def test_a_rubric_of_another_interview_is_not_found(reviewer, ready, acme):
    other = factories.make_rubric(acme, "Something else")
    with pytest.raises(Http404):
        save(reviewer, ready, other)
    assert not Scorecard.objects.exists()


@pytest.mark.parametrize("state", ["in_progress", "decided", "withdrawn"])
def test_a_session_that_is_not_open_to_judgement_takes_no_scorecard(reviewer, ready, rubric, state):
    Session.objects.filter(pk=ready.pk).update(state=state)
    ready.refresh_from_db()
    with pytest.raises(StateConflict, match="from its submission until its decision"):
        save(reviewer, ready, rubric)
    assert not session_review(reviewer, ready).can_write


# --- submitting ----------------------------------------------------------------------------------
def test_a_submitted_scorecard_is_frozen_audited_and_counted(reviewer, ready, rubric):
    save(reviewer, ready, rubric)
    card = submit(reviewer, ready)
    assert card.submitted_at is not None
    assert actions() == ["scorecard.submitted"]
    assert "clear thinker" not in str(AuditEntry.objects.get().detail)
    for late in (lambda: save(reviewer, ready, rubric, edit=1), lambda: submit(reviewer, ready)):
        with pytest.raises(StateConflict, match="is submitted"):
            late()
    ready.refresh_from_db()
    assert ready.reviewed_at is not None
    assert Assignment.objects.get(session=ready).reviewed_at is not None


def test_a_session_is_reviewed_once_all_its_reviewers_have_submitted(
    reviewer, ready, rubric, bob, principal
):
    Assignment.objects.create(session=ready, member=bob.membership)
    save(reviewer, ready, rubric)
    submit(reviewer, ready)
    ready.refresh_from_db()
    assert ready.reviewed_at is None
    save(principal(bob), ready, rubric)
    submit(principal(bob), ready)
    ready.refresh_from_db()
    assert ready.reviewed_at is not None


def test_a_scorecard_without_a_single_mark_can_t_be_submitted(reviewer, ready, rubric):
    save(reviewer, ready, rubric, note="Nothing yet.")
    with pytest.raises(StateConflict, match="at least one"):
        submit(reviewer, ready, accepts_missing=True)


def test_what_is_missing_must_be_accepted(acme, interview, ready, reviewer, rubric):
    second = factories.make_rubric(acme, "Working with others")
    ready.version.questions.last().competencies.create(rubric=second)
    save(reviewer, ready, rubric)
    with pytest.raises(StateConflict, match="Not rated yet: Working with others"):
        submit(reviewer, ready)
    assert submit(reviewer, ready, accepts_missing=True).state == "submitted"


def test_what_is_submitted_is_what_was_looked_at(reviewer, ready, rubric):
    save(reviewer, ready, rubric)
    save(reviewer, ready, rubric, edit=1, level=2)
    with pytest.raises(EditConflict):
        submit(reviewer, ready, edit=1)
    assert own_scorecard(reviewer, ready).state == "draft"


# --- judging again -------------------------------------------------------------------------------
def amend(who, session, reason="I had skipped an answer."):
    return reviewing.amend_scorecard(principal=who, session=session, reason=reason)


def test_an_amendment_needs_a_reason_and_keeps_the_original(reviewer, ready, rubric):
    save(reviewer, ready, rubric)
    first = submit(reviewer, ready)
    with pytest.raises(StateConflict, match="why"):
        amend(reviewer, ready, "  ")
    second = amend(reviewer, ready)
    assert amend(reviewer, ready).pk == second.pk
    assert (second.edit_number, second.is_blind) == (2, False)
    assert session_review(reviewer, ready).scorecards[0].id == first.pk  # counts until then
    save(reviewer, ready, rubric, edit=2, level=2)
    submit(reviewer, ready, edit=3)
    review = session_review(reviewer, ready)
    assert [card.ratings[0].level for card in review.scorecards] == [2]
    assert [card.ratings[0].level for card in review.superseded] == [4]
    assert review.scorecards[0].reason == "I had skipped an answer."
    assert actions() == ["scorecard.submitted", "scorecard.reopened", "scorecard.amended"]


def test_an_edit_from_before_the_submission_can_t_reach_the_amendment(reviewer, ready, rubric):
    save(reviewer, ready, rubric)
    submit(reviewer, ready)
    amend(reviewer, ready)
    with pytest.raises(EditConflict):
        save(reviewer, ready, rubric, edit=1)


def test_a_draft_can_t_be_amended(reviewer, ready, rubric):
    save(reviewer, ready, rubric)
    with pytest.raises(StateConflict, match="no submitted"):
        amend(reviewer, ready)


def test_a_draft_can_be_discarded_and_what_is_submitted_stays(reviewer, ready, rubric):
    save(reviewer, ready, rubric)
    submit(reviewer, ready)
    amend(reviewer, ready)
    reviewing.discard_scorecard(principal=reviewer, session=ready)
    assert own_scorecard(reviewer, ready).is_submitted
    with pytest.raises(StateConflict):
        reviewing.discard_scorecard(principal=reviewer, session=ready)
    assert Scorecard.objects.count() == 1


# --- who sees what -------------------------------------------------------------------------------
def test_others_scorecards_are_hidden_until_one_s_own_is_submitted(
    reviewer, ready, rubric, alice, principal
):
    save(principal(alice), ready, rubric, level=2)
    submit(principal(alice), ready)
    before = session_review(reviewer, ready)
    assert (before.is_blind, before.scorecards) == (True, ())
    assert [row.mean_level for row in before.competencies] == [None]
    save(reviewer, ready, rubric)
    submit(reviewer, ready)
    after = session_review(reviewer, ready)
    assert [card.reviewer for card in after.scorecards] == ["Alice", "Rita"]
    assert [(row.mean_level, row.rated_count) for row in after.competencies] == [(3.0, 2)]


def test_a_draft_is_nobody_else_s_business(reviewer, ready, rubric, alice, principal):
    save(reviewer, ready, rubric)
    seen = session_review(principal(alice), ready)
    assert (seen.scorecards, seen.mine, seen.is_blind) == ((), None, False)


def test_whether_she_could_see_ratings_before_she_began_is_kept(
    reviewer, ready, rubric, alice, principal
):
    save(principal(alice), ready, rubric)
    save(reviewer, ready, rubric)
    assert not own_scorecard(principal(alice), ready).is_blind  # the machine's were open to her
    assert own_scorecard(reviewer, ready).is_blind


def test_a_review_of_many_scorecards_costs_as_many_queries_as_of_one(
    ready, rubric, acme, alice, principal, django_assert_num_queries
):
    for number in range(5):
        who = principal(factories.make_member(acme, f"member{number}@acme.test"))
        save(who, ready, rubric)
        submit(who, ready)
    with django_assert_num_queries(5):
        assert len(session_review(principal(alice), ready).scorecards) == 5

"""Independent reviews: from whom ratings are hidden, on every page and by REST."""

import pytest
from django.utils import timezone

from analysis import reviewing
from analysis.scorecards import Draft, Mark
from interviews.models import Assignment
from tests.analysis import rows
from tests.analysis.pages import board_of, page_of, squeezed

pytestmark = pytest.mark.django_db
RATIONALE = "She says what she did and what came of it."  # of the machine, by rows.rate
SECRET = "Rather too slow for us."


@pytest.fixture
def ready(interview, rita):
    """A rated session, assigned to rita, on which bob has submitted his scorecard."""
    session, _, _ = rows.ready_session(interview)
    Assignment.objects.create(session=session, member=rita.membership)
    return session


def judge(user, session, principal, *, submits=True, level=2):
    who = principal(user)
    rubric = session.version.questions.first().competencies.get().rubric
    draft = Draft(note=SECRET, marks={rubric.pk: Mark(level=level, note="Slow.")})
    edit = reviewing.save_scorecard(principal=who, session=session, edit_number=0, draft=draft)
    if submits:
        reviewing.submit_scorecard(
            principal=who,
            session=session,
            edit_number=edit,
            accepts_missing=True,
            now=timezone.now(),
        )


def addresses(session):
    """What shows a session to a member: pages first, then REST."""
    key = session.version.interview.key
    results = f"/api/v1/interviewer/interviews/{key}/results/sessions"
    return (
        page_of(session),
        page_of(session, "progress/"),
        page_of(session, "row/"),
        board_of(session.version.interview),
        results,
        f"{results}/{session.pk}/data-only",
        f"/api/v1/interviewer/{key}/results/{session.pk}/data",
    )


def told_by(client, session):
    """All that those addresses say."""
    answers = [client.get(address) for address in addresses(session)]
    assert {answer.status_code for answer in answers} == {200}
    return " ".join(squeezed(answer) for answer in answers)


SHOWN = (RATIONALE, "w w--quoted", "of 5", '"mean_level": 4.0')


def test_an_assigned_reviewer_sees_no_rating_before_she_has_submitted(
    ready, rita, bob, principal, signed_in
):
    judge(bob, ready, principal)
    seen = told_by(signed_in(rita), ready)
    for words in (*SHOWN, SECRET, "waveform__quote"):
        assert words not in seen, words
    assert "hidden until you submit your scorecard" in seen
    board = squeezed(signed_in(rita).get(board_of(ready.version.interview)))
    assert "Ratings are hidden until you submit your scorecard." in board


def test_she_sees_them_all_once_she_has(ready, rita, bob, principal, signed_in):
    judge(bob, ready, principal)
    judge(rita, ready, principal, level=4)
    seen = told_by(signed_in(rita), ready)
    for words in (RATIONALE, "w w--quoted", SECRET, '"mean_level":4.0'):
        assert words in seen.replace('"mean_level": ', '"mean_level":'), words


def test_a_member_without_part_in_the_review_sees_ratings_at_once(ready, alice, signed_in):
    seen = told_by(signed_in(alice), ready)
    assert RATIONALE in seen
    assert "w w--quoted" in seen


def test_a_member_who_has_begun_a_scorecard_sees_none_until_it_is_submitted(
    ready, alice, bob, principal, signed_in
):
    judge(bob, ready, principal)
    judge(alice, ready, principal, submits=False)
    seen = told_by(signed_in(alice), ready)
    assert RATIONALE not in seen
    assert "w w--quoted" not in seen


def test_nobody_reads_another_s_draft(ready, alice, bob, rita, principal, signed_in):
    judge(rita, ready, principal, submits=False)
    for user in (alice, bob):
        assert SECRET not in told_by(signed_in(user), ready)

"""Which scorecards agreement counts, what it keeps from whom, and how it is told."""

import numpy as np
import pytest
from django.http import Http404

from analysis import agreement
from analysis.agreement_page import agreement_page
from analysis.interview_agreement import interview_agreement
from analysis.models import Scorecard
from interviews.models import Assignment, Session
from tests.analysis import judged, rows
from tests.analysis.pages import board_of, squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(interview, alice, principal):
    """read(who=alice) -> the interview's agreement as she sees it."""
    return lambda who=alice: interview_agreement(principal(who), interview.key)


def only(found):
    (competency,) = found.competencies
    return competency


# --- what counts ---------------------------------------------------------------------------------
def test_numbers_are_those_of_the_levels_that_were_given(interview, bob, rita, read):
    sessions = judged.judged_sessions(interview, (bob, rita), 24)
    levels = np.array(
        [
            [
                session.scorecards.get(member=user.membership).ratings.get().level
                for user in (bob, rita)
            ]
            for session in sorted(sessions, key=lambda each: each.pk)
        ],
        dtype=float,
    )
    found = read()
    assert only(found).alpha == agreement.alpha(levels)
    assert only(found).reliability == agreement.reliability(levels)
    assert only(found).reliability.model == "two-way"
    assert only(found).enough.count >= 1
    assert (found.session_count, found.scorecard_count) == (24, 48)
    by_name = {each.reviewer: each.severity for each in found.reviewers}
    assert by_name["Bob"].value == pytest.approx((levels[:, 0] - levels[:, 1]).mean(), abs=1e-4)
    assert by_name["Rita"].value == -by_name["Bob"].value


def test_below_twenty_pairs_there_are_no_numbers_at_all(interview, bob, rita, read):
    judged.judged_sessions(interview, (bob, rita), 19)
    found = read()
    estimates = [only(found).alpha, only(found).reliability.single, only(found).reliability.mean]
    estimates += [each.severity for each in found.reviewers]
    estimates += [each.kappa for each in found.machines]
    assert len(estimates) == 6
    for each in estimates:
        assert (each.value, each.low, each.high, each.reason) == (None, None, None, "too_few_pairs")
        assert (each.pair_count, each.missing_pair_count) == (19, 1)
    assert only(found).enough is None


def test_drafts_amended_and_seeing_scorecards_do_not_count(interview, alice, bob, rita, read):
    sessions = judged.judged_sessions(interview, (bob, rita), 22)
    before = read()
    first = sessions[0].scorecards.get(member=rita.membership)
    judged.judge(sessions[0], rita, 1, supersedes=first, reason="A slip.", is_blind=False)
    for session in sessions[1:]:
        judged.judge(session, alice, 1, is_blind=False)
    after = read()
    assert after.open_scorecard_count == 21
    assert after.competencies == before.competencies
    assert after.reviewers == before.reviewers
    judged.judge(sessions[0], alice, 5, state=Scorecard.State.DRAFT, submitted_at=None)
    assert only(read(bob)).alpha == only(before).alpha


@pytest.mark.parametrize("state", [Session.State.WITHDRAWN, Session.State.ERASED])
def test_a_session_that_was_taken_back_says_nothing(interview, bob, rita, read, state):
    sessions = judged.judged_sessions(interview, (bob, rita), 22)
    Session.objects.filter(pk=sessions[0].pk).update(state=state)
    assert read().session_count == 21
    Session.objects.filter(pk=sessions[0].pk).update(state=Session.State.DECIDED)
    assert read().session_count == 22


def test_insufficient_evidence_is_no_level(interview, bob, rita, read):
    for number in range(25):
        session = judged.session_to_judge(interview, number)
        judged.judge(session, bob, None)
        judged.judge(session, rita, 3)
    assert only(read()).alpha.pair_count == 0


def test_another_interview_s_scorecards_stay_there(acme, interview, bob, rita, read):
    judged.judged_sessions(rows.second_interview(acme), (bob, rita), 3)
    assert read().session_count == 0


# --- machines ------------------------------------------------------------------------------------
def test_machines_are_held_against_the_reviewers_mean_each_by_itself(interview, bob, rita, read):
    sessions = judged.judged_sessions(interview, (bob, rita), 24)
    for number, session in enumerate(sessions):
        judged.rate_by_machine(session, [5, 2], provider="openai", is_current=number > 0)
    found = {each.provider: each.kappa for each in read().machines}
    assert found["deterministic"].pair_count == 24
    assert found["deterministic"].value > 0.7
    assert found["openai"].pair_count == 23
    assert found["openai"].value == 0  # a constant agrees with nobody


def test_a_machine_s_level_is_its_weighted_mean_over_the_answers(interview, bob, read):
    sessions = [judged.session_to_judge(interview, number) for number in range(20)]
    first = sessions[0].version.questions.order_by("order").first()
    first.competencies.update(weight=3.0)
    for number, session in enumerate(sessions):
        level = number % 2 + 2
        judged.judge(session, bob, level)
        judged.rate_by_machine(
            session, [level + 1, level - 3 + 2]
        )  # 3 x (l + 1) + (l - 1) = 4 l + 2
    kappa = read().machines[0].kappa
    truth = np.array([number % 2 + 2.0 for number in range(20)])
    assert kappa.value == agreement.kappa(truth, truth + 0.5).value


# --- who sees it ---------------------------------------------------------------------------------
def test_reviewers_and_strangers_find_nothing(interview, rita, charlie, read):
    session = judged.session_to_judge(interview, 1)
    Assignment.objects.create(session=session, member=rita.membership)
    for who in (rita, charlie):
        with pytest.raises(Http404):
            read(who)


def test_a_session_is_left_out_until_one_s_own_review_of_it_is_in(
    interview, alice, bob, rita, read
):
    sessions = judged.judged_sessions(interview, (bob, rita), 22)
    open_to_her = read()
    Assignment.objects.create(session=sessions[0], member=alice.membership)
    blind = read()
    assert (blind.session_count, blind.hidden_session_count) == (21, 1)
    assert only(blind).alpha.pair_count == only(open_to_her).alpha.pair_count - 1
    assert {each.kappa.pair_count for each in blind.machines} == {21}
    assert {each.severity.pair_count for each in blind.reviewers} == {21}
    Scorecard.objects.filter(session=sessions[0]).update(note="changed")
    for card in sessions[0].scorecards.all():  # whatever others say there, she reads the same
        card.ratings.update(level=1)
    assert read() == blind
    judged.judge(sessions[0], alice, 3)
    assert read().hidden_session_count == 0
    assert read().session_count == 22


def test_queries_do_not_grow_with_sessions(interview, bob, rita, read, django_assert_num_queries):
    judged.judged_sessions(interview, (bob, rita), 2)
    with django_assert_num_queries(7):
        read()
    judged.judged_sessions(interview, (bob, rita), 20, first=2)
    with django_assert_num_queries(7):
        read()


# --- the page ------------------------------------------------------------------------------------
def test_the_board_leads_designers_to_the_page(interview, rita, look, signed_in):
    link = f'href="{board_of(interview, "agreement/")}"'
    assert link in look(board_of(interview))
    session = judged.session_to_judge(interview, 1)
    Assignment.objects.create(session=session, member=rita.membership)
    assert link not in squeezed(signed_in(rita).get(board_of(interview)))


def test_an_interview_that_nobody_has_judged_says_what_is_missing(interview, look):
    page = look(board_of(interview, "agreement/"))
    assert "Problem solving has 0 of 20 rated pairs: 20 are missing." in page
    assert "Assign two reviewers" in page
    assert '<svg class="interval"' not in page


def test_too_few_pairs_are_counted_on_the_page(interview, bob, rita, look):
    judged.judged_sessions(interview, (bob, rita), 19)
    page = look(board_of(interview, "agreement/"))
    assert "Problem solving has 19 of 20 rated pairs: 1 is missing." in page
    assert "Not enough to tell: 19 of 20 rated pairs, 1 missing." in page
    assert '<svg class="interval"' not in page


def test_every_number_on_the_page_has_its_interval_and_a_sentence(interview, bob, rita, look, read):
    judged.judged_sessions(interview, (bob, rita), 24)
    page = look(board_of(interview, "agreement/"))
    alpha = only(read()).alpha
    assert f"{alpha.value:.2f}" in page
    assert f"{alpha.low:.2f} to {alpha.high:.2f}" in page
    assert page.count('<svg class="interval"') == 6  # alpha, two ICC, two reviewers, one machine
    assert "Not enough to tell" not in page
    laid = agreement_page(read())
    for row in (*laid.competencies[0].rows, *laid.reviewers, *laid.machines):
        assert row.told.meaning.endswith(".")


def test_page_and_rest_tell_the_same(interview, alice, bob, rita, signed_in, read):
    judged.judged_sessions(interview, (bob, rita), 24)
    client = signed_in(alice)
    url = f"/api/v1/interviewer/interviews/{interview.key}/results/agreement"
    answer = client.get(url)
    body, found = answer.json(), only(read())
    assert body["competencies"][0]["alpha"] == {
        "value": found.alpha.value, "low": found.alpha.low, "high": found.alpha.high,
        "pair_count": 24, "session_count": 24, "reason": "",
    }  # fmt: skip
    assert body["competencies"][0]["enough"]["target"] == 0.7
    assert [each["is_me"] for each in body["reviewers"]] == [False, False]
    assert body["machines"][0]["provider"] == "deterministic"
    again = client.get(url, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    judged.judge(judged.session_to_judge(interview, 99), bob, 3)
    assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_the_schema_s_shape_is_the_answer_s(interview, alice, bob, rita, signed_in):
    from analysis.agreement_serializers import InterviewAgreementSerializer  # noqa: PLC0415

    judged.judged_sessions(interview, (bob, rita), 24)
    url = f"/api/v1/interviewer/interviews/{interview.key}/results/agreement"
    body = signed_in(alice).get(url).json()
    assert dict(InterviewAgreementSerializer(body).data) == body

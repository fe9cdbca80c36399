"""The candidate's REST, as a program and the recorder use it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from interviews.models import ConsentRecord, InterviewQuestion, Invitation, Session, Take
from interviews.notices import consent_notice
from ops import rates
from tests import factories

API = "/api/v1/candidate"
JSON = "application/json"


class Program:
    """A client that keeps its cookie and sends its CSRF token, as a program would."""

    def __init__(self):
        self.http = Client(enforce_csrf_checks=True)
        self.csrf = ""

    def get(self, path):
        return self.http.get(f"{API}/{path}")

    def post(self, path, body=None):
        return self.http.post(
            f"{API}/{path}",
            body if body is not None else {},
            content_type=JSON,
            headers={"X-CSRFToken": self.csrf} if self.csrf else {},
        )

    def start(self, token):
        answer = self.post("start", {"token": token})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf_token"]
        return answer


@pytest.fixture
def program(invitation):
    cache.clear()
    program = Program()
    program.start(invitation[1])
    return program


@pytest.fixture
def ready(program):
    program.post("consents", {"granted": {"recording": True, "ai_analysis": True}})
    return program


def questions(program):
    return program.get("session").json()["questions"]


def test_start_gives_the_session_a_cookie_and_the_csrf_token(db, invitation):
    program = Program()
    answer = program.start(invitation[1])
    assert answer.status_code == 200
    document = answer.json()
    assert document["session"]["state"] == "invited"
    assert len(document["session"]["questions"]) == 2
    assert document["session"]["run"]["state"] == "open"
    assert answer.cookies["candor_candidate"]["httponly"]
    assert "no-store" in answer["Cache-Control"]
    assert document["csrf_token"]


def test_bad_tokens_all_get_the_same_problem(db, interview):
    _, expired = factories.make_invitation(interview, expires_in=timedelta(seconds=-1))
    answers = [Program().start(token) for token in ("wrong", expired, "x" * 43)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0]["Content-Type"] == "application/problem+json"


def test_a_start_without_token_is_bad_input(db):
    answer = Program().post("start", {})
    assert answer.status_code == 400
    assert "token" in answer.json()["errors"]


def test_an_address_can_not_try_links_for_ever(db):
    program = Program()
    statuses = [program.start("wrong").status_code for _ in range(11)]
    assert statuses == [404] * 10 + [429]


def test_without_the_cookie_nothing_is_told(db):
    for path in ("session", "consents"):
        assert Program().get(path).status_code == 401
    for path in ("consents", f"responses/{uuid4()}/submit", "session/submit"):
        assert Program().post(path).status_code == 401


def test_a_forged_cookie_is_not_believed(db):
    program = Program()
    program.http.cookies["candor_candidate"] = "forged"
    assert program.get("session").status_code == 401


def test_a_members_session_and_key_open_nothing_of_a_candidate(session, alice, signed_in):
    assert signed_in(alice).get(f"{API}/session").status_code == 401


def test_a_revoked_link_ends_the_visit(program):
    Invitation.objects.update(revoked_at=timezone.now())
    assert program.get("session").status_code == 401


@pytest.mark.parametrize("path", ["consents", "session/submit", "responses/{}/submit"])
def test_csrf_is_enforced(program, path):
    response_id = questions(program)[0]["response_id"]
    program.csrf = ""
    answer = program.post(path.format(response_id), {"granted": {"recording": True}})
    assert answer.status_code == 403
    assert not ConsentRecord.objects.exists()


def test_the_notice_is_read_and_answered(program, interview):
    notice = program.get("consents").json()
    assert notice["content_hash"] == consent_notice(interview).content_hash
    assert notice["scopes"][0]["scope"] == "recording"
    answer = program.post(
        "consents", {"granted": {"recording": True}, "notice_hash": notice["content_hash"]}
    )
    assert answer.json()["state"] == "consented"
    assert answer.json()["granted_scopes"] == ["recording"]


@pytest.mark.parametrize(
    "body", [{}, {"granted": []}, {"granted": {"soul": True}}, {"granted": {"recording": "maybe"}}]
)
def test_a_consent_that_makes_no_sense_is_bad_input(program, body):
    answer = program.post("consents", body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_notice_that_changed_is_a_conflict(program):
    answer = program.post("consents", {"granted": {"recording": True}, "notice_hash": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (409, "notice_changed")


def test_the_whole_way_in_text(ready):
    for question in questions(ready):
        answer = ready.post(f"responses/{question['response_id']}/submit", {"text": "I asked."})
        assert answer.status_code == 200
    document = answer.json()
    assert document["can_submit"]
    assert [each["state"] for each in document["questions"]] == ["answered", "answered"]
    submitted = ready.post("session/submit")
    assert submitted.status_code == 200
    assert submitted.json()["state"] == "submitted"
    assert submitted.json()["run"]["id"] == document["run"]["id"]
    assert ready.post("session/submit").json()["submitted_at"] == submitted.json()["submitted_at"]


def test_submitting_too_early_is_a_conflict_that_names_the_question(ready):
    answer = ready.post("session/submit")
    assert (answer.status_code, answer.json()["code"]) == (409, "answer_missing")
    assert "Question 1" in answer.json()["detail"]


def test_an_answer_without_recording_is_a_conflict(ready):
    answer = ready.post(f"responses/{questions(ready)[0]['response_id']}/submit")
    assert (answer.status_code, answer.json()["code"]) == (409, "answer_not_received")


def test_a_skip_and_a_text_together_are_bad_input(ready):
    path = f"responses/{questions(ready)[0]['response_id']}/submit"
    assert ready.post(path, {"text": "Yes", "skip": True}).status_code == 400
    assert ready.post(path, {"text": "x" * 20_001}).status_code == 400


def test_an_optional_question_is_skipped(ready):
    InterviewQuestion.objects.update(required=False)
    path = f"responses/{questions(ready)[0]['response_id']}/submit"
    assert ready.post(path, {"skip": True}).json()["questions"][0]["state"] == "skipped"


def test_somebody_elses_response_does_not_exist(ready, interview):
    other = factories.make_session(interview, alias="Tern 11").responses.first()
    for response_id in (other.pk, uuid4()):
        answer = ready.post(f"responses/{response_id}/submit", {"text": "Mine now."})
        assert answer.status_code == 404
    other.refresh_from_db()
    assert other.state == "open"


def test_takes_are_told_with_what_is_left_and_why_one_failed(ready):
    response = Session.objects.get().responses.get(question__order=1)
    recording = factories.make_recording(response)
    Take.objects.filter(pk=recording.take_id).update(
        state="technical_failed", is_counted=False, failure_code="no_audio_track"
    )
    factories.make_recording(response)
    question = questions(ready)[0]
    assert (question["state"], question["takes_left"]) == ("checking", 1)
    first, second = question["takes"]
    assert (first["is_counted"], second["is_counted"]) == (False, True)
    assert first["failure"]["code"] == "no_audio_track"
    assert first["failure"]["message"]
    assert second["failure"] is None


def test_after_the_deadline_she_still_sees_what_becomes_of_it(ready):
    Session.objects.update(deadline_at=timezone.now())
    assert ready.get("session").status_code == 200
    assert ready.post("session/submit").json()["code"] == "session_over"


def test_a_revoked_link_says_so_to_whoever_holds_its_cookie(ready):
    Invitation.objects.update(revoked_at=timezone.now())
    answer = ready.get("session")
    assert (answer.status_code, answer.json()["code"]) == (401, "link_revoked")


def test_withdrawing_by_rest_twice_gives_the_same_answer(ready):
    for _ in range(2):
        answer = ready.post("session/withdraw")
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
        assert answer.json()["granted_scopes"] == []
    assert ready.post("session/submit").json()["code"] == "session_withdrawn"


def test_the_session_costs_the_same_queries_for_two_questions_as_for_ten(
    ready, django_assert_max_num_queries, django_assert_num_queries
):
    rates.forget()  # measured once in a while; here both requests measure
    with django_assert_max_num_queries(12) as counted:
        ready.get("session")
    session = Session.objects.get()
    for order in range(3, 11):
        question = InterviewQuestion.objects.create(
            version=session.version, order=order, kind="text", text="Why?", modes=["audio"]
        )
        factories.make_recording(session.responses.create(question=question))
    rates.forget()
    with django_assert_num_queries(len(counted)):
        assert len(questions(ready)) == 10

"""REST: writing one's scorecard, submitting it, and reading the panel."""

import pytest
from django.utils import timezone

from analysis.models import Scorecard
from interviews.models import Assignment
from ops.services import create_api_key
from tests import factories
from tests.analysis import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(interview, rita):
    """A session to judge, assigned to rita."""
    session, _, _ = rows.ready_session(interview)
    Assignment.objects.create(session=session, member=rita.membership)
    return session


@pytest.fixture
def rubric_id(ready):
    return str(ready.version.questions.first().competencies.get().rubric_id)


def address(session, tail="/mine"):
    key = session.version.interview.key
    return f"/api/v1/interviewer/interviews/{key}/results/sessions/{session.pk}/scorecards{tail}"


def put(client, session, body, **headers):
    return client.put(address(session), body, content_type="application/json", headers=headers)


def post(client, session, tail, body=None, **headers):
    return client.post(
        address(session, f"/mine/{tail}"), body or {}, content_type="application/json",
        headers=headers,
    )  # fmt: skip


def marked(rubric_id, level=4, **more):
    return {"ratings": [{"rubric_id": rubric_id, "level": level, "note": "Clear."}], **more}


# --- writing -------------------------------------------------------------------------------------
def test_a_scorecard_is_blank_saved_and_read_again(ready, rubric_id, rita, signed_in):
    client = signed_in(rita)
    blank = client.get(address(ready))
    assert blank.json() | {"ratings": []} == {
        "id": None, "session_id": str(ready.pk), "reviewer": "", "is_mine": True,
        "state": "draft", "edit_number": 0, "note": "", "recommendation": "", "is_blind": True,
        "supersedes": None, "reason": "", "submitted_at": None, "ratings": [],
    }  # fmt: skip
    body = marked(rubric_id, note="Calm.", recommendation="yes")
    saved = put(client, ready, body, **{"If-Match": blank["ETag"]})
    assert saved.status_code == 200, saved.content
    assert saved.json()["edit_number"] == 1
    again = client.get(address(ready))
    assert again.json() == saved.json()
    assert again.json()["ratings"][0]["level"] == 4
    same = client.get(address(ready), headers={"If-None-Match": again["ETag"]})
    assert same.status_code == 304


def test_who_comes_second_gets_both_texts(ready, rubric_id, rita, signed_in):
    client = signed_in(rita)
    assert put(client, ready, marked(rubric_id, 4, edit_number=0)).status_code == 200
    late = put(client, ready, marked(rubric_id, 2, edit_number=0, note="Slow."))
    assert late.status_code == 409
    problem = late.json()
    assert problem["code"] == "edited_meanwhile"
    assert problem["edit_number"] == 1
    assert problem["differences"]["note"] == {"theirs": "", "yours": "Slow."}
    assert problem["differences"]["ratings"]["theirs"][0]["level"] == 4
    assert problem["differences"]["ratings"]["yours"][0]["level"] == 2
    same = put(client, ready, marked(rubric_id, 4, edit_number=0))
    assert same.status_code == 200  # the same text is no conflict


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ratings": [{"level": 3}]}, "ratings.0.rubric_id"),
        ({"ratings": [{"rubric_id": "RUBRIC", "level": 6}]}, "ratings.0.level"),
        (
            {"ratings": [{"rubric_id": "RUBRIC", "level": 3, "is_insufficient": True}]},
            "ratings.0.is_insufficient",
        ),
        ({"ratings": [{"rubric_id": "RUBRIC"}, {"rubric_id": "RUBRIC"}]}, "ratings"),
        ({"recommendation": "hire"}, "recommendation"),
        ({"note": "x" * 5001}, "note"),
        ({"verdict": "yes"}, "verdict"),
        ({"edit_number": None}, "edit_number"),
        ({}, "edit_number"),
    ],
)
def test_wrong_input_is_named(ready, rubric_id, rita, signed_in, body, field):
    for row in body.get("ratings", ()):
        if "rubric_id" in row:
            row["rubric_id"] = rubric_id
    answer = put(signed_in(rita), ready, body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Scorecard.objects.exists()


# --- submitting and judging again ----------------------------------------------------------------
def test_submitting_freezes_and_can_be_repeated_by_its_key(ready, rubric_id, rita, signed_in):
    client = signed_in(rita)
    empty = post(client, ready, "submit", {"edit_number": 0})
    assert (empty.status_code, empty.json()["code"]) == (409, "scorecard_empty")
    put(client, ready, marked(rubric_id, edit_number=0))
    late = post(client, ready, "submit", {"edit_number": 0})
    assert (late.status_code, late.json()["code"]) == (409, "edited_meanwhile")
    first = post(client, ready, "submit", {"edit_number": 1}, **{"Idempotency-Key": "one"})
    again = post(client, ready, "submit", {"edit_number": 1}, **{"Idempotency-Key": "one"})
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["state"] == "submitted"
    frozen = put(client, ready, marked(rubric_id, 1, edit_number=1))
    assert (frozen.status_code, frozen.json()["code"]) == (409, "scorecard_submitted")
    assert client.delete(address(ready)).status_code == 409


def test_an_amendment_is_a_new_draft_with_its_reason(ready, rubric_id, rita, signed_in):
    client = signed_in(rita)
    put(client, ready, marked(rubric_id, edit_number=0))
    post(client, ready, "submit", {"edit_number": 1})
    assert post(client, ready, "amend", {"reason": " "}).status_code == 400
    amended = post(client, ready, "amend", {"reason": "A slip."})
    assert amended.status_code == 200
    assert amended.json()["state"] == "draft"
    assert amended.json()["reason"] == "A slip."
    assert client.delete(address(ready)).status_code == 204
    assert client.get(address(ready)).json()["state"] == "submitted"


# --- reading -------------------------------------------------------------------------------------
def test_the_panel_opens_with_one_s_own_submission(ready, rubric_id, rita, bob, signed_in):
    for user, level in ((bob, 2), (rita, 5)):
        put(signed_in(user), ready, marked(rubric_id, level, edit_number=0))
    post(signed_in(bob), ready, "submit", {"edit_number": 1})
    before = signed_in(rita).get(address(ready, "")).json()
    assert (before["is_blind"], before["scorecards"]) == (True, [])
    assert before["mine"]["ratings"][0]["level"] == 5
    assert [anchor["level"] for anchor in before["scales"][0]["anchors"]] == [1, 2, 3, 4, 5]
    post(signed_in(rita), ready, "submit", {"edit_number": 1})
    after = signed_in(rita).get(address(ready, "")).json()
    assert after["competencies"][0]["mean_level"] == 3.5
    assert after["competencies"][0]["rated_count"] == 2
    assert after["progress"] == {"assigned": 1, "submitted": 1, "unassigned": 1}


def with_key(user, *scopes):
    _, key = create_api_key(user=user, name="k", scopes=list(scopes), now=timezone.now())
    return {"Authorization": f"Bearer {key}"}


def test_a_key_that_reads_results_can_t_write_a_scorecard(ready, rubric_id, rita, client):
    reads = with_key(rita, "results:read")
    assert client.get(address(ready), headers=reads).status_code == 200
    assert client.get(address(ready, ""), headers=reads).status_code == 200
    assert put(client, ready, marked(rubric_id, edit_number=0), **reads).status_code == 403
    writes = with_key(rita, "reviews:write")
    assert put(client, ready, marked(rubric_id, edit_number=0), **writes).status_code == 200
    assert client.get(address(ready), headers=writes).json()["edit_number"] == 1


def test_a_reviewer_without_the_session_and_a_stranger_find_nothing(
    ready, rubric_id, acme, charlie, signed_in
):
    other = factories.make_member(acme, "ron@acme.test", "reviewer")
    for user in (other, charlie):
        client = signed_in(user)
        answers = [
            client.get(address(ready)),
            client.get(address(ready, "")),
            put(client, ready, marked(rubric_id, edit_number=0)),
            post(client, ready, "submit", {"edit_number": 0}),
            post(client, ready, "amend", {"reason": "A slip."}),
            client.delete(address(ready)),
        ]
        assert {answer.status_code for answer in answers} == {404}

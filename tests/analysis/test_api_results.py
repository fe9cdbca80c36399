"""REST: reading sessions, results and recordings; what each read costs, and who may."""

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from interviews.models import Assignment, Session
from ops.services import create_api_key
from recordings.models import Rendition, UrlGrant
from recordings.storage import forbidden_storage
from tests import factories
from tests.analysis import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(interview):
    """(session, recordings, run) with everything there is to read."""
    return rows.ready_session(interview)


def results(interview, tail="", key=None):
    return f"/api/v1/interviewer/interviews/{key or interview.key}/results/sessions{tail}"


def data_only(session, recording=None):
    middle = f"/recordings/{recording.pk}" if recording else ""
    return results(session.version.interview, f"/{session.pk}{middle}/data-only")


def short_form(session, tail="/data"):
    return f"/api/v1/interviewer/{session.version.interview.key}/results/{session.pk}{tail}"


def every_read(session, recording):
    return (
        results(session.version.interview),
        data_only(session),
        data_only(session, recording),
        short_form(session),
        results(session.version.interview, f"/{session.pk}/batch-status"),
    )


# --- the list ------------------------------------------------------------------------------------
def listed(client, interview, **query):
    answer = client.get(results(interview), query)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_sessions_are_listed_newest_first_with_what_they_came_to(
    alice, interview, ready, signed_in
):
    session, recordings, run = ready
    empty = factories.make_session(interview, alias="Robin 7")
    newest, row = signed_in(alice).get(results(interview)).json()["results"]
    assert [newest["id"], row["id"]] == [str(empty.pk), str(session.pk)]
    assert (newest["run"], newest["raters"], newest["answered_count"]) == (None, [], 0)
    assert (row["answered_count"], row["question_count"], row["recording_count"]) == (2, 2, 2)
    assert row["raters"] == [
        {
            "provider": "deterministic",
            "mean_level": 4.0,
            "rated_count": 2,
            "insufficient_count": 0,
        }
    ]
    assert row["run"]["id"] == str(run.pk)
    assert "jobs" not in row["run"]
    assert len(recordings) == 2


def test_pages_of_the_list_neither_repeat_nor_lose_a_session(alice, interview, signed_in):
    made = [str(factories.make_session(interview, alias=f"Wren {n}").pk) for n in range(5)]
    client = signed_in(alice)
    page = client.get(results(interview), {"page_size": 2}).json()
    seen = page["results"]
    factories.make_session(interview, alias="Wren 99")  # arrives while somebody turns the pages
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += page["results"]
    assert [row["id"] for row in seen] == made[::-1]


def test_the_list_is_filtered_by_state_day_reference_and_reviewer(
    alice, rita, interview, signed_in
):
    old, mine, done = (factories.make_session(interview, alias=f"Wren {n}") for n in range(3))
    long_ago = timezone.now() - timedelta(days=10)
    Session.objects.filter(pk=old.pk).update(created_at=long_ago, external_id="ats-7")
    Session.objects.filter(pk=done.pk).update(state="decided")
    Assignment.objects.create(session=mine, member=rita.membership)
    client = signed_in(alice)

    def found(**query):
        return set(listed(client, interview, **query))

    day = long_ago.date().isoformat()
    assert found() == {str(s.pk) for s in (old, mine, done)}
    assert found(state="decided") == {str(done.pk)}
    assert found(state=["decided", "in_progress"]) == {str(s.pk) for s in (old, mine, done)}
    assert found(until_on=day) == {str(old.pk)}
    assert found(from_on=day, until_on=day) == {str(old.pk)}
    assert found(from_on=timezone.now().date().isoformat()) == {str(mine.pk), str(done.pk)}
    assert found(external_id="ats-7") == {str(old.pk)}
    assert found(reviewer=rita.email.upper()) == {str(mine.pk)}
    assert found(reviewer=alice.email) == set()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "finished"}, "state"),
        ({"from_on": "yesterday"}, "from_on"),
        ({"reviewer": "rita"}, "reviewer"),
        ({"page_size": "0"}, "page_size"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_a_wrong_filter_is_explained(alice, interview, signed_in, query, field):
    answer = signed_in(alice).get(results(interview), query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.json()["errors"]


# --- data only -----------------------------------------------------------------------------------
def test_a_session_is_read_whole(alice, ready, signed_in):
    session, recordings, run = ready
    data = signed_in(alice).get(data_only(session)).json()
    answer = data["answers"][0]
    recording = answer["recordings"][0]
    assert (data["id"], data["candidate_alias"]) == (str(session.pk), "Heron 42")
    assert data["consents"] == {"recording": True, "ai_analysis": True}
    assert recording["id"] == str(recordings[0].pk)
    assert recording["transcript"]["text"] == rows.SPOKEN
    assert recording["quality"]["clipped_share"] is None
    assert recording["quality"]["reasons"]["clipped_share"]
    assert answer["text_metrics"]["rate_wpm"] == 120.0
    assert answer["ratings"][0]["evidence"][0]["verified"] is True
    assert data["run"]["id"] == str(run.pk)
    assert data["missing"] == []


def test_neither_urls_nor_the_candidates_name_are_in_any_read(alice, ready, signed_in):
    session, recordings, _ = ready
    client = signed_in(alice)
    for url in (data_only(session), data_only(session, recordings[0]), short_form(session)):
        text = client.get(url).content.decode()
        assert "http" not in text
        assert "/transfer/" not in text
        assert "object_key" not in text
        assert "Carol" not in text


def test_a_recording_is_read_as_it_stands_in_its_session(alice, ready, signed_in):
    session, recordings, _ = ready
    client = signed_in(alice)
    whole = client.get(data_only(session)).json()
    alone = client.get(data_only(session, recordings[1])).json()
    assert alone == whole["answers"][1]["recordings"][0]


def test_the_short_address_gives_the_same_data(alice, ready, signed_in):
    client = signed_in(alice)
    long, short = client.get(data_only(ready[0])), client.get(short_form(ready[0]))
    assert short.status_code == 200
    assert short.content == long.content


def test_the_short_address_of_a_download_leads_to_its_bytes(alice, ready, signed_in):
    session, (recording, *_), _ = ready
    answer = signed_in(alice).get(short_form(session, f"/recordings/{recording.pk}/download"))
    assert answer.status_code == 302
    assert "/transfer/" in answer["Location"]
    assert answer["Cache-Control"] == "no-store"
    assert UrlGrant.objects.get().purpose == "download"


def test_what_has_not_changed_is_not_sent_again(alice, ready, signed_in):
    session, recordings, _ = ready
    client = signed_in(alice)
    for url in every_read(session, recordings[0]):
        first = client.get(url)
        again = client.get(url, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b""), url
    first = client.get(data_only(session))
    session.external_id = "ats-7"
    session.save(update_fields=["external_id"])
    again = client.get(data_only(session), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert again.json()["external_id"] == "ats-7"


# --- what a read costs ---------------------------------------------------------------------------
def test_no_read_touches_storage_or_issues_a_url(alice, ready, signed_in):
    session, recordings, _ = ready
    client = signed_in(alice)
    with forbidden_storage():
        for url in every_read(session, recordings[0]):
            assert client.get(url).status_code == 200
    assert Rendition.objects.exists()
    assert not UrlGrant.objects.exists()


def test_twenty_recordings_cost_as_many_queries_as_one(acme, queries_of):
    small = rows.ready_session(factories.make_interview(acme, questions=rows.TWENTY[:1]))
    large = rows.ready_session(rows.second_interview(acme), alias="Heron 43")
    assert (len(small[1]), len(large[1])) == (1, 20)
    pairs = zip(every_read(small[0], small[1][0]), every_read(large[0], large[1][0]), strict=True)
    for one, many in pairs:
        assert queries_of(one) == queries_of(many) <= 24, one


def test_twenty_sessions_cost_as_many_queries_as_one(interview, queries_of):
    rows.ready_session(interview)
    one = queries_of(results(interview))
    for number in range(19):
        rows.ready_session(interview, alias=f"Robin {number}", answers=1)
    assert queries_of(results(interview)) == one


# --- who may -------------------------------------------------------------------------------------
def test_for_a_stranger_and_an_unassigned_reviewer_there_is_nothing(
    charlie, rita, ready, signed_in
):
    session, recordings, _ = ready
    listing, *others = every_read(session, recordings[0])
    for user in (charlie, rita):
        answers = [signed_in(user).get(url) for url in others]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.json()["code"] for answer in answers} == {"not_found"}
    assert signed_in(charlie).get(listing).status_code == 404
    unknown = signed_in(charlie).get(results(None, f"/{uuid.uuid4()}/data-only", key="nowhere"))
    foreign = signed_in(charlie).get(data_only(session))
    assert unknown.content == foreign.content


def test_a_reviewer_reads_and_lists_only_what_is_assigned_to_her(rita, interview, ready, signed_in):
    session, recordings, _ = ready
    factories.make_session(interview, alias="Robin 7")
    Assignment.objects.create(session=session, member=rita.membership)
    client = signed_in(rita)
    assert {client.get(url).status_code for url in every_read(session, recordings[0])} == {200}
    assert listed(client, interview) == [str(session.pk)]


def test_a_session_is_not_found_under_another_interview_of_the_same_team(
    acme, alice, ready, signed_in
):
    other = rows.second_interview(acme)
    assert signed_in(alice).get(results(other, f"/{ready[0].pk}/data-only")).status_code == 404


def test_nobody_known_is_asked_to_sign_in(client, ready):
    session, recordings, _ = ready
    for url in every_read(session, recordings[0]):
        answer = client.get(url)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert json.loads(answer.content)["code"] == "not_authenticated"


def test_an_api_key_reads_only_with_its_scope(client, alice, ready):
    session, recordings, _ = ready
    for scopes, status in ((["urls:issue"], 403), (["results:read"], 200)):
        _, key = create_api_key(user=alice, name="r", scopes=scopes, now=timezone.now())
        headers = {"Authorization": f"Bearer {key}"}
        for url in every_read(session, recordings[0]):
            assert client.get(url, headers=headers).status_code == status, url


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_results_are_only_read(alice, ready, signed_in, method):
    assert getattr(signed_in(alice), method)(data_only(ready[0])).status_code == 405

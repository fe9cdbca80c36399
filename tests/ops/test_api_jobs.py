"""REST of jobs: lists with filters and pages, retry and cancel."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from interviews.models import Assignment
from ops.models import Job
from ops.permissions import visible_jobs
from tests import factories
from tests.ops.runs import make_job, make_run

URL = "/api/v1/jobs"


@pytest.fixture
def run(session):
    return make_run(session)


def stages(answer):
    assert answer.status_code == 200, answer.content
    return [entry["stage"] for entry in answer.json()["results"]]


def test_members_see_their_organizations_jobs_newest_first(run, alice, charlie, signed_in):
    make_job(run, stage="verify")
    make_job(run, stage="prepare")
    assert stages(signed_in(alice).get(URL)) == ["prepare", "verify"]
    assert stages(signed_in(charlie).get(URL)) == []


def test_a_reviewer_sees_the_jobs_of_her_sessions_only(run, session, interview, rita, signed_in):
    make_job(run, stage="verify")
    make_job(make_run(factories.make_session(interview, alias="Wren 7")), stage="prepare")
    assert stages(signed_in(rita).get(URL)) == []
    Assignment.objects.create(session=session, member=rita.membership)
    assert stages(signed_in(rita).get(URL)) == ["verify"]


def test_jobs_are_filtered_by_state_kind_session_and_run(run, interview, alice, signed_in):
    make_job(run, stage="verify", state=Job.State.DONE)
    make_job(run, stage="prepare")
    other = make_run(factories.make_session(interview, alias="Wren 7"))
    make_job(other, stage="verify")
    client = signed_in(alice)

    def found(**filters):
        return sorted(stages(client.get(URL, filters)))

    assert found(state="done") == ["verify"]
    assert found(kind="verify") == ["verify", "verify"]
    assert found(session=run.subject_id) == ["prepare", "verify"]
    assert found(run=other.id) == ["verify"]
    assert found(kind="verify", state="waiting", session=run.subject_id) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "asleep"},
        {"session": "x"},
        {"page_size": "0"},
        {"page_size": "101"},
        {"page_size": "-1"},
        {"page_size": "9" * 5000},
        {"page_size": "ten"},
        {"cursor": "forged"},
        {"cursor": ""},
        {"kind": "x" * 41},
        {"kind": "\x00"},
    ],
)
def test_wrong_filters_are_named(run, alice, signed_in, wrong):
    answer = signed_in(alice).get(URL, wrong)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(wrong)


def test_pages_cover_every_job_once_while_new_ones_come(run, alice, signed_in):
    made = [make_job(run, stage=f"stage-{n}").stage for n in range(7)]
    client = signed_in(alice)
    answer = client.get(URL, {"page_size": 3})
    seen = stages(answer)
    make_job(run, stage="late")
    while following := answer.json()["next"]:
        answer = client.get(following)
        seen += stages(answer)
    assert seen == made[::-1]
    assert answer.json()["previous"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
@pytest.mark.parametrize("filters", [{}, {"state": "dead"}, {"stage": "prepare"}])
def test_a_page_neither_sorts_nor_gathers_what_it_does_not_show(alice, principal, filters):
    plan = visible_jobs(principal(alice)).filter(**filters).order_by("-id")[:51].explain()
    assert plan.splitlines()[0].endswith("SCAN ops_job")  # newest first, until the page is full
    assert "TEMP B-TREE" not in plan
    assert "LIST SUBQUERY" not in plan


def test_a_cursor_fits_its_own_list_only(run, alice, signed_in):
    for n in range(3):
        make_job(run, stage=f"stage-{n}")
    client = signed_in(alice)
    following = client.get(URL, {"page_size": 1, "state": "waiting"}).json()["next"]
    assert client.get(following).status_code == 200
    stolen = client.get(following.replace("state=waiting", "state=done"))
    assert stolen.status_code == 400
    assert "cursor" in stolen.json()["errors"]


def test_a_list_takes_a_fixed_number_of_queries(
    run, alice, signed_in, django_assert_max_num_queries
):
    for n in range(20):
        make_job(run, stage=f"stage-{n}", state=Job.State.DEAD, failure_code="network_timeout")
    client = signed_in(alice)
    with django_assert_max_num_queries(10):
        assert len(stages(client.get(URL))) == 20


def test_one_job_is_shown_to_those_who_may_see_its_run(run, alice, charlie, signed_in):
    job = make_job(run)
    shown = signed_in(alice).get(f"{URL}/{job.public_id}").json()
    assert (shown["id"], shown["run_id"]) == (str(job.public_id), str(run.id))
    assert signed_in(charlie).get(f"{URL}/{job.public_id}").status_code == 404
    assert signed_in(alice).get(f"{URL}/{job.pk}").status_code == 404  # numbers name nothing


def test_a_dead_job_is_driven_again(run, alice, signed_in):
    job = make_job(run, state=Job.State.DEAD, failure_code="network_timeout", attempts=3)
    answer = signed_in(alice).post(f"{URL}/{job.public_id}/retry")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["attempts"]) == ("waiting", 0)


def test_only_a_dead_job_can_be_retried(run, alice, signed_in):
    answer = signed_in(alice).post(f"{URL}/{make_job(run).public_id}/retry")
    assert answer.status_code == 409
    assert answer.json()["code"] == "job_not_dead"


def test_a_waiting_job_is_cancelled_and_an_ended_one_is_not(run, alice, signed_in):
    client = signed_in(alice)
    job = make_job(run)
    answer = client.post(f"{URL}/{job.public_id}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert client.post(f"{URL}/{job.public_id}/cancel").status_code == 409


@pytest.mark.parametrize("action", ["retry", "cancel", "reschedule"])
def test_strangers_and_reviewers_change_nothing(run, session, rita, charlie, signed_in, action):
    Assignment.objects.create(session=session, member=rita.membership)
    job = make_job(run, state=Job.State.DEAD, failure_code="network_timeout")
    path = f"{URL}/{job.public_id}/{action}"
    assert signed_in(charlie).post(path).status_code == 404
    assert signed_in(rita).post(path).status_code == 403
    job.refresh_from_db()
    assert job.state == Job.State.DEAD


def test_a_retry_sent_twice_with_one_key_is_done_once(run, alice, signed_in):
    job = make_job(run, state=Job.State.DEAD, failure_code="network_timeout")
    client = signed_in(alice)
    path, headers = f"{URL}/{job.public_id}/retry", {"Idempotency-Key": "again-1"}
    first, second = client.post(path, headers=headers), client.post(path, headers=headers)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"


def reschedule(client, job, **to):
    path = f"{URL}/{job.public_id}/reschedule"
    return client.post(path, to, content_type="application/json")


def test_a_waiting_job_is_moved_by_priority_and_by_moment(run, alice, signed_in):
    client, job = signed_in(alice), make_job(run)
    answer = reschedule(client, job, priority="high", run_at="2099-01-01T00:00:00Z")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late_a_start")
    moment = timezone.now() + timedelta(days=1)
    answer = reschedule(client, job, priority="high", run_at=moment.isoformat())
    assert (answer.status_code, answer.json()["priority"]) == (200, "high")
    assert datetime.fromisoformat(answer.json()["run_at"]) == moment


@pytest.mark.parametrize(
    "wrong", [{}, {"priority": "urgent"}, {"run_at": "soon"}, {"priority": 50}]
)
def test_a_move_must_say_where_to(run, alice, signed_in, wrong):
    answer = reschedule(signed_in(alice), make_job(run), **wrong)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == (set(wrong) or {"non_field_errors"})

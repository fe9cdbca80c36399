"""REST of runs: seen and stopped by those who may, and by nobody else."""

import pytest
from django.test import Client
from django.utils import timezone

from interviews.models import Assignment
from ops.models import AuditEntry, Job, Run
from ops.services import create_api_key
from tests.ops.runs import make_job, make_run, tell

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def run(session):
    run = make_run(session)
    make_job(run)
    return run


def url(run, tail=""):
    return f"/api/v1/analysis/{getattr(run, 'id', run)}{tail}"


def test_a_run_is_shown_with_its_stages(run, alice, signed_in):
    tell(run, "stage")
    answer = signed_in(alice).get(url(run))
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["id"], shown["state"], shown["last_event_seq"]) == (str(run.id), "open", 1)
    (job,) = shown["jobs"]
    assert (job["stage"], job["state"], job["failure"]) == ("verify", "waiting", None)
    assert job["id"] == str(run.jobs.get().public_id)


def test_a_failed_stage_says_what_to_do(run, alice, signed_in):
    make_job(run, stage="transcribe", state=Job.State.DEAD, failure_code="no_audio_track")
    job = signed_in(alice).get(url(run)).json()["jobs"][1]
    assert job["failure"]["code"] == "no_audio_track"
    assert job["failure"]["message"]
    assert job["failure"]["suggestion"]


def test_polling_gets_the_few_facts_it_needs(run, alice, signed_in):
    assert set(signed_in(alice).get(url(run, "/status")).json()) == {
        "run_id",
        "status",
        "percent",
        "current_stage",
        "estimated_completion_s",
        "estimated_error_s",
        "last_event_seq",
    }


def test_a_poll_that_finds_nothing_new_gets_304(run, alice, signed_in):
    client = signed_in(alice)
    first = client.get(url(run))
    again = client.get(url(run), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    tell(run, "stage")
    assert client.get(url(run), headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("tail", ["", "/status", "/stream"])
def test_a_foreign_run_and_an_unknown_one_are_the_same_404(run, charlie, rita, signed_in, tail):
    headers = {"Accept": "*/*"}
    answers = [
        signed_in(charlie).get(url(run, tail), headers=headers),
        signed_in(charlie).get(url(UNKNOWN, tail), headers=headers),
        signed_in(rita).get(url(run, tail), headers=headers),  # it is not assigned to her
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_run_that_another_organization_paid_for_is_foreign(run, charlie, alice, signed_in):
    run.organization = charlie.membership.organization  # though the session is alice's own
    run.save()
    assert [signed_in(u).get(url(run)).status_code for u in (alice, charlie)] == [404, 404]


def test_a_reviewer_sees_an_assigned_run_but_may_not_stop_it(run, session, rita, signed_in):
    Assignment.objects.create(session=session, member=rita.membership)
    client = signed_in(rita)
    assert client.get(url(run)).status_code == 200
    assert client.post(url(run, "/cancel")).status_code == 403
    run.refresh_from_db()
    assert run.state == Run.State.OPEN


def test_a_run_is_cancelled_once_and_audited(run, alice, signed_in):
    client = signed_in(alice)
    answer = client.post(url(run, "/cancel"))
    assert answer.status_code == 200
    assert answer.json()["state"] == "cancelled"
    assert client.post(url(run, "/cancel")).status_code == 200
    assert AuditEntry.objects.get(action="run.cancelled").actor == f"member:{alice.pk}"


def test_a_strangers_cancel_changes_nothing(run, charlie, signed_in):
    assert signed_in(charlie).post(url(run, "/cancel")).status_code == 404
    run.refresh_from_db()
    assert run.state == Run.State.OPEN


def test_a_key_does_what_its_scopes_say(run, alice, client):
    _, key = create_api_key(user=alice, name="r", scopes=["results:read"], now=timezone.now())
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get(url(run), headers=headers).status_code == 200
    refused = client.post(url(run, "/cancel"), headers=headers)
    assert refused.status_code == 403
    assert refused.json()["code"] == "permission_denied"


def test_a_browser_needs_its_csrf_token_and_a_key_does_not(run, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(url(run, "/cancel")).status_code == 403
    _, key = create_api_key(user=alice, name="r", scopes=["runs:start"], now=timezone.now())
    answer = Client(enforce_csrf_checks=True).post(
        url(run, "/cancel"), headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200


def test_a_run_is_read_in_a_fixed_number_of_queries(
    run, alice, signed_in, django_assert_max_num_queries
):
    for stage in ("prepare", "transcribe", "measure_text"):
        make_job(run, stage=stage, state=Job.State.DEAD, failure_code="network_timeout")
    client = signed_in(alice)
    with django_assert_max_num_queries(12):
        client.get(url(run))

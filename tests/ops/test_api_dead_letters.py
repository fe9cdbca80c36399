"""REST of the dead letter queue, for staff."""

import uuid

import pytest
from django.utils import timezone

from ops.models import AuditEntry, DeadLetter, Job
from tests.ops.runs import make_job, make_run

pytestmark = pytest.mark.django_db
URL = "/api/admin/dlq"


@pytest.fixture
def staff(alice, signed_in):
    alice.is_staff = True
    alice.save()
    return signed_in(alice)


@pytest.fixture
def die(session):
    """die(code) -> the letter of a job that gave up."""
    run = make_run(session)

    def make(code="invalid_media", stage="prepare", queue="short", **facts):
        job = make_job(run, stage=stage, queue=queue, state=Job.State.DEAD, failure_code=code)
        return DeadLetter.objects.create(
            job=job,
            fingerprint=f"{code}-{stage}",
            similar=code,
            failure_code=code,
            stage=stage,
            queue=queue,
            waiting_id=run.subject_id,
            expires_at=timezone.now(),
            **facts,
        )

    return make


def act(client, action, **body):
    body = {"action": action, "reason": "the service is back", **body}
    return client.post(URL, body, content_type="application/json")


def test_an_empty_queue_says_so(staff):
    answer = staff.get(URL)
    assert answer.status_code == 200
    assert answer.json() == {
        "total": 0,
        "queues": {},
        "groups": [],
        "next": None,
        "previous": None,
        "results": [],
    }


def test_counts_groups_and_entries_come_in_one_answer(staff, die):
    die()
    die(code="network_timeout", stage="transcribe", queue="long")
    told = staff.get(URL).json()
    assert told["total"] == 2
    assert told["queues"]["long"]["by_code"] == {"network_timeout": 1}
    assert {group["failure_code"] for group in told["groups"]} == {
        "invalid_media",
        "network_timeout",
    }
    assert told["results"][0]["stage"] == "transcribe"
    assert told["results"][0]["job_id"] == str(Job.objects.get(stage="transcribe").public_id)


def test_filters_narrow_counts_groups_and_entries_alike(staff, die):
    die()
    die(code="network_timeout", stage="transcribe", queue="long")
    told = staff.get(URL, {"queue": "long", "code": "network_timeout"}).json()
    assert (told["total"], len(told["groups"]), len(told["results"])) == (1, 1, 1)


@pytest.mark.parametrize(
    "wrong", [{"code": "nonsense"}, {"older_than_s": "soon"}, {"state": "x"}, {"group_by": "size"}]
)
def test_wrong_filters_are_named(staff, wrong):
    answer = staff.get(URL, wrong)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(wrong)


def test_the_number_of_queries_does_not_grow(staff, die, django_assert_max_num_queries):
    for number in range(12):
        die(stage=f"stage-{number}")
    with django_assert_max_num_queries(10):
        assert len(staff.get(URL).json()["results"]) == 12


def test_named_jobs_are_driven_again_and_each_is_answered_for(staff, die):
    letter, unknown = die(stage="verify"), uuid.uuid4()
    ids = [str(letter.job.public_id), str(unknown)]
    told = act(staff, "retry", job_ids=ids).json()
    assert told["count"] == 1
    assert told["results"] == [
        {"job_id": ids[0], "done": True, "reason": ""},
        {"job_id": ids[1], "done": False, "reason": "It is no longer there."},
    ]
    letter.refresh_from_db()
    assert letter.state == "retrying"


def test_all_that_match_are_driven_again_at_a_rate(staff, die):
    die(stage="verify")
    die(stage="prepare")
    die(code="network_timeout", stage="transcribe")
    foreseen = act(staff, "retry_all", code="invalid_media", dry_run=True, rate_per_min=60).json()
    assert (foreseen["count"], foreseen["candidates"], foreseen["rate_per_min"]) == (2, 1, 60)
    assert not DeadLetter.objects.exclude(redrive_at=None).exists()
    told = act(staff, "retry_all", code="invalid_media", rate_per_min=60).json()
    assert told["count"] == 2
    assert DeadLetter.objects.exclude(redrive_at=None).count() == 2


def test_a_retry_sent_twice_with_one_key_happens_once(staff, die):
    letter = die(stage="verify")
    body = {"action": "retry", "job_ids": [str(letter.job.public_id)], "reason": "again"}
    sent = [
        staff.post(URL, body, content_type="application/json", headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert sent[0].json() == sent[1].json()
    assert AuditEntry.objects.filter(action="job.redriven").count() == 1


def test_discarding_asks_for_a_reason_and_keeps_it(staff, die):
    letter = die()
    ids = [str(letter.job.public_id)]
    refused = act(staff, "discard", job_ids=ids, reason="")
    assert set(refused.json()["errors"]) == {"reason"}
    assert act(staff, "discard", job_ids=ids, reason="a test").json()["count"] == 1
    assert AuditEntry.objects.get(action="dead_letter.discarded").detail["reason"] == "a test"


def test_all_of_a_queue_are_cleared(staff, die):
    die()
    kept = die(stage="transcribe", queue="long")
    assert act(staff, "clear", queue="short", dry_run=True).json()["count"] == 1
    assert act(staff, "clear", queue="short").json()["count"] == 1
    assert DeadLetter.objects.get(state="open") == kept


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "explode"}, "action"),
        ({"action": "retry"}, "job_ids"),
        ({"action": "discard", "job_ids": []}, "job_ids"),
        ({"action": "retry", "job_ids": ["x"]}, "job_ids.0"),
        ({"action": "clear", "job_ids": [str(uuid.uuid4())]}, "job_ids"),
        ({"action": "retry_all", "rate_per_min": 0}, "rate_per_min"),
        ({"action": "clear", "queues": "short"}, "queues"),
    ],
)
def test_a_wrong_order_is_refused_by_field(staff, body, field):
    answer = staff.post(URL, {"reason": "r", **body}, content_type="application/json")
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_members_who_are_not_staff_are_refused(alice, signed_in):
    answer = signed_in(alice).get(URL)
    assert answer.status_code == 403
    assert "staff" in answer.json()["detail"]

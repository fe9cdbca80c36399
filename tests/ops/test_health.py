"""Health: measured facts, and what follows from them."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from ops import health, selectors, workload
from ops.failures import StageFailure
from ops.health import Facts, QueueFacts, WorkerFacts, judge
from ops.models import DeadLetter, Job, WorkerHeartbeat
from ops.probes import ProbeFacts, note_probe


def worker(age_s=1.0, queue="short"):
    return WorkerFacts(id="host:1", queue=queue, last_heartbeat_s=age_s, running=0)


def status(workers=None, error="", **queue):
    workers = [worker()] if workers is None else workers
    facts = Facts(
        at=timezone.now(),
        response_time_ms=1.0,
        database_error=error,
        workers=tuple(workers),
        queues={"short": QueueFacts(**queue)},
    )
    return judge(facts).status


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        ("healthy", {}),
        ("healthy", {"waiting": 3, "oldest_waiting_s": 59.0}),
        ("degraded", {"waiting": 3, "oldest_waiting_s": 61.0}),
        ("degraded", {"waiting": 3, "oldest_waiting_s": 600.0}),
        ("unhealthy", {"waiting": 3, "oldest_waiting_s": 601.0}),
        ("healthy", {"failed": 4}),
        ("degraded", {"failed": 5}),
        ("degraded", {"workers": [worker(), worker(11.0)]}),
        ("degraded", {"workers": []}),
        ("unhealthy", {"workers": [worker(11.0)], "waiting": 1, "oldest_waiting_s": 1.0}),
        ("unhealthy", {"workers": [worker(queue="long")], "waiting": 1}),
        ("unhealthy", {"error": "OperationalError: gone"}),
    ],
)
def test_the_status_follows_from_the_facts(expected, facts):
    assert status(**facts) == expected


def test_every_bad_status_has_a_reason():
    facts = Facts(at=timezone.now(), response_time_ms=1.0, database_error="gone")
    assert judge(facts).reasons == ("The database does not answer: gone",)


def test_the_facts_are_counted_from_the_rows(lab):
    def fails(subject_id, report):
        raise StageFailure("invalid_media")

    lab.line(transcribe=fails)
    lab.finished(recordings=2)
    lab.open(recordings=1)
    now = timezone.now()
    late = now - timedelta(seconds=90)
    Job.objects.filter(state="waiting").update(run_at=late)
    WorkerHeartbeat.objects.create(
        key="h:1", queue="short", host="h", sentinel_pid=1, worker_pids=[7], status="Idle", at=now
    )
    DeadLetter.objects.update(created_at=now - timedelta(days=2))
    found = selectors.worker_health(now)
    assert found.status == "degraded"
    assert found.queues["short"].waiting == 1
    assert found.queues["short"].completed == 4
    assert found.queues["short"].oldest_waiting_s == pytest.approx(90, abs=1)
    assert found.queues["long"].failed == found.total_failed == 2
    assert found.dead_letters.open == 2
    assert found.dead_letters.oldest_s == pytest.approx(2 * 86400, abs=5)
    assert [w.id for w in found.workers] == ["h:1"]


def test_old_endings_are_not_counted(lab):
    lab.line()
    lab.finished(recordings=1)
    later = timezone.now() + timedelta(seconds=health.WINDOW_S + 5)
    assert selectors.worker_health(later).queues["short"].completed == 0


def test_a_database_that_fails_does_not_look_like_an_empty_queue(db, monkeypatch):
    def away(now, running):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(workload, "_queues", away)
    found = selectors.worker_health(timezone.now())
    assert found.status == "unhealthy"
    assert found.database["connected"] is False


@pytest.mark.django_db
def test_the_storage_is_as_it_was_found_last():
    now = timezone.now()
    assert workload.measured_facts(now).storage is None
    found = ProbeFacts(kind="s3", is_connected=False, code="storage_denied", took_ms=8.5, at=now)
    note_probe("storage", found)
    answer = judge(workload.measured_facts(now + timedelta(seconds=30)))
    assert answer.storage == {
        "kind": "s3", "connected": False, "code": "storage_denied", "took_ms": 8.5,
        "checked_s": 30.0,
    }  # fmt: skip
    assert "The storage of recordings does not work: storage_denied." in answer.reasons

"""The hand-over to django-q2: hints for due jobs, a heartbeat for its sentinel's report."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.signing import SignedPackage

from ops import carrier, jobs, leases
from ops.carrier import JobBroker
from ops.models import Job, WorkerHeartbeat
from tests.databases import IS_POSTGRES
from tests.ops.lab import job_of


@pytest.fixture
def broker(lab, settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "poll": 0.0}
    lab.line()
    return JobBroker("short")


def told(broker):
    """The tasks of the hints that are handed out now."""
    return [SignedPackage.loads(package) for _, package in broker.dequeue() or []]


def test_a_due_job_is_told_once_until_its_hint_grows_old(lab, broker, settings):
    lab.open(recordings=1)
    task = told(broker)[0]
    assert (task["func"], task["args"]) == ("ops.jobs.execute", (job_of("prepare").pk,))
    assert told(broker) == []
    Job.objects.update(dispatched_until=timezone.now() - timedelta(seconds=1))
    assert len(told(broker)) == 1


def test_a_hint_carries_its_stages_limit(lab, broker):
    lab.open(recordings=1)
    assert told(broker)[0]["timeout"] == 60 + 10 + carrier.LAST_RESORT_S


def test_hints_go_by_priority_then_by_age(lab, broker):
    lab.open(recordings=3)
    first, second, third = Job.objects.order_by("pk")
    now = timezone.now()
    Job.objects.filter(pk=third.pk).update(priority=Job.Priority.HIGH)
    Job.objects.filter(pk=second.pk).update(run_at=now - timedelta(hours=1))
    order = [told(broker)[0]["args"][0] for _ in range(3)]
    assert order == [third.pk, second.pk, first.pk]


def test_a_queue_hands_out_its_own_jobs_only(lab, broker):
    lab.open(recordings=1)
    assert told(JobBroker("long")) == []
    jobs.run_due(queue="short")
    assert told(broker) == []
    assert told(JobBroker("long"))[0]["args"] == (job_of("transcribe").pk,)


def test_a_job_that_is_due_later_is_not_told(lab, broker):
    lab.open(recordings=1)
    Job.objects.update(run_at=timezone.now() + timedelta(seconds=30), token=1)
    assert told(broker) == []


def test_a_look_that_finds_nothing_asks_the_index_only(lab, broker, django_assert_num_queries):
    lab.open(recordings=1)
    Job.objects.update(run_at=timezone.now() + timedelta(hours=1), token=1)
    broker._reaped_at = broker._untried_at = carrier.time.monotonic()
    with django_assert_num_queries(2 if IS_POSTGRES else 1) as asked:  # one for its clock
        assert told(broker) == []
    assert "LIMIT 1" in asked[-1]["sql"]


def test_expired_leases_are_taken_back_about_once_a_second(lab, broker):
    lab.open(recordings=1)
    expired = timezone.now() - timedelta(seconds=1)
    leases.claim(job_of("prepare").pk, worker="gone:1:1", now=timezone.now())
    Job.objects.update(lease_until=expired)
    broker._reaped_at = carrier.time.monotonic()
    told(broker)
    assert job_of("prepare").state == "running"
    broker._reaped_at -= carrier.EVERY_S
    told(broker)
    assert job_of("prepare").state == "waiting"


def test_a_database_that_is_away_does_not_end_the_pusher(lab, broker, monkeypatch):
    def away():
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(carrier, "reap", away)
    monkeypatch.setattr(carrier, "AFTER_TROUBLE_S", 0)
    monkeypatch.setattr(carrier.connections, "close_all", lambda: None)
    assert broker.dequeue() is None


def report(broker, **facts):
    stat = {"pid": 10, "sentinel": 11, "monitor": 12, "pusher": 13, "workers": [14, 15]}
    value = SignedPackage.dumps(SimpleNamespace(**stat, status="Idle", **facts))
    broker.set_stat("key", value, 3)


def test_the_sentinels_report_becomes_a_heartbeat(lab, broker):
    report(broker)
    beat = WorkerHeartbeat.objects.get()
    assert (beat.queue, beat.sentinel_pid, beat.worker_pids) == ("short", 11, [14, 15])
    assert beat.key == carrier.heartbeat_key(10)


def test_heartbeats_are_written_about_once_a_second(lab, broker):
    report(broker)
    first = WorkerHeartbeat.objects.get().at
    report(broker)
    assert WorkerHeartbeat.objects.get().at == first
    broker._beat_at -= carrier.EVERY_S
    report(broker)
    assert WorkerHeartbeat.objects.get().at > first

"""A stage that waits for something outside: no worker is held, no attempt is used up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ops import jobs, leases, settle
from ops.models import Attempt, Event, Job
from ops.pipeline import Wait
from tests.ops.lab import job_of, ledger, write_ledger

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def outcomes(job):
    return list(Attempt.objects.filter(job=job).order_by("token").values_list("outcome", flat=True))


def waiting(*, times, write=None):
    """A behaviour that waits for an hour that often, then behaves."""
    left = [Wait("It is not ready.", HOUR, write)] * times

    def behave(subject_id, report):
        return left.pop() if left else None

    return behave


def test_a_stage_that_waits_is_looked_at_later_and_ends_well(lab):
    lab.line(prepare=waiting(times=3))
    lab.open(recordings=1)
    for _ in range(3):
        before = timezone.now()
        jobs.run_due()
        job = job_of("prepare")
        assert (job.state, job.attempts, job.crashes) == ("waiting", 0, 0)
        assert job.reason == "It is not ready."
        assert job.run_at >= before + HOUR
        assert jobs.run_due() == 0
        Job.objects.update(run_at=timezone.now())
    jobs.run_due()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 1)
    assert outcomes(job) == ["waited"] * 3 + ["completed"]
    assert ledger("prepare") == 1
    told = Event.objects.filter(type="stage", payload__state="retrying").last().payload
    assert told["reason"] == "It is not ready."
    assert told["retry_at"]


def test_what_stands_already_is_written_while_it_waits(lab):
    lab.line(prepare=waiting(times=1, write=lambda: write_ledger("half", lab.session_id)))
    lab.open(recordings=1)
    jobs.run_due()
    assert ledger() == ["half"]


def test_a_job_that_waits_can_be_cancelled(lab):
    lab.line(prepare=waiting(times=1))
    lab.open(recordings=1)
    job = leases.claim(job_of("prepare").pk, worker="here:1:1", now=timezone.now())
    Job.objects.update(cancel_requested=True)
    settle.settle(job, jobs.pipeline.get("prepare"), Wait("It is not ready.", HOUR))
    assert job_of("prepare").state == "cancelled"


def test_a_late_wait_is_refused(lab):
    lab.line()
    lab.open(recordings=1)
    late = leases.claim(job_of("prepare").pk, worker="here:1:1", now=timezone.now())
    Job.objects.update(lease_until=timezone.now() - HOUR)
    jobs.reap()
    with pytest.raises(leases.LeaseLost):
        settle.settle(late, jobs.pipeline.get("prepare"), Wait("It is not ready.", HOUR))


def test_without_consent_waiting_ends_and_nothing_is_written(lab):
    lab.stage("prepare", consent="recording")
    lab.open(recordings=1)
    job = leases.claim(job_of("prepare").pk, worker="here:1:1", now=timezone.now())
    lab.refused.add((job.subject_id, "recording"))
    wait = Wait("It is not ready.", HOUR, lambda: write_ledger("half", job.subject_id))
    settle.settle(job, jobs.pipeline.get("prepare"), wait)
    assert (job_of("prepare").state, job_of("prepare").outcome) == ("done", "skipped")
    assert ledger() == []

"""When the supervisor calls a cluster stuck."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from ops.clusters import Cluster
from ops.models import Attempt, Job
from tests.ops.lab import job_of


@pytest.fixture
def cluster(lab):
    """A cluster with a free worker, and a job that is due since a minute."""
    lab.line()
    lab.open(recordings=1)
    Job.objects.update(run_at=timezone.now() - timedelta(minutes=1))
    found = Cluster("short")
    found._last_beat = timezone.now()
    return found


def trouble(cluster):
    """Look twice, with more than the watchdog's patience between."""
    cluster._starvation(timezone.now())
    cluster._starved_since -= (settings.WATCHDOG_STALE_S + 1) if cluster._starved_since else 0
    return cluster._starvation(timezone.now())


def begun(started_at):
    Attempt.objects.create(job=job_of("prepare"), token=1, worker="x:1:1", started_at=started_at)


def test_work_that_nobody_takes_is_trouble(cluster):
    assert trouble(cluster) == "work is due and nothing is taken"


def test_work_that_is_taken_is_none(cluster):
    begun(timezone.now())
    assert trouble(cluster) is None


def test_what_was_taken_before_the_clock_was_set_back_hides_nothing(cluster):
    begun(timezone.now() + timedelta(hours=1))
    assert trouble(cluster) == "work is due and nothing is taken"


def test_work_that_waits_for_later_is_no_trouble(cluster):
    Job.objects.update(run_at=timezone.now() + timedelta(minutes=1))
    assert trouble(cluster) is None


def test_a_cluster_that_still_starts_is_given_time(cluster):
    cluster._last_beat = None
    assert trouble(cluster) is None

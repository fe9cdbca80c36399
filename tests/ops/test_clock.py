"""The clock of jobs, when the host's is set."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ops.clock import WallClock, follow_step, follow_unseen_step, is_due
from ops.models import Job
from tests.databases import on_sqlite
from tests.ops.lab import job_of


@pytest.fixture
def set_clock(monkeypatch):
    true_now = timezone.now

    def by(seconds):
        monkeypatch.setattr(timezone, "now", lambda: true_now() + timedelta(seconds=seconds))

    return by


@pytest.mark.parametrize("step_s", [3600, -3600])
def test_a_clock_that_is_set_is_noticed_once(set_clock, step_s):
    clock = WallClock()
    assert clock.step_s() == 0
    set_clock(step_s)
    assert clock.step_s() == pytest.approx(step_s, abs=1)
    assert clock.step_s() == 0


def test_a_clock_that_is_slewed_is_none_that_is_set(set_clock):
    clock = WallClock()
    set_clock(2)
    assert clock.step_s() == 0


@on_sqlite
def test_a_retry_does_not_wait_for_as_long_as_the_clock_was_set_back(lab, set_clock):
    lab.line()
    lab.open(recordings=1)
    Job.objects.update(token=1, run_at=timezone.now() + timedelta(seconds=2))
    set_clock(-3600)
    assert follow_step(-3600) == 1
    assert Job.objects.filter(is_due(timezone.now() + timedelta(seconds=3))).exists()
    assert not Job.objects.filter(is_due(timezone.now())).exists()


def test_a_clock_that_was_set_forward_moves_nothing(lab):
    lab.line()
    lab.open(recordings=1)
    run_at = timezone.now() + timedelta(seconds=30)
    Job.objects.update(token=1, run_at=run_at)
    assert follow_step(3600) == 0
    assert job_of("prepare").run_at == run_at


@on_sqlite
def test_what_was_written_before_a_step_that_nobody_saw_begins_at_once(lab, set_clock):
    lab.line()
    lab.open(recordings=1)
    set_clock(-3600)
    now = timezone.now()
    assert not Job.objects.filter(is_due(now)).exists()
    assert follow_unseen_step(now) == 1
    assert Job.objects.filter(is_due(now)).exists()


def test_what_is_meant_for_later_stays_there(lab):
    lab.line()
    lab.open(recordings=1)
    run_at = timezone.now() + timedelta(hours=1)
    Job.objects.update(run_at=run_at)
    assert follow_unseen_step(timezone.now()) == 0
    assert job_of("prepare").run_at == run_at

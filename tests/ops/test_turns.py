"""Whose turn it is: priorities, delays, and what people move in a queue."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ops import jobs
from ops.conflicts import StateConflict
from ops.models import AuditEntry, Event, Job
from ops.runs import turn_options
from ops.turns import LATEST, refuse_late, reschedule_job
from tests.ops.lab import job_of


def in_an_hour():
    return timezone.now() + timedelta(hours=1)


def move(job, **to):
    return reschedule_job(job_id=job.public_id, actor="staff:1", now=timezone.now(), **to)


def test_a_job_with_priority_goes_first(lab):
    lab.line()
    _, (first, second) = lab.open(recordings=2)
    move(Job.objects.get(subject_id=second), priority="high")
    jobs.run_due(limit=1)
    assert lab.calls == [("prepare", second)]
    jobs.run_due(limit=1)
    assert lab.calls[-1][1] in {first, second}


def test_every_job_of_a_run_has_the_priority_of_its_run(lab):
    lab.line()
    run, _ = lab.open(recordings=1, options=turn_options(priority="low"))
    jobs.seal(run_id=run.id, recordings=1)
    jobs.run_due()
    assert set(run.jobs.values_list("stage", "priority")) == {
        ("prepare", 200),
        ("transcribe", 200),
        ("evaluate", 200),
        ("finalise", 200),
    }


def test_a_run_does_not_begin_before_its_moment(lab):
    lab.line()
    moment = in_an_hour()
    lab.open(recordings=1, options=turn_options(not_before=moment))
    assert jobs.run_due() == 0
    assert job_of("prepare").run_at == moment


def test_a_moment_that_has_passed_holds_nothing_up(lab):
    lab.line()
    lab.open(recordings=1, options=turn_options(not_before=timezone.now() - timedelta(hours=1)))
    assert jobs.run_due(limit=1) == 1


def test_a_job_that_waits_for_later_can_be_started_now(lab):
    lab.line()
    lab.open(recordings=1, options=turn_options(not_before=in_an_hour()))
    move(job_of("prepare"), run_at=timezone.now() - timedelta(days=1))
    assert jobs.run_due(limit=1) == 1


def test_a_move_is_told_and_kept_in_the_audit_trail(lab):
    lab.line()
    run, _ = lab.open(recordings=1)
    moved = move(job_of("prepare"), priority="low", reason="a demo at noon")
    told = Event.objects.filter(run=run).latest("seq").payload
    assert (told["state"], told["priority"]) == ("rescheduled", "low")
    entry = AuditEntry.objects.get(action="job.rescheduled")
    assert entry.detail["reason"] == "a demo at noon"
    assert entry.detail["job_id"] == str(moved.public_id)


@pytest.mark.parametrize("state", ["running", "done", "dead", "cancelled"])
def test_only_what_waits_can_be_moved(lab, state):
    lab.line()
    lab.open(recordings=1)
    Job.objects.update(state=state)
    with pytest.raises(StateConflict) as refusal:
        move(job_of("prepare"), priority="high")
    assert refusal.value.code == "job_not_waiting"
    assert job_of("prepare").priority == Job.Priority.NORMAL


def test_a_start_is_at_most_thirty_days_ahead():
    now = timezone.now()
    refuse_late(now + LATEST, now=now)
    refuse_late(None, now=now)
    with pytest.raises(StateConflict):
        refuse_late(now + LATEST + timedelta(seconds=1), now=now)


def test_a_priority_that_no_look_knows_cannot_be_stored(lab):
    lab.line()
    lab.open(recordings=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(priority=7)


def test_every_priority_is_in_the_constraint():
    known = next(c for c in Job._meta.constraints if c.name == "job_priority_is_known")
    assert dict(known.condition.children)["priority__in"] == Job.Priority.values

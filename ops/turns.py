"""When a job's turn comes: before or after others, and not before a moment."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from ops import runs
from ops.conflicts import StateConflict
from ops.dead_letters import Tally, one_by_one
from ops.models import Job, Run
from ops.redrives import audit_job, locked_job

LATEST = timedelta(days=30)  # a longer delay is a mistake: nobody would remember it


def refuse_late(moment: datetime | None, *, now: datetime) -> None:
    """Raise StateConflict for a start that is further ahead than LATEST."""
    if moment is not None and moment > now + LATEST:
        raise StateConflict(
            "too_late_a_start", f"Choose a start within the next {LATEST.days} days."
        )


def reschedule_job(  # noqa: PLR0913 - who moves what, to where, and why
    *,
    job_id: UUID,
    actor: str,
    now: datetime,
    priority: str | None = None,
    run_at: datetime | None = None,
    reason: str = "",
) -> Job:
    """Move a waiting job in its queue: by priority, by its moment, or both.

    A moment that has passed means at once. Raises StateConflict if the job does not wait or the
    moment is too far ahead, Job.DoesNotExist.
    """
    refuse_late(run_at, now=now)
    changes: dict[str, Any] = {}
    if priority is not None:
        changes["priority"] = Job.Priority[priority.upper()]
    if run_at is not None:
        changes |= {"run_at": max(now, run_at), "dispatched_until": None}
    with transaction.atomic():
        run, job = locked_job(job_id)
        waiting = Job.objects.filter(pk=job.pk, state=Job.State.WAITING)
        if not waiting.update(**changes):
            raise StateConflict("job_not_waiting", "Only a step that waits can be moved.")
        job.refresh_from_db()
        audit_job(run, job, actor, "job.rescheduled", reason)
        _tell(run, job)
    return job


def reschedule_jobs(  # noqa: PLR0913 - as above, for many
    *,
    ids: Iterable[UUID],
    actor: str,
    reason: str,
    now: datetime,
    priority: str | None = None,
    delay: timedelta | None = None,
) -> Tally:
    """Move waiting jobs, by public id, each in a transaction of its own."""
    run_at = None if delay is None else now + delay
    return one_by_one(
        ids,
        lambda pk: reschedule_job(
            job_id=pk, actor=actor, now=now, priority=priority, run_at=run_at, reason=reason
        ),
    )


def _tell(run: Run, job: Job) -> None:
    if run.state == Run.State.OPEN:
        runs.tell_stage(
            job, "rescheduled", priority=job.priority_name, retry_at=runs.iso(job.run_at)
        )

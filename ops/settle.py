"""How a claimed job ends well: done, skipped, cancelled or given back. Bad ends: ops/defeats.py.

Each end is one transaction behind the fence, with the run's row locked: the stage's effect, the
job, its attempt, the events and what follows are written together or not at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from ops import ledger, runs, subjects
from ops.clock import database_now
from ops.failures import StageFailure
from ops.follow import follow
from ops.leases import Cancelled, LeaseLost, held
from ops.models import Attempt, DeadLetter, Job, Run
from ops.pipeline import Effect, Result, Skip, Stage, Wait


def has_consent(job: Job, stage: Stage) -> bool:
    """Whether the subject's person agrees to what this stage does, now."""
    if stage.consent is None:
        return True
    try:
        ask = subjects.get(job.subject_kind).has_consent
    except KeyError:
        ask = None
    if ask is None:
        raise StageFailure("config_missing", f"nobody knows the consents of {job.subject_kind}")
    return ask(job.subject_id, stage.consent)


def without_consent(stage: Stage) -> Skip:
    """Return the end of a stage that nobody agreed to."""
    return Skip(f"no {stage.consent} consent")


def settle(job: Job, stage: Stage, result: Result) -> None:
    """Commit how a stage ended, or that it waits. Raises as settle_result."""
    if isinstance(result, Wait):
        settle_wait(job, stage, result)
    else:
        settle_result(job, stage, result)


def settle_wait(job: Job, stage: Stage, wait: Wait) -> None:
    """Put a job back until it is worth looking again; what stands already is written."""
    if not has_consent(job, stage):
        settle_result(job, stage, without_consent(stage))
        return
    now = database_now()
    with locked(job) as run:
        if end_if_cancelled(run, job):
            return
        job.attempts -= 1
        job.reason = wait.reason[:200]
        write_end(
            job,
            Attempt.Outcome.WAITED,
            now,
            state=Job.State.WAITING,
            attempts=F("attempts") - 1,
            run_at=now + wait.after,
            reason=job.reason,
        )
        if wait.write is not None:
            wait.write()
        retry_at = runs.iso(now + wait.after)
        runs.tell_stage(job, "retrying", reason=job.reason, retry_at=retry_at)
        follow(run, now)


def settle_result(job: Job, stage: Stage, result: Effect | Skip) -> None:
    """Commit what a stage brought. Raises LeaseLost or Cancelled if it may no longer count."""
    now = database_now()
    with locked(job) as run:
        if isinstance(result, Effect) and not has_consent(job, stage):
            result = without_consent(stage)  # withdrawn while the stage worked
        is_skip = isinstance(result, Skip)
        job.reason = result.reason[:200] if isinstance(result, Skip) else ""
        job.outcome = Job.Outcome.SKIPPED if is_skip else Job.Outcome.COMPLETED
        if isinstance(result, Effect) and result.media_s is not None:
            job.media_s = result.media_s
        write_end(
            job,
            Attempt.Outcome.SKIPPED if is_skip else Attempt.Outcome.COMPLETED,
            now,
            unless_cancelled=True,
            state=Job.State.DONE,
            outcome=job.outcome,
            reason=job.reason,
            media_s=job.media_s,
            progress=1,
            finished_at=now,
        )
        if isinstance(result, Effect):
            result.write()
        DeadLetter.objects.filter(job=job, state=DeadLetter.State.RETRYING).update(
            state=DeadLetter.State.RESOLVED
        )
        if isinstance(result, Skip):
            runs.tell_stage(job, "skipped", reason=job.reason)
        else:
            runs.tell_stage(job, "finished")
        follow(run, now)


def settle_cancelled(job: Job) -> None:
    """Commit the end of a job that was cancelled while it ran."""
    with locked(job) as run:
        cancel(run, job)


def give_back(job: Job) -> bool:
    """Put back a job whose worker was stopped on purpose: nobody's fault, and nothing counts."""
    now = database_now()
    with transaction.atomic():
        run = runs.lock_run(job.run_id)
        if not held(job).exists():
            return False
        if end_if_cancelled(run, job):
            return True
        job.attempts -= 1
        write_end(
            job,
            Attempt.Outcome.INTERRUPTED,
            now,
            state=Job.State.WAITING,
            attempts=F("attempts") - 1,
            run_at=now,
            reason="interrupted",
        )
        runs.tell_stage(job, "retrying", reason="interrupted", retry_at=runs.iso(now))
        follow(run, now)
    return True


@contextmanager
def locked(job: Job) -> Iterator[Run]:
    """Open the transaction that ends an attempt; yield the job's run, locked.

    What the attempt has spent is written with it.
    """
    with ledger.transaction_with_bill():
        yield runs.lock_run(job.run_id)


def write_end(
    job: Job,
    ended: Attempt.Outcome,
    now: datetime,
    *,
    record: dict[str, Any] | None = None,
    unless_cancelled: bool = False,
    **values: Any,
) -> None:
    """Write a job through the fence, and its attempt."""
    rows = held(job).filter(cancel_requested=False) if unless_cancelled else held(job)
    if not rows.update(lease_until=None, dispatched_until=None, **values):
        raise Cancelled if unless_cancelled and held(job).exists() else LeaseLost
    Attempt.objects.filter(job=job, token=job.token).update(
        ended_at=now, outcome=ended, media_s=job.media_s, **(record or {})
    )


def cancel(run: Run, job: Job) -> None:
    """End a running job as cancelled, in a locked run."""
    now = database_now()
    write_end(job, Attempt.Outcome.CANCELLED, now, state=Job.State.CANCELLED, finished_at=now)
    follow(run, now)


def end_if_cancelled(run: Run, job: Job) -> bool:
    """End a job that a person cancelled instead of trying it again."""
    if not held(job).filter(cancel_requested=True).exists():
        return False
    cancel(run, job)
    return True

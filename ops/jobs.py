"""The life of a job.

1. **Enqueued**: one INSERT in the transaction of whatever made it necessary. Rolled back = no job.
2. **Handed over**: the carrier gives a worker the number of a job that is due. That is only a hint:
   it may be lost, doubled or late.
3. **Claimed**: one UPDATE waiting -> running with the next token and a lease. 0 rows: somebody else
   has it. Every later write passes the fence "this id, this token, still running".
4. **Performed**: the stage works outside any transaction and returns the write it wants made. A
   thread renews the lease; if it is lost, or a person cancels, the stage is stopped.
5. **Settled**: effect, job, attempt, events and what was spent in one fenced transaction. A failure
   is looked up in the table of failures: tried again later by policy, or dead with a dead letter.
6. **Followed**: in the same transaction, whatever waited for this is started; a sealed run in which
   everything has ended is completed.
"""

import logging
import os
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, connections, transaction
from django.db.models.functions import Now

from ops import defeats, failures, leases, ledger, pipeline, processes, runs, settle
from ops.clock import database_now, is_due
from ops.failures import StageFailure
from ops.follow import RECORDING, follow, new_job, reopen, start_over_session
from ops.models import Job, Run
from ops.pipeline import Result, Stage
from ops.progress import record_event
from ops.redrives import cancel_job, cancel_run, redrive, rerun
from ops.reports import JobReport

__all__ = [
    "add_recording",
    "cancel_job",
    "cancel_run",
    "execute",
    "open_run",
    "reap",
    "redrive",
    "rerun",
    "run_due",
    "seal",
]
logger = logging.getLogger(__name__)
SETTLE_PAUSE_S = (0.1, 1.0)
PASSING = ("database_busy", "database_unavailable")
_rng = random.Random()


def open_run(  # noqa: PLR0913 - a run is these facts
    *,
    organization_id: UUID,
    subject_kind: str,
    subject_id: UUID,
    board: str,
    expected_recordings: int,
    options: dict[str, Any] | None = None,
) -> Run:
    """Return the subject's open run, a new one if there is none."""
    subject = {"subject_kind": subject_kind, "subject_id": subject_id}
    present = Run.objects.filter(**subject, state=Run.State.OPEN)
    if (run := present.first()) is not None:
        return run
    try:
        with transaction.atomic():
            return Run.objects.create(
                **subject,
                organization_id=organization_id,
                board=board,
                expected_recordings=expected_recordings,
                options=options or {},
            )
    except IntegrityError:  # somebody else was faster: one_open_run_per_subject
        return present.get()


def add_recording(*, run_id: UUID, subject_id: UUID, media_s: float | None = None) -> None:
    """Enqueue the first stages of a recording, in the caller's transaction.

    Adding it again changes nothing. One that arrives after the session's stages have begun lets
    them run again. Raises StateConflict if the run has ended and a newer one is open.
    """
    now = database_now()
    with transaction.atomic():
        run = runs.lock_run(run_id)
        present = Job.objects.filter(run=run, subject_kind=RECORDING)
        if present.filter(subject_id=subject_id).exists():
            return
        reopen(run)
        if run.sealed_at:
            start_over_session(run, now)
        Job.objects.bulk_create(
            new_job(run, stage, RECORDING, subject_id, now, media_s=media_s)
            for stage in pipeline.roots()
        )
        arrived = present.values("subject_id").distinct().count()
        if arrived > run.expected_recordings:
            run.expected_recordings = arrived
            run.save(update_fields=["expected_recordings"])
        follow(run, now)


def seal(*, run_id: UUID, recordings: int) -> None:
    """Say that no more than these `recordings` come; session stages that are ready start."""
    now = database_now()
    with transaction.atomic():
        run = runs.lock_run(run_id)
        if run.sealed_at:
            return
        run.sealed_at, run.expected_recordings = now, recordings
        run.save(update_fields=["sealed_at", "expected_recordings"])
        record_event(run_id=run.id, type="sealed", payload={"recordings": recordings})
        follow(run, now)


def execute(job_id: int) -> None:
    """Do one job if it is still there to do: claim, perform, settle, follow."""
    worker = processes.worker_name(os.getpid())
    job = leases.claim(job_id, worker=worker, now=database_now())
    if job is not None:
        with ledger.opened_bill(), _charged(job):
            _work(job)


def run_due(queue: str | None = None, limit: int = 1000) -> int:
    """Do what is due, one after the other in this process; return how many jobs were done.

    Retries that lie in the future are left alone.
    """
    for done in range(limit):
        reap()
        due = Job.objects.filter(is_due(database_now()), state=Job.State.WAITING)
        if queue is not None:
            due = due.filter(queue=queue)
        job_id = due.order_by("priority", "run_at", "pk").values_list("pk", flat=True).first()
        if job_id is None:
            return done
        execute(job_id)
    return limit


def reap() -> int:
    """Take back every job whose lease ran out; return how many."""
    expired = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now())
    return sum(defeats.lose(job, only_expired=True) for job in expired[:50])


def _work(job: Job) -> None:
    """Perform and settle a claimed job; every way a stage can end leads to a written state."""
    stage = defeats.known_stage(job.stage)
    if stage is None:
        unknown = StageFailure("config_missing", f"there is no stage {job.stage}")
        defeats.settle_failure(job, None, unknown)
        return
    try:
        with leases.Lease(job, stage.timeout) as lease:
            _perform_and_settle(job, stage, lease)
    except leases.LeaseLost:
        logger.warning("%s: the lease was lost, nothing of this attempt is written", job)


def _perform_and_settle(job: Job, stage: Stage, lease: leases.Lease) -> None:
    try:
        result = perform(job, stage, lease)
        _patiently(lambda: settle.settle(job, stage, result))
    except leases.LeaseLost:
        raise
    except leases.Cancelled:
        _patiently(lambda: settle.settle_cancelled(job))
    except leases.Overdue:
        overdue = StageFailure("stage_timeout", f"{stage.name} took over {stage.timeout}")
        _patiently(lambda: defeats.settle_failure(job, stage, overdue))
    except KeyboardInterrupt:
        settle.give_back(job)
        raise
    except BaseException as error:  # noqa: BLE001 - sys.exit() in a stage is a failure too
        failed = error
        _patiently(lambda: defeats.settle_failure(job, stage, failed))


def _charged(job: Job) -> AbstractContextManager[None]:
    """Have what the attempt spends paid by what its run is about."""
    return ledger.charged_to(
        organization_id=job.run.organization_id,
        subject_kind=job.run.subject_kind,
        subject_id=job.run.subject_id,
        run_id=job.run_id,
        job_id=job.public_id,
        attempt=job.token,
    )


def perform(job: Job, stage: Stage, lease: leases.Lease) -> Result:
    """Let the stage work, outside any transaction, if its consent is there."""
    if not settle.has_consent(job, stage):
        return settle.without_consent(stage)
    result = stage.work(job.subject_id, JobReport(job, lease))
    if not isinstance(result, Result):
        raise TypeError(f"{stage.name} returned {type(result).__name__}, not Effect, Skip or Wait")
    lease.check()
    return result


def _patiently(commit: Callable[[], None]) -> None:
    """Commit; while the database is busy or away, try again instead of throwing the work away.

    For as long as the job is surely ours: a lease that nobody could renew is still a lease.
    """
    give_up_at = time.monotonic() + settings.LEASE_S
    while True:
        try:
            commit()
        except (DatabaseError, InterfaceError) as error:
            is_passing = failures.classify(error).code in PASSING
            is_over = time.monotonic() > give_up_at
            if is_over or not is_passing or transaction.get_connection().in_atomic_block:
                raise
            connections.close_all()
            time.sleep(_rng.uniform(*SETTLE_PAUSE_S))
        else:
            return

"""What people do to runs and jobs: run again, drive a dead job again, cancel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from ops import audit, pipeline, runs
from ops.clock import database_now
from ops.conflicts import StateConflict
from ops.follow import (
    RECORDING,
    follow,
    missing_of,
    new_job,
    next_generation,
    reopen,
    start_over_session,
)
from ops.models import DeadLetter, Job, Run

AUTOMATIC = "engine"  # the actor of what nobody asked for
Recordings = Sequence[tuple[UUID, float | None]]  # (recording, seconds of media if known)


def rerun(  # noqa: PLR0913 - a run is these facts
    *,
    organization_id: UUID,
    subject_kind: str,
    subject_id: UUID,
    board: str,
    recordings: Recordings,
    redo: frozenset[str] = frozenset(),
    options: dict[str, Any] | None = None,
) -> Run:
    """Start a sealed run over what is there; return the open run if there is one.

    Recording stages that an earlier run completed count as done ("reused"), except those in
    `redo` and all that wait for them. The session's stages run in any case.
    """
    now = database_now()
    subject = {"subject_kind": subject_kind, "subject_id": subject_id}
    present = Run.objects.filter(**subject, state=Run.State.OPEN)
    if (run := present.first()) is not None:
        return run
    try:
        with transaction.atomic():
            run = Run.objects.create(
                **subject,
                organization_id=organization_id,
                board=board,
                expected_recordings=len(recordings),
                options=options or {},
                sealed_at=now,
            )
            run = runs.lock_run(run.id)
            Job.objects.bulk_create(_first_jobs(run, recordings, redo, now))
            follow(run, now)
    except IntegrityError:  # somebody else was faster: one_open_run_per_subject
        return present.get()
    return run


def _first_jobs(run: Run, recordings: Recordings, redo: frozenset[str], now: datetime) -> list[Job]:
    """Return the results that still hold, as ended jobs, and the roots that must run."""
    finished = _finished(frozenset(subject for subject, _ in recordings))
    first = []
    for subject_id, media_s in recordings:
        holds: set[str] = set()
        for stage in pipeline.in_order():
            if stage.scope != "recording":
                continue
            job = new_job(run, stage, RECORDING, subject_id, now, media_s=media_s)
            is_done = (subject_id, stage.name) in finished
            if is_done and stage.name not in redo and holds.issuperset(stage.after):
                holds.add(stage.name)
                job.state, job.outcome = Job.State.DONE, Job.Outcome.REUSED
                job.progress, job.finished_at = 1, now
            elif stage.after:
                continue  # starts when those before it are done
            first.append(job)
    return first


def _finished(subject_ids: frozenset[UUID]) -> set[tuple[UUID, str]]:
    """Return the (recording, stage) pairs whose latest job has a result.

    A skipped stage has none: the consent that was missing may be there now.
    """
    latest: dict[tuple[UUID, str], str] = {}
    rows = Job.objects.filter(subject_kind=RECORDING, subject_id__in=subject_ids).order_by("pk")
    for subject_id, stage, outcome in rows.values_list("subject_id", "stage", "outcome"):
        latest[subject_id, stage] = outcome
    with_result = (Job.Outcome.COMPLETED, Job.Outcome.REUSED)
    return {key for key, outcome in latest.items() if outcome in with_result}


def redrive(*, job_id: UUID, actor: str, now: datetime, reason: str = "") -> Job:
    """Drive a dead job again, by its public id; the run goes on from there.

    Its dead letter stays until the new attempt has succeeded; `reason` is kept in the audit trail.
    Raises StateConflict if the job is not dead or a newer run of the subject is open,
    Job.DoesNotExist.
    """
    with transaction.atomic():
        run, job = locked_job(job_id)
        if job.state != Job.State.DEAD:
            raise StateConflict("job_not_dead", "Only a failed step can be retried.")
        reopen(run)
        if job.subject_kind == RECORDING:
            start_over_session(run, now)
        else:
            _move_to_next_generation(run, job)
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.WAITING,
            generation=run.generation if job.subject_kind != RECORDING else job.generation,
            attempts=0,
            crashes=0,
            progress=0,
            failure_code="",
            reason="",
            cancel_requested=False,
            run_at=now,
            dispatched_until=None,
            finished_at=None,
        )
        DeadLetter.objects.filter(job=job).update(
            state=DeadLetter.State.RETRYING, redrives=F("redrives") + 1, redrive_at=None
        )
        job.refresh_from_db()
        audit_job(run, job, actor, "job.redriven", reason)
        by = "by a person" if actor != AUTOMATIC else "by itself"
        runs.tell_stage(job, "retrying", reason=f"retried {by}", retry_at=runs.iso(now))
        follow(run, now)
    return job


def _move_to_next_generation(run: Run, job: Job) -> None:
    """Let what waits for a session stage run again, and keep what went before it."""
    if job.generation != run.generation:
        raise StateConflict("job_replaced", "A newer attempt of this step has taken its place.")
    present = Job.objects.filter(run=run, subject_kind=run.subject_kind, generation=run.generation)
    after = {
        name
        for name in present.values_list("stage", flat=True)
        if job.stage in pipeline.ancestors(name)
    }
    if not after:
        return
    present.filter(stage__in=after, state=Job.State.WAITING, token=0).delete()
    begun = present.filter(stage__in=after)
    if begun.exists():
        begun.filter(state=Job.State.WAITING).update(
            state=Job.State.CANCELLED, finished_at=database_now(), reason="a newer one starts"
        )
        kept = list(present.exclude(stage__in=after).values_list("pk", flat=True))
        next_generation(run)
        Job.objects.filter(pk__in=kept).update(generation=run.generation)


def cancel_run(*, run_id: UUID, actor: str) -> Run:
    """Stop a run: what waits is cancelled, what runs is told to stop. Ended already: no change."""
    now = database_now()
    with transaction.atomic():
        run = runs.lock_run(run_id)
        if run.state != Run.State.OPEN:
            return run
        waiting = Job.objects.filter(run=run, state=Job.State.WAITING)
        waiting.update(state=Job.State.CANCELLED, finished_at=now, reason="cancelled")
        Job.objects.filter(run=run, state=Job.State.RUNNING).update(cancel_requested=True)
        run.state, run.finished_at, run.current_stage = Run.State.CANCELLED, now, ""
        run.save(update_fields=["state", "finished_at", "current_stage"])
        audit.record(
            organization_id=run.organization_id,
            actor=actor,
            action="run.cancelled",
            subject_kind=run.subject_kind,
            subject_id=str(run.subject_id),
            detail={"run_id": str(run.id)},
        )
        jobs = list(Job.objects.filter(run=run))
        runs.tell_completed(run, missing_of(run, jobs), is_cancelled=True)
    return run


def cancel_job(*, job_id: UUID, actor: str, reason: str = "") -> Job:
    """Cancel a job by its public id; one that runs stops within a second or so.

    Raises StateConflict if it has ended already, Job.DoesNotExist.
    """
    now = database_now()
    with transaction.atomic():
        run, job = locked_job(job_id)
        if job.state not in Job.OPEN:
            raise StateConflict("job_ended", "This step has already ended.")
        waiting = Job.objects.filter(pk=job.pk, state=Job.State.WAITING)
        if not waiting.update(state=Job.State.CANCELLED, finished_at=now, reason="cancelled"):
            Job.objects.filter(pk=job.pk).update(cancel_requested=True)
        audit_job(run, job, actor, "job.cancelled", reason)
        follow(run, now)
        job.refresh_from_db()
    return job


def locked_job(job_id: UUID) -> tuple[Run, Job]:
    """Return a job by its public id, and its run, locked. Raises Job.DoesNotExist."""
    run_id = Job.objects.values_list("run_id", flat=True).get(public_id=job_id)
    run = runs.lock_run(run_id)
    return run, Job.objects.get(public_id=job_id)


def audit_job(run: Run, job: Job, actor: str, action: str, reason: str) -> None:
    """Write down what somebody did to a job, and why."""
    detail: dict[str, object] = {
        "run_id": str(run.id),
        "job_id": str(job.public_id),
        "stage": job.stage,
    }
    audit.record(
        organization_id=run.organization_id,
        actor=actor,
        action=action,
        subject_kind=job.subject_kind,
        subject_id=str(job.subject_id),
        detail={**detail, "reason": reason} if reason else detail,
    )

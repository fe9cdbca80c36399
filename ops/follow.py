"""What starts next: every stage is asked what it waits for, and whatever is ready is started.

All of it runs with the run's row locked, in the transaction of the change that made it ready.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from ops import pipeline, runs
from ops.conflicts import StateConflict
from ops.models import Job, Run
from ops.pipeline import Stage

RECORDING = "recording"
Jobs = list[Job]


def follow(run: Run, now: datetime) -> None:
    """Start what is ready in a locked run, write its progress, complete it if that was all."""
    jobs = list(Job.objects.filter(run=run).order_by("pk"))
    if run.state == Run.State.OPEN:
        jobs += start_ready(run, jobs, now)
        runs.refresh_progress(run, jobs)
        complete_if_all_ended(run, jobs, now)


def start_ready(run: Run, jobs: Jobs, now: datetime) -> Jobs:
    """Enqueue every stage whose conditions hold and that was not started; return the new jobs."""
    started: Jobs = []
    for stage in pipeline.in_order():
        known = [*jobs, *started]
        if stage.scope == "recording":
            started += _ready_recordings(run, stage, known, now)
        elif run.sealed_at and _is_session_stage_ready(run, stage, known):
            media_s = session_media_s(known)
            started.append(
                new_job(run, stage, run.subject_kind, run.subject_id, now, media_s=media_s)
            )
    # Under the run's lock nothing else inserts; the constraint holds if that is ever broken.
    return Job.objects.bulk_create(started)


def new_job(  # noqa: PLR0913 - the columns that differ
    run: Run,
    stage: Stage,
    subject_kind: str,
    subject_id: UUID,
    now: datetime,
    *,
    media_s: float | None,
) -> Job:
    """Return the unsaved job of one stage for one subject."""
    return Job(
        run=run,
        stage=stage.name,
        subject_kind=subject_kind,
        subject_id=subject_id,
        generation=run.generation if stage.scope == "session" else 1,
        queue=stage.queue,
        media_s=media_s,
        priority=runs.priority_of(run),
        run_at=runs.start_of(run, now),
    )


def _ready_recordings(run: Run, stage: Stage, jobs: Jobs, now: datetime) -> Jobs:
    """Followers on the same recording need every stage before them done (skipped counts)."""
    if not stage.after:
        return []  # roots are enqueued with their recording
    of_recordings = {
        (job.stage, job.subject_id): job for job in jobs if job.subject_kind == RECORDING
    }
    ready = []
    for subject_id in {subject for _, subject in of_recordings}:
        before = [of_recordings.get((name, subject_id)) for name in stage.after]
        is_ready = all(job and job.state == Job.State.DONE for job in before)
        if is_ready and (stage.name, subject_id) not in of_recordings:
            sizes = [job.media_s for job in before if job and job.media_s is not None]
            media_s = sizes[0] if sizes else None
            ready.append(new_job(run, stage, RECORDING, subject_id, now, media_s=media_s))
    return ready


def _is_session_stage_ready(run: Run, stage: Stage, jobs: Jobs) -> bool:
    """A session stage needs all before it ended, dead and cancelled included."""
    before = pipeline.ancestors(stage.name)
    ended = set()
    for job in jobs:
        is_open = job.state in Job.OPEN
        if job.stage == stage.name and (job.generation == run.generation or is_open):
            return False  # there already, or an older generation is still at it
        if job.stage in before:
            if is_open:
                return False
            if job.generation == run.generation:
                ended.add(job.stage)
    return all(name in ended for name in before if pipeline.get(name).scope == "session")


def session_media_s(jobs: Jobs) -> float | None:
    """Return the seconds of media of all recordings, None if no length is known."""
    sizes: dict[UUID, float] = {}
    for job in jobs:
        if job.subject_kind == RECORDING and job.media_s is not None:
            sizes[job.subject_id] = job.media_s
    return sum(sizes.values()) if sizes else None


def complete_if_all_ended(run: Run, jobs: Jobs, now: datetime) -> None:
    """Complete a sealed run in which nothing is open and every session stage has ended."""
    if not run.sealed_at or any(job.state in Job.OPEN for job in jobs):
        return
    ended = {job.stage for job in jobs if job.generation == run.generation}
    if any(s.scope == "session" and s.name not in ended for s in pipeline.in_order()):
        return
    run.state, run.finished_at = Run.State.COMPLETED, now
    run.percent, run.current_stage = 100.0, ""
    run.save(update_fields=["state", "finished_at", "percent", "current_stage"])
    runs.tell_completed(run, missing_of(run, jobs))


def missing_of(run: Run, jobs: Jobs) -> list[dict[str, str]]:
    """Return what ended without a result in this generation."""
    return [
        {
            "stage": job.stage,
            "subject_id": str(job.subject_id),
            "code": job.failure_code or "cancelled",
        }
        for job in jobs
        if job.state in (Job.State.DEAD, Job.State.CANCELLED)
        and (job.subject_kind == RECORDING or job.generation == run.generation)
    ]


def reopen(run: Run) -> None:
    """Open an ended run again. Raises StateConflict if another run of its subject is open."""
    if run.state == Run.State.OPEN:
        return
    run.state, run.finished_at = Run.State.OPEN, None
    try:
        with transaction.atomic():
            run.save(update_fields=["state", "finished_at"])
    except IntegrityError as error:  # one_open_run_per_subject
        raise StateConflict("run_open", "A newer run of this is in progress.") from error


def start_over_session(run: Run, now: datetime) -> None:
    """Let the session's stages run again after more work on recordings.

    What has not begun is withdrawn; if something has, a new generation starts and the waiting rest
    of the old one is cancelled: its result would be replaced anyway.
    """
    session_stages = [s.name for s in pipeline.in_order() if s.scope == "session"]
    present = Job.objects.filter(run=run, stage__in=session_stages, generation=run.generation)
    present.filter(state=Job.State.WAITING, token=0).delete()
    if present.exists():
        present.filter(state=Job.State.WAITING).update(
            state=Job.State.CANCELLED, finished_at=now, reason="a newer generation starts"
        )
        next_generation(run)


def next_generation(run: Run) -> None:
    """Number the session's stages anew."""
    run.generation += 1
    run.save(update_fields=["generation"])

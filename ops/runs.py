"""A run's row: the lock of its jobs and events, its percent, what is told about it.

Whoever changes a job locks the run's row first. So two last finishers cannot both look away, and
no two transactions wait for each other.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from ops import pipeline, rates
from ops.failures import Failure
from ops.models import Job, Run
from ops.progress import record_event
from ops.run_rows import JobRow, RunRow
from ops.shares import Forecast, Piece, Shares

SMALLEST_STEP = 0.1  # percent points worth an event


def lock_run(run_id: UUID) -> Run:
    """Return the run with its row locked until the transaction ends."""
    return Run.objects.select_for_update().get(pk=run_id)


def shares_of(run: Run | RunRow, jobs: Iterable[Job | JobRow]) -> Shares:
    """Return the arithmetic of the run's pieces: of session stages, the present generation's."""
    stages = pipeline.in_order()
    session_stages = {s.name for s in stages if s.scope == "session"}
    return Shares(
        (
            Piece(job.stage, job.subject_id, job.state, job.outcome, job.progress, job.media_s)
            for job in jobs
            if job.stage not in session_stages or job.generation == run.generation
        ),
        stages,
        run.expected_recordings,
    )


def workers_by_queue() -> dict[str, int]:
    """Return how many workers each queue has."""
    return {"short": settings.SHORT_WORKERS, "long": settings.LONG_WORKERS}


def forecast_of(shares: Shares) -> Forecast:
    """Return how long a run still takes, by what was measured lately."""
    return shares.forecast(rates.measured_rates(), workers_by_queue())


def refresh_progress(run: Run, jobs: Iterable[Job]) -> None:
    """Write percent and current stage of a locked run, and tell it if that is news."""
    shares = shares_of(run, jobs)
    percent = round(max(run.percent, shares.percent()), 2)
    current_stage = shares.current_stage()
    if percent - run.percent < SMALLEST_STEP and current_stage == run.current_stage:
        return
    run.percent, run.current_stage = percent, current_stage
    run.save(update_fields=["percent", "current_stage"])
    forecast = forecast_of(shares)
    record_event(
        run_id=run.id,
        type="progress",
        payload={
            "percent": percent,
            "current_stage": current_stage,
            "estimated_completion_s": forecast.estimated_completion_s,
            "estimated_error_s": forecast.estimated_error_s,
        },
    )


def tell_stage(job: Job, state: str, **more: Any) -> None:
    """Tell that a job is started, finished, retrying, skipped or reused."""
    payload = {**_about(job), "state": state, "attempt": job.attempts, **more}
    record_event(run_id=job.run_id, type="stage", payload=payload)


def tell_failed(job: Job, failure: dict[str, Any]) -> None:
    """Tell that a job gave up."""
    record_event(run_id=job.run_id, type="failed", payload={**_about(job), "failure": failure})


def tell_completed(run: Run, missing: list[dict[str, str]], *, is_cancelled: bool = False) -> None:
    """Tell that nothing more comes in this run."""
    payload: dict[str, Any] = {"percent": run.percent, "missing": missing}
    if is_cancelled:
        payload["cancelled"] = True
    record_event(run_id=run.id, type="completed", payload=payload)


def failure_payload(
    failure: Failure, *, support_reference: str, retry_at: datetime | None = None
) -> dict[str, Any]:
    """Return a failure as people see it."""
    return {
        "code": failure.code,
        "message": failure.message,
        "suggestion": failure.suggestion,
        "retry_at": iso(retry_at) if retry_at else None,
        "support_reference": support_reference,
    }


def iso(at: datetime) -> str:
    """Return a moment as REST clients and browsers read it."""
    return at.isoformat().replace("+00:00", "Z")


def turn_options(
    *, priority: str = Job.Priority.NORMAL.label, not_before: datetime | None = None
) -> dict[str, Any]:
    """Return the options of a run that say when its jobs' turn comes."""
    return {
        "priority": priority,
        "not_before": None if not_before is None else not_before.isoformat(),
    }


def priority_of(run: Run) -> int:
    """Return the priority of the run's jobs."""
    name: str = run.options.get("priority", Job.Priority.NORMAL.label)
    return Job.Priority[name.upper()]


def start_of(run: Run, now: datetime) -> datetime:
    """Return when a job of the run may start that is ready now."""
    not_before: str | None = run.options.get("not_before")
    return now if not_before is None else max(now, datetime.fromisoformat(not_before))


def _about(job: Job) -> dict[str, str]:
    return {
        "stage": job.stage,
        "subject_id": str(job.subject_id),
        "job_id": str(job.public_id),
    }

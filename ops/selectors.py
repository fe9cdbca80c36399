"""What pages, sockets and REST show of runs, jobs and workers; fixed numbers of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from ops import failures, runs
from ops.health import Health, judge
from ops.models import Attempt, Job, Run
from ops.run_rows import (
    ENDED_BADLY,
    JobRow,
    RunRow,
    ended_jobs_of,
    jobs_of,
    newest_run,
    subjects_of,
)
from ops.shares import Forecast
from ops.workload import measured_facts

__all__ = [
    "FailureSnapshot",
    "Health",
    "JobSnapshot",
    "RunOutcome",
    "RunSnapshot",
    "RunSummary",
    "Trial",
    "failures_of",
    "latest_outcome",
    "latest_run",
    "latest_runs",
    "outcome_of",
    "run_snapshot",
    "worker_health",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureSnapshot:
    """Why a job failed last, for people and programs."""

    code: str
    message: str
    suggestion: str
    retryable: bool  # a person may drive the job again, or Candor does by itself
    retry_at: datetime | None
    support_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSnapshot:
    """One stage for one subject."""

    public_id: UUID
    stage: str
    subject_kind: str
    subject_id: UUID
    generation: int
    state: str
    outcome: str
    reason: str
    progress: float  # 0..1
    attempts: int
    priority_name: str
    run_at: datetime
    finished_at: datetime | None
    failure: FailureSnapshot | None


class Trial(NamedTuple):
    """What a run had jobs for."""

    subject_kind: str
    generation: int
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """How far a run is, `last_event_seq` included: whoever reads on from there misses nothing."""

    id: UUID
    state: str
    percent: float  # 0..100
    current_stage: str
    estimated_completion_s: float | None  # None: a stage that is left was never measured
    estimated_error_s: float | None
    last_event_seq: int
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSnapshot(RunSummary):
    """A run as it stands, with all its jobs."""

    sealed: bool
    generation: int
    subject_kind: str
    subject_id: UUID
    jobs: tuple[JobSnapshot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """A run without the jobs that came to something: the cheap part of a snapshot."""

    run: RunSummary
    generation: int
    ended: tuple[JobSnapshot, ...]  # gave up, or were cancelled
    tried: tuple[Trial, ...]


def run_snapshot(run_id: UUID) -> RunSnapshot:
    """Return the run as it stands. Raises Run.DoesNotExist."""
    # The run first: what happens between the two reads is then told by a later event, too.
    return _snapshots([Run.objects.get(pk=run_id)])[0]


def latest_runs(subject_kind: str, subject_ids: Iterable[UUID]) -> dict[UUID, RunSnapshot]:
    """Return the newest run of each subject that has one."""
    newest = Window(
        RowNumber(), partition_by=F("subject_id"), order_by=[F("created_at").desc(), F("id").desc()]
    )
    found = (
        Run.objects.filter(subject_kind=subject_kind, subject_id__in=list(subject_ids))
        .annotate(place=newest)
        .filter(place=1)
    )
    return {snapshot.subject_id: snapshot for snapshot in _snapshots(list(found))}


def latest_run(subject_kind: str, subject_id: UUID) -> RunSnapshot | None:
    """Return the newest run of one subject: what latest_runs says of it, sooner."""
    run = newest_run(subject_kind, subject_id)
    if run is None:
        return None
    jobs = jobs_of(run.id)
    return _snapshot(run, jobs, failures_of(jobs))


def latest_outcome(subject_kind: str, subject_id: UUID) -> RunOutcome | None:
    """Return what came of the newest run of one subject. An open one is read whole, to forecast."""
    run = newest_run(subject_kind, subject_id)
    if run is None:
        return None
    if run.state == Run.State.OPEN:
        jobs = jobs_of(run.id)
        return outcome_of(_snapshot(run, jobs, failures_of(jobs)))
    jobs = ended_jobs_of(run.id)
    failed = failures_of(jobs)
    return RunOutcome(
        run=RunSummary(**_summary(run, None)),
        generation=run.generation,
        ended=tuple(_job(job, failed.get(job.pk)) for job in jobs),
        tried=tuple(map(Trial._make, subjects_of(run.id))),
    )


def outcome_of(run: RunSnapshot) -> RunOutcome:
    """Return what came of a run that was read whole."""
    return RunOutcome(
        run=RunSummary(**{field.name: getattr(run, field.name) for field in fields(RunSummary)}),
        generation=run.generation,
        ended=tuple(job for job in run.jobs if job.state in ENDED_BADLY),
        tried=tuple(Trial(job.subject_kind, job.generation, job.subject_id) for job in run.jobs),
    )


def failures_of(jobs: Sequence[Job | JobRow]) -> dict[int, FailureSnapshot]:
    """Return what failed last, by the number of each job that has not got over it."""
    failed = {job.pk: job for job in jobs if job.failure_code}
    if not failed:
        return {}
    references = dict(
        Attempt.objects.filter(job__in=list(failed))
        .exclude(support_reference="")
        .order_by("token")
        .values_list("job_id", "support_reference")
    )
    return {pk: _failure(job, references.get(pk, "")) for pk, job in failed.items()}


def worker_health(now: datetime) -> Health:
    """Return how the workers are: healthy, degraded or unhealthy, with the reasons."""
    return judge(measured_facts(now))


def _failure(job: Job | JobRow, support_reference: str) -> FailureSnapshot:
    failure = failures.by_code(job.failure_code)
    is_waiting = job.state == Job.State.WAITING
    return FailureSnapshot(
        code=failure.code,
        message=failure.message,
        suggestion=failure.suggestion,
        retryable=is_waiting or (job.state == Job.State.DEAD and not failure.is_permanent),
        retry_at=job.run_at if is_waiting else None,
        support_reference=support_reference,
    )


def _snapshots(found: list[Run]) -> list[RunSnapshot]:
    jobs = list(Job.objects.filter(run__in=[run.pk for run in found]).order_by("pk"))
    failed = failures_of(jobs)
    by_run: dict[UUID, list[Job]] = {run.pk: [] for run in found}
    for job in jobs:
        by_run[job.run_id].append(job)
    return [_snapshot(run, by_run[run.pk], failed) for run in found]


def _snapshot(
    run: Run | RunRow, jobs: Sequence[Job | JobRow], failed: dict[int, FailureSnapshot]
) -> RunSnapshot:
    is_open = run.state == Run.State.OPEN
    forecast = runs.forecast_of(runs.shares_of(run, jobs)) if is_open else None
    return RunSnapshot(
        **_summary(run, forecast),
        sealed=run.sealed_at is not None,
        generation=run.generation,
        subject_kind=run.subject_kind,
        subject_id=run.subject_id,
        jobs=tuple(_job(job, failed.get(job.pk)) for job in jobs),
    )


def _summary(run: Run | RunRow, forecast: Forecast | None) -> dict[str, Any]:
    """Return the fields of a RunSummary."""
    return {
        "id": run.id,
        "state": run.state,
        "percent": run.percent,
        "current_stage": run.current_stage,
        "estimated_completion_s": forecast.estimated_completion_s if forecast else None,
        "estimated_error_s": forecast.estimated_error_s if forecast else None,
        "last_event_seq": run.last_event_seq,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
    }


def _job(job: Job | JobRow, failure: FailureSnapshot | None) -> JobSnapshot:
    return JobSnapshot(**job_facts(job), failure=failure)


def job_facts(job: Job | JobRow) -> dict[str, Any]:
    """Return what every picture of a job shows of its row."""
    return {name: getattr(job, name) for name in JOB_FACTS}


JOB_FACTS = tuple(field.name for field in fields(JobSnapshot) if field.name != "failure")

"""What staff look at: the state of the machine room, the history of a job."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min

from ops import failures, subjects
from ops.models import Attempt, DeadLetter, Event, Job
from ops.selectors import Health, worker_health

RECENTLY = timedelta(hours=24)
EVENTS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseOfDeath:
    """What open dead letters have in common."""

    code: str
    message: str
    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many jobs are in a state."""

    state: str
    label: str
    count: int
    is_recent: bool  # only those that ended within the last 24 hours were counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The machine room at a glance."""

    health: Health
    dead_letters: tuple[CauseOfDeath, ...]  # the most frequent first
    jobs: tuple[StateCount, ...]

    @property
    def dead_letter_count(self) -> int:
        return sum(cause.count for cause in self.dead_letters)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One claim of a job and how it ended."""

    number: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    failure: failures.Failure | None
    support_reference: str
    error: str
    traceback: str
    delay_s: float | None

    @property
    def took_s(self) -> float | None:
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """What was told about a job."""

    seq: int
    type: str
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHistory:
    """A job with all that happened to it."""

    failure: failures.Failure | None  # that it has not got over
    attempts: tuple[AttemptView, ...]
    events: tuple[EventView, ...]
    page_url: str  # where members see what the run is about; "" if there is no such page
    can_retry: bool
    can_cancel: bool


def overview(now: datetime) -> Overview:
    """Return the workers' health, open dead letters by cause and jobs by state."""
    return Overview(
        health=worker_health(now),
        dead_letters=tuple(_causes_of_death()),
        jobs=tuple(_jobs_by_state(now)),
    )


def job_history(job: Job) -> JobHistory:
    """Return what happened to the job; its run must be loaded with it."""
    attempts = Attempt.objects.filter(job=job).order_by("token")
    told = Event.objects.filter(run_id=job.run_id, payload__job_id=str(job.public_id))
    return JobHistory(
        failure=_failure(job.failure_code),
        attempts=tuple(_attempt(row) for row in attempts),
        events=tuple(_event(row) for row in told.order_by("-seq")[:EVENTS_SHOWN])[::-1],
        page_url=subjects.page_of(job.run.subject_kind, job.run.subject_id, job.run.board),
        can_retry=job.state == Job.State.DEAD,
        can_cancel=job.state in Job.OPEN,
    )


def _causes_of_death() -> Iterable[CauseOfDeath]:
    rows = (
        DeadLetter.objects.filter(state=DeadLetter.State.OPEN)
        .values("failure_code")
        .annotate(count=Count("pk"), oldest_at=Min("created_at"))
        .order_by("-count", "failure_code")
    )
    for row in rows:
        failure = _failure(row["failure_code"])
        yield CauseOfDeath(
            code=row["failure_code"],
            message=failure.message if failure else "",
            count=row["count"],
            oldest_at=row["oldest_at"],
        )


def _jobs_by_state(now: datetime) -> Iterable[StateCount]:
    # One state at a time: each count then reads one of the partial indexes and no job.
    for state in Job.State:
        is_recent = state not in Job.OPEN
        rows = Job.objects.filter(state=state)
        if is_recent:
            rows = rows.filter(finished_at__gte=now - RECENTLY)
        yield StateCount(
            state=state.value, label=str(state.label), count=rows.count(), is_recent=is_recent
        )


def _failure(code: str) -> failures.Failure | None:
    """Return the row of the table; None where nothing failed or the row was taken out since."""
    return failures.FAILURES.get(code)


def _attempt(row: Attempt) -> AttemptView:
    return AttemptView(
        number=row.token,
        worker=row.worker,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        failure=_failure(row.failure_code),
        support_reference=row.support_reference,
        error=row.error,
        traceback=row.traceback,
        delay_s=row.delay_s,
    )


def _event(row: Event) -> EventView:
    payload: dict[str, Any] = row.payload
    return EventView(
        seq=row.seq,
        type=row.type,
        state=payload.get("state", ""),
        reason=payload.get("reason", ""),
        at=row.at,
    )

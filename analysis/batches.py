"""How the processing of a session goes: its stages, retries and failures."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.http import Http404

from analysis.timeline import present_jobs
from interviews.permissions import access_session
from ops import failures
from ops.models import Attempt
from ops.principals import Principal
from ops.selectors import JobSnapshot, RunSnapshot, latest_run


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryCount:
    """How often a failure was answered by another attempt, and by which strategy."""

    code: str
    strategy: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStatus:
    """A session's latest run with its retry statistics."""

    session_id: UUID
    run: RunSnapshot
    retries: tuple[RetryCount, ...]
    next_retry_at: datetime | None

    @property
    def failed(self) -> tuple[JobSnapshot, ...]:
        return tuple(job for job in present_jobs(self.run) if job.state == "dead")


def batch_status(principal: Principal, interview_key: str, session_id: UUID) -> BatchStatus:
    """Return how the session's latest run goes.

    Raises: Http404, also for a session that never had a run.
    """
    session = access_session(principal, interview_key, session_id)
    run = latest_run("session", session.pk)
    if run is None:
        raise Http404
    waits = [job.run_at for job in run.jobs if job.state == "waiting" and job.attempts]
    return BatchStatus(
        session_id=session.pk,
        run=run,
        retries=retry_counts(run.id),
        next_retry_at=min(waits, default=None),
    )


def retry_counts(run_id: UUID) -> tuple[RetryCount, ...]:
    """Return the run's retries by failure code."""
    again = (Attempt.Outcome.RETRY, Attempt.Outcome.SNOOZED, Attempt.Outcome.LOST)
    rows = (
        Attempt.objects.filter(job__run=run_id, outcome__in=again)
        .values_list("failure_code")
        .annotate(count=Count("pk"))
        .order_by("failure_code")
    )
    return tuple(
        RetryCount(code=code, strategy=failures.by_code(code).policy, count=count)
        for code, count in rows
        if code
    )

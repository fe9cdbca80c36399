"""Jobs as lists show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from ops import selectors
from ops.models import Job
from ops.permissions import visible_jobs
from ops.principals import Principal
from ops.selectors import FailureSnapshot, JobSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEntry(JobSnapshot):
    """One job of any run."""

    run_id: UUID
    created_at: datetime


def jobs_by_filters(
    principal: Principal,
    *,
    state: str | None = None,
    kind: str | None = None,
    session: UUID | None = None,
    run: UUID | None = None,
) -> QuerySet[Job]:
    """Return the jobs the principal may see, narrowed; `kind` is a stage's name."""
    wanted = {
        "state": state,
        "stage": kind,
        "run__subject_id": session,
        "run_id": run,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    return visible_jobs(principal).filter(**given)


def job_entries(jobs: Sequence[Job]) -> list[JobEntry]:
    """Return the jobs as entries; one query for all that failed."""
    failed = selectors.failures_of(jobs)
    return [_entry(job, failed.get(job.pk)) for job in jobs]


def job_entry(job: Job) -> JobEntry:
    """Return one job as an entry."""
    return job_entries([job])[0]


def _entry(job: Job, failure: FailureSnapshot | None) -> JobEntry:
    facts = selectors.job_facts(job)
    return JobEntry(**facts, run_id=job.run_id, created_at=job.created_at, failure=failure)

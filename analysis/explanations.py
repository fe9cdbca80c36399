"""Turn failure codes and dead jobs into what people read."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from analysis.results import Absence, Explanation
from analysis.timeline import present_jobs
from ops import failures
from ops.selectors import JobSnapshot, RunSnapshot

CANCELLED = Explanation(
    code="cancelled",
    message="Somebody cancelled this step.",
    suggestion="Process the session again when you want the result.",
)


def explanation(code: str) -> Explanation | None:
    """Return the words of a failure code; None for no code."""
    if not code:
        return None
    if code == CANCELLED.code:
        return CANCELLED
    failure = failures.by_code(code)
    return Explanation(code=failure.code, message=failure.message, suggestion=failure.suggestion)


def absences(
    run: RunSnapshot | None,
    stored: Iterable[Mapping[str, Any]],
    orders: Mapping[UUID, int],
) -> tuple[Absence, ...]:
    """Return what is missing: of the latest run's ended jobs, else what the last run wrote down.

    `orders` maps recording ids to the order of their question.
    """
    ended = [job for job in present_jobs(run) if job.state in ("dead", "cancelled")] if run else []
    if ended:
        return tuple(_absence_of_job(job, orders) for job in ended)
    return tuple(
        Absence(
            stage=row["stage"],
            subject_id=(subject_id := UUID(str(row["subject_id"]))),
            question_order=orders.get(subject_id),
            failure=explanation(row["code"]) or CANCELLED,
            job_id=None,
            support_reference="",
        )
        for row in stored
    )


def _absence_of_job(job: JobSnapshot, orders: Mapping[UUID, int]) -> Absence:
    failure = job.failure
    words = (
        Explanation(code=failure.code, message=failure.message, suggestion=failure.suggestion)
        if failure
        else CANCELLED
    )
    return Absence(
        stage=job.stage,
        subject_id=job.subject_id,
        question_order=orders.get(job.subject_id),
        failure=words,
        job_id=job.public_id,
        support_reference=failure.support_reference if failure else "",
    )

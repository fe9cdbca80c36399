"""Turn failure codes and dead jobs into what people read."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from analysis.results import Absence, Explanation
from analysis.timeline import is_present
from ops import failures
from ops.selectors import JobSnapshot, RunOutcome

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
    return Explanation(code=failure.code, message=failure.message, suggestion=failure.advice)


def absences(
    outcome: RunOutcome | None,
    stored: Iterable[Mapping[str, Any]],
    orders: Mapping[UUID, int],
) -> tuple[Absence, ...]:
    """Return what the latest run could not make, and what is written down about all it left alone.

    `orders` maps recording ids to the order of their question.
    """
    tried, ended = set(), []
    if outcome:
        of_run = outcome.generation
        ended = [
            _absence_of_job(job, orders)
            for job in outcome.ended
            if is_present(job.subject_kind, job.generation, of_run=of_run)
        ]
        tried = {
            trial.subject_id
            for trial in outcome.tried
            if is_present(trial.subject_kind, trial.generation, of_run=of_run)
        }
    noted = [_absence_of_row(row, orders) for row in stored]
    return (*ended, *(absence for absence in noted if absence.subject_id not in tried))


def _absence_of_row(row: Mapping[str, Any], orders: Mapping[UUID, int]) -> Absence:
    subject_id = UUID(str(row["subject_id"]))
    return Absence(
        stage=row["stage"],
        subject_id=subject_id,
        question_order=orders.get(subject_id),
        failure=explanation(row["code"]) or CANCELLED,
        job_id=None,
        support_reference="",
    )


def _absence_of_job(job: JobSnapshot, orders: Mapping[UUID, int]) -> Absence:
    failure = job.failure
    words = explanation(failure.code) or CANCELLED if failure else CANCELLED
    return Absence(
        stage=job.stage,
        subject_id=job.subject_id,
        question_order=orders.get(job.subject_id),
        failure=words,
        job_id=job.public_id,
        support_reference=failure.support_reference if failure else "",
    )

"""What staff do to many jobs at once: retry and cancel them, discard their dead letters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ops import audit
from ops.conflicts import StateConflict
from ops.models import DeadLetter, Job
from ops.redrives import cancel_job, redrive

GONE = "It is no longer there."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many were done, and why the others were not: each reason once."""

    done: int
    refused: int
    reasons: tuple[str, ...]


def retry_jobs(*, ids: Iterable[UUID], actor: str, reason: str, now: datetime) -> Tally:
    """Drive dead jobs again, by public id, each in a transaction of its own."""
    return _one_by_one(ids, lambda pk: redrive(job_id=pk, actor=actor, reason=reason, now=now))


def cancel_jobs(*, ids: Iterable[UUID], actor: str, reason: str, now: datetime) -> Tally:  # noqa: ARG001 - each deed is called alike
    """Cancel open jobs, by public id, each in a transaction of its own."""
    return _one_by_one(ids, lambda pk: cancel_job(job_id=pk, actor=actor, reason=reason))


def discard_letters(*, ids: Iterable[UUID], actor: str, reason: str, now: datetime) -> Tally:  # noqa: ARG001 - as above
    """Put open dead letters away; their jobs stay dead and can still be retried."""
    return _one_by_one(ids, lambda pk: discard_letter(letter_id=pk, actor=actor, reason=reason))


@transaction.atomic
def discard_letter(*, letter_id: UUID, actor: str, reason: str) -> None:
    """Put an open dead letter away. Raises StateConflict, DeadLetter.DoesNotExist."""
    letter = DeadLetter.objects.select_related("job__run").get(pk=letter_id)
    still_open = DeadLetter.objects.filter(pk=letter_id, state=DeadLetter.State.OPEN)
    if not still_open.update(state=DeadLetter.State.DISCARDED):
        raise StateConflict("letter_not_open", "Only an open dead letter can be discarded.")
    audit.record(
        organization_id=letter.job.run.organization_id,
        actor=actor,
        action="dead_letter.discarded",
        subject_kind="dead_letter",
        subject_id=str(letter.pk),
        detail={
            "job_id": str(letter.job.public_id),
            "failure_code": letter.failure_code,
            "reason": reason,
        },
    )


def _one_by_one(ids: Iterable[UUID], act: Callable[[UUID], object]) -> Tally:
    done = refused = 0
    reasons: dict[str, None] = {}
    for pk in ids:
        try:
            act(pk)
        except StateConflict as conflict:
            refused += 1
            reasons[conflict.message] = None
        except (Job.DoesNotExist, DeadLetter.DoesNotExist):
            refused += 1
            reasons[GONE] = None
        else:
            done += 1
    return Tally(done=done, refused=refused, reasons=tuple(reasons))

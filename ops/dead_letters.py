"""What becomes of dead letters, and what staff do to many jobs at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet

from ops import audit
from ops.conflicts import StateConflict
from ops.models import Attempt, DeadLetter, Job
from ops.redrives import AUTOMATIC, cancel_job, redrive

EXPIRED_AT_ONCE = 1000
GONE = "It is no longer there."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many were done, and why the others were not: each reason once."""

    done: int
    refused: int
    reasons: tuple[str, ...]


def retry_jobs(*, ids: Iterable[UUID], actor: str, reason: str, now: datetime) -> Tally:
    """Drive dead jobs again, by public id, each in a transaction of its own."""
    return one_by_one(ids, lambda pk: redrive(job_id=pk, actor=actor, reason=reason, now=now))


def cancel_jobs(*, ids: Iterable[UUID], actor: str, reason: str, now: datetime) -> Tally:  # noqa: ARG001 - each deed is called alike
    """Cancel open jobs, by public id, each in a transaction of its own."""
    return one_by_one(ids, lambda pk: cancel_job(job_id=pk, actor=actor, reason=reason))


def discard_letters(*, ids: Iterable[UUID], actor: str, reason: str, now: datetime) -> Tally:  # noqa: ARG001 - as above
    """Put open dead letters away; their jobs stay dead and can still be retried."""
    return one_by_one(ids, lambda pk: discard_letter(letter_id=pk, actor=actor, reason=reason))


@transaction.atomic
def discard_letter(*, letter_id: UUID, actor: str, reason: str) -> None:
    """Put an open dead letter away. Raises StateConflict, DeadLetter.DoesNotExist."""
    letter = DeadLetter.objects.select_related("job__run").get(pk=letter_id)
    still_open = DeadLetter.objects.filter(pk=letter_id, state=DeadLetter.State.OPEN)
    if not still_open.update(state=DeadLetter.State.DISCARDED, redrive_at=None):
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


def discard_matching(
    *, letters: QuerySet[DeadLetter], actor: str, reason: str, is_dry_run: bool = False
) -> int:
    """Put every open letter of `letters` away in one go; return how many. A dry run only counts."""
    still_open = letters.filter(state=DeadLetter.State.OPEN)
    if is_dry_run:
        return still_open.count()
    with transaction.atomic():
        by_code = dict(
            still_open.values_list("failure_code").annotate(count=Count("pk")).order_by()
        )
        done = still_open.update(state=DeadLetter.State.DISCARDED, redrive_at=None)
        audit.record(
            organization_id=None,
            actor=actor,
            action="dead_letter.many_discarded",
            subject_kind="dead_letter",
            subject_id="many",
            detail={"count": done, "by_code": by_code, "reason": reason},
        )
    return done


def expire_letters(*, now: datetime) -> int:
    """End what lies longer than DEAD_LETTER_DAYS; return how many letters.

    The audit trail keeps the fact, the job keeps its code; texts and traces of the attempts go.
    """
    over = DeadLetter.objects.filter(expires_at__lte=now).exclude(state=DeadLetter.State.EXPIRED)
    over = over.exclude(state=DeadLetter.State.RETRYING).select_related("job__run")
    ended = 0
    for letter in over.order_by("expires_at")[:EXPIRED_AT_ONCE]:
        with transaction.atomic():
            ended += _expire(letter, now)
    return ended


def _expire(letter: DeadLetter, now: datetime) -> int:
    same = DeadLetter.objects.filter(pk=letter.pk, state=letter.state)
    if not same.update(state=DeadLetter.State.EXPIRED, redrive_at=None, shape=""):
        return 0
    Attempt.objects.filter(job=letter.job).update(error="", traceback="")
    audit.record(
        organization_id=letter.job.run.organization_id,
        actor=AUTOMATIC,
        action="dead_letter.expired",
        subject_kind="dead_letter",
        subject_id=str(letter.pk),
        detail={
            "job_id": str(letter.job.public_id),
            "failure_code": letter.failure_code,
            "fingerprint": letter.fingerprint,
            "was": letter.state,
            "redrives": letter.redrives,
            "at": now.isoformat(),
        },
    )
    return 1


def one_by_one(ids: Iterable[UUID], act: Callable[[UUID], object]) -> Tally:
    """Do a deed to each; what cannot be done is counted with its reason."""
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

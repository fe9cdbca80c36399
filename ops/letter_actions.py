"""The four things that are done to dead letters from outside, as a table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from ops.conflicts import StateConflict
from ops.dead_letters import GONE, discard_letter, discard_matching
from ops.letter_queries import LetterFilters, matching_letters
from ops.models import DeadLetter, Job
from ops.redrive_queue import schedule_redrives
from ops.redrives import redrive


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What became of one job."""

    job_id: UUID
    done: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was done, or in a dry run would be."""

    action: str
    dry_run: bool
    count: int
    candidates: int | None = None
    rate_per_min: float | None = None
    last_at: datetime | None = None
    results: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for."""

    action: str
    filters: LetterFilters
    actor: str
    reason: str
    now: datetime
    is_dry_run: bool = False
    rate_per_min: float | None = None


def act_on_letters(order: Order) -> Outcome:
    """Carry out an order: jobs that are named one by one, others all that match."""
    return ACTIONS[order.action](order)


def _retry(order: Order) -> Outcome:
    def act(job_id: UUID) -> None:
        redrive(job_id=job_id, actor=order.actor, reason=order.reason, now=order.now)

    return _one_by_one(order, act)


def _discard(order: Order) -> Outcome:
    def act(job_id: UUID) -> None:
        letter_id = DeadLetter.objects.values_list("pk", flat=True).get(job__public_id=job_id)
        discard_letter(letter_id=letter_id, actor=order.actor, reason=order.reason)

    return _one_by_one(order, act)


def _one_by_one(order: Order, act: Callable[[UUID], None]) -> Outcome:
    """Act on each named job in a transaction of its own; a dry run says which are open."""
    if order.is_dry_run:
        open_ids = set(_matching(order).values_list("job__public_id", flat=True))
        items = tuple(_foreseen(job_id, open_ids) for job_id in order.filters.job_ids)
    else:
        items = tuple(_tried(job_id, act) for job_id in order.filters.job_ids)
    return Outcome(
        action=order.action,
        dry_run=order.is_dry_run,
        count=sum(item.done for item in items),
        results=items,
    )


def _foreseen(job_id: UUID, open_ids: set[UUID]) -> Item:
    is_open = job_id in open_ids
    return Item(job_id=job_id, done=is_open, reason="" if is_open else "It has no open letter.")


def _tried(job_id: UUID, act: Callable[[UUID], None]) -> Item:
    try:
        act(job_id)
    except StateConflict as conflict:
        return Item(job_id=job_id, done=False, reason=conflict.message)
    except (Job.DoesNotExist, DeadLetter.DoesNotExist):
        return Item(job_id=job_id, done=False, reason=GONE)
    return Item(job_id=job_id, done=True)


def _retry_all(order: Order) -> Outcome:
    schedule = schedule_redrives(
        letters=_matching(order),
        actor=order.actor,
        reason=order.reason,
        now=order.now,
        rate_per_min=order.rate_per_min,
        is_dry_run=order.is_dry_run,
    )
    return Outcome(
        action=order.action,
        dry_run=order.is_dry_run,
        count=schedule.count,
        candidates=schedule.candidates,
        rate_per_min=schedule.rate_per_min,
        last_at=schedule.last_at,
    )


def _clear(order: Order) -> Outcome:
    letters = _matching(order)
    candidates = letters.values("waiting_id").distinct().count()
    count = discard_matching(
        letters=letters, actor=order.actor, reason=order.reason, is_dry_run=order.is_dry_run
    )
    return Outcome(
        action=order.action, dry_run=order.is_dry_run, count=count, candidates=candidates
    )


def _matching(order: Order) -> QuerySet[DeadLetter]:
    return matching_letters(order.filters, order.now)


ACTIONS: dict[str, Callable[[Order], Outcome]] = {
    "retry": _retry,
    "retry_all": _retry_all,
    "discard": _discard,
    "clear": _clear,
}

"""Circuit breakers: calls to an outside service that is ill are not made, by any process.

A guarded call that may not be made raises StageFailure `breaker_open` with the time to wait; the
retry policy snoozes the job until then, or the next engine has its turn.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ops import audit, breaker_rules
from ops.breaker_rules import HOPELESS, TRIPPING, Admitted, Breaker, BreakerPolicy, Force, Refused
from ops.failures import StageFailure, classify
from ops.models import BreakerState

logger = logging.getLogger(__name__)
COLUMNS = tuple(field.name for field in fields(Breaker))


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerView:
    """A breaker as people see it."""

    dependency: str
    state: str
    forced: str
    opened_at: datetime | None
    open_until: datetime | None
    failures_in_row: int
    refused: int
    trips: int
    failure_code: str
    updated_at: datetime

    @property
    def is_closed(self) -> bool:
        """Whether calls pass."""
        return self.forced == "closed" or (not self.forced and self.state == "closed")


@contextmanager
def guard(dependency: str) -> Iterator[None]:
    """Make a call to an outside service, unless its breaker is open. "": nothing outside.

    The error of the call goes on as it came. Raises StageFailure: breaker_open.
    """
    if not dependency:
        yield
        return
    permit = _enter(dependency, timezone.now())
    try:
        yield
    except Exception as error:
        code = classify(error).code
        if code in TRIPPING or code in HOPELESS:
            _change(dependency, lambda b, now, p: breaker_rules.fail(b, permit, code, now, p))
        else:  # refused input, an invalid answer: it is there and answers
            _change(dependency, lambda b, now, p: breaker_rules.succeed(b, permit, now, p))
        raise
    except BaseException:  # we stopped it: a lost lease, a person's cancel, the end of the process
        _change(dependency, lambda b, now, _: breaker_rules.abandon(b, permit, now))
        raise
    else:
        _change(dependency, lambda b, now, p: breaker_rules.succeed(b, permit, now, p))


def list_breakers() -> tuple[BreakerView, ...]:
    """Return every breaker that has ever counted a call; one query."""
    names = [field.name for field in fields(BreakerView)]
    rows = BreakerState.objects.order_by("dependency").values(*names)
    return tuple(BreakerView(**row) for row in rows)


def force_breaker(*, dependency: str, to: Force, actor: str, reason: str, now: datetime) -> None:
    """Hold a breaker open or closed until further notice; "" lets it judge by itself again.

    Judging starts from closed. Raises BreakerState.DoesNotExist.
    """
    with transaction.atomic():
        row = BreakerState.objects.select_for_update().get(pk=dependency)
        row.forced = to
        _write(row, breaker_rules.closed(_read(row)))
        audit.record(
            organization_id=None,
            actor=actor,
            action=f"breaker.forced_{to}" if to else "breaker.released",
            subject_kind="breaker",
            subject_id=dependency,
            detail={"reason": reason, "at": now.isoformat()},
        )


def _enter(dependency: str, now: datetime) -> Admitted:
    row = BreakerState.objects.filter(pk=dependency).first()
    if row is None or breaker_rules.is_free(_read(row)):
        return Admitted()
    with transaction.atomic():
        row = BreakerState.objects.select_for_update().get(pk=dependency)
        breaker, verdict = breaker_rules.admit(_read(row), now, policy(), uuid4())
        _write(row, breaker)
    if isinstance(verdict, Refused):
        raise StageFailure("breaker_open", dependency, retry_after_s=verdict.retry_after_s)
    return verdict


def policy() -> BreakerPolicy:
    """Return the numbers that hold here."""
    return BreakerPolicy.with_changes(settings.BREAKER_POLICY)


def _change(dependency: str, change: Callable[[Breaker, datetime, BreakerPolicy], Breaker]) -> None:
    now = timezone.now()
    with transaction.atomic():
        BreakerState.objects.get_or_create(pk=dependency)
        row = BreakerState.objects.select_for_update().get(pk=dependency)
        before = _read(row)
        after = change(before, now, policy())
        _write(row, after)
    if after.state != before.state:
        told = f" ({after.failure_code})" if after.state == "open" else ""
        logger.warning("Breaker %s: %s -> %s%s", dependency, before.state, after.state, told)


def _read(row: BreakerState) -> Breaker:
    return Breaker(**{name: getattr(row, name) for name in COLUMNS})


def _write(row: BreakerState, breaker: Breaker) -> None:
    for name, value in asdict(breaker).items():
        setattr(row, name, value)
    row.save()

"""One makes what many miss: single flight across threads, processes and hosts, by a row.

Whoever misses a value first takes off; the others look again every POLL_S until it is there. A
maker that fails tells its failure to all who waited for it: a stampede on a service that is down
makes one call, too. A maker that dies is replaced when its lease is over.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from ops import failures
from ops.clock import database_now
from ops.failures import StageFailure
from ops.models import CacheFlight

T = TypeVar("T")
POLL_S = 0.05
LEASE_S = 150.0  # longer than the longest call of a provider
PATIENCE_S = 160.0


def fly(
    name: str,
    *,
    look: Callable[[], T | None],
    make: Callable[[], T],
    lease_s: float = LEASE_S,
    patience_s: float = PATIENCE_S,
) -> tuple[T, bool]:
    """Return (value, whether this caller made it): from `look`, else by the one call of `make`.

    Call it outside any transaction: what others write would not be seen in one. `make` keeps the
    value where `look` finds it.

    Raises:
        StageFailure: the code of the failure of the call that this one waited for;
            `network_timeout` when the wait was too long.
        Exception: what `make` raises, to the one who made it.

    """
    give_up_at = time.monotonic() + patience_s
    awaited: UUID | None = None
    while True:
        found = look()
        if found is not None:
            return found, False
        token = uuid4()
        if _takes_off(name, token, lease_s, awaited):
            return _made(name, token, look, make)
        flight = CacheFlight.objects.filter(name=name).first()
        if flight is not None:
            if flight.failure_code and flight.token == awaited:
                raise StageFailure(flight.failure_code, "the one call for all who asked failed")
            awaited = flight.token
        if time.monotonic() > give_up_at:
            raise StageFailure("network_timeout", f"waited {patience_s:.0f} s for another's call")
        time.sleep(POLL_S)


def _made(
    name: str, token: UUID, look: Callable[[], T | None], make: Callable[[], T]
) -> tuple[T, bool]:
    mine = CacheFlight.objects.filter(name=name, token=token)
    try:
        found = look()  # somebody may have landed between our look and our start
        value = make() if found is None else found
    except Exception as error:
        code = failures.classify(error).code
        mine.update(failure_code=code, until=_in(LEASE_S))
        raise
    except BaseException:  # told to stop: nobody's failure, another may take off at once
        mine.delete()
        raise
    mine.delete()
    return value, found is None


def _takes_off(name: str, token: UUID, lease_s: float, awaited: UUID | None) -> bool:
    """Whether this caller is the one who makes it: the database decides."""
    present = CacheFlight.objects.filter(name=name)
    # A flight that failed is free for newcomers; who waited for it hears of its failure instead.
    is_failed = ~Q(failure_code="") & ~Q(token=awaited)
    if present.filter(Q(until__lt=Now()) | is_failed).update(
        token=token, until=_in(lease_s), failure_code=""
    ):
        return True
    if present.exists():
        return False
    row = CacheFlight(name=name, token=token, until=database_now() + timedelta(seconds=lease_s))
    CacheFlight.objects.bulk_create([row], ignore_conflicts=True)
    return CacheFlight.objects.filter(name=name, token=token).exists()


def _in(seconds: float) -> Combinable:
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())

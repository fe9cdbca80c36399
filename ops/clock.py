"""Which time it is for jobs: the clock that all hosts share, and what is due by it."""

import time
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from ops.models import Job

STEP_S = 5.0  # a smaller one is slewing, or a machine that was slow


def database_now() -> datetime:
    """Return the time by the database's clock: a host's own may be off by minutes.

    SQLite has no clock but the host's.
    """
    if connection.vendor == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        # Not now(): that is the start of the transaction.
        cursor.execute("select clock_timestamp()")
        row: tuple[datetime] = cursor.fetchone()
    return row[0]


def is_due(now: datetime) -> Q:
    """Return which waiting jobs are due.

    What was never claimed was meant for at once: it is due even if the clock was set back since.
    """
    return Q(run_at__lte=now) | Q(token=0)


class WallClock:
    """Notices when this host's clock is set, by the one that only ever goes on."""

    def __init__(self) -> None:
        self._wall, self._steady = timezone.now(), time.monotonic()

    def step_s(self) -> float:
        """Return by how much the clock was set since the last look; 0 unless by over STEP_S."""
        wall, steady = timezone.now(), time.monotonic()
        step_s = (wall - self._wall).total_seconds() - (steady - self._steady)
        self._wall, self._steady = wall, steady
        return step_s if abs(step_s) > STEP_S else 0.0


def follow_step(step_s: float) -> int:
    """Move what waits for a time yet to come with a clock that was set back; return how many.

    Otherwise a retry in 2 s would wait for as long as the clock was set back. Nothing to do where
    the database has a clock of its own.
    """
    if step_s >= 0 or connection.vendor != "sqlite":
        return 0
    waiting = Job.objects.filter(state=Job.State.WAITING, run_at__gt=timezone.now())
    return waiting.update(run_at=F("run_at") + timedelta(seconds=step_s))

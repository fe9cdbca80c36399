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
    """Return which waiting jobs are due."""
    return Q(run_at__lte=now)


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


def follow_unseen_step(now: datetime) -> int:
    """Begin at once what bears a date yet to come, and so was made before a step nobody saw.

    The clock may be set back while no supervisor runs, or just as a job is being written. Returns
    how many; looks at one row while nothing is wrong.
    """
    if connection.vendor != "sqlite":
        return 0
    newest = Job.objects.order_by("-pk").values_list("created_at", flat=True).first()
    if newest is None or newest <= now + timedelta(seconds=STEP_S):
        return 0
    ahead = Job.objects.filter(state=Job.State.WAITING, created_at__gt=now, run_at__gt=now)
    return ahead.update(run_at=now)

"""Which time it is for jobs: the clock that all hosts share, and what is due by it."""

from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone


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

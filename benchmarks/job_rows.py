"""Any number of job rows in seconds: written by one statement of SQLite."""

from uuid import uuid4

from django.db import connection
from django.utils import timezone

from ops.models import Job, Organization, Run

COLUMNS = {
    "public_id": "lower(hex(randomblob(16)))",
    "subject_id": "lower(hex(randomblob(16)))",
    "stage": "'bench'",
    "subject_kind": "'recording'",
    "generation": "1",
    "queue": "case when n % 4 = 0 then 'long' else 'short' end",
    "priority": "100",
    "outcome": "''",
    "reason": "''",
    "progress": "1",
    "attempts": "1",
    "crashes": "0",
    "worker": "''",
    "cancel_requested": "0",
    "failure_code": "''",
}
AGO = "strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || {seconds} || ' seconds')"


def a_run() -> Run:
    """Make a run that rows can belong to."""
    organization = Organization.objects.create(name="Bench")
    return Run.objects.create(organization=organization, subject_kind="session", subject_id=uuid4())


def add_ended(run: Run, count: int, *, within_s: int) -> None:
    """Add jobs that ended evenly within the last `within_s`; each hundredth is dead."""
    at = AGO.format(seconds=f"printf('%.3f', n * {within_s}.0 / {count})")
    state = "case when n % 100 = 0 then 'dead' else 'done' end"
    _insert(run, count, {"state": state, "token": "1", "run_at": at, "finished_at": at})


def add_waiting(run: Run, count: int, *, in_s: int = 0) -> None:
    """Add jobs that wait: due since an hour at most, or only from `in_s` on."""
    at = AGO.format(seconds=f"({-in_s} + n % 3600)" if not in_s else f"({-in_s} - n % 3600)")
    token = "1" if in_s else "0"
    _insert(run, count, {"state": "'waiting'", "token": token, "run_at": at, "finished_at": "null"})


def _insert(run: Run, count: int, columns: dict[str, str]) -> None:
    assert connection.vendor == "sqlite", "these rows are written in SQLite's own SQL"
    table = Job._meta.db_table  # noqa: SLF001 - Django's own way
    values = {
        **COLUMNS,
        "run_id": f"'{run.pk.hex}'",
        "created_at": AGO.format(seconds="0"),
        **columns,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"with recursive counter(n) as (select 1 union all select n + 1 from counter "  # noqa: S608
            f"where n < {count}) insert into {table} ({', '.join(values)}) "
            f"select {', '.join(values.values())} from counter"
        )


def started() -> None:
    """Say that the clock of the rows is this one's."""
    with connection.cursor() as cursor:
        cursor.execute("select strftime('%s', 'now')")
        assert abs(int(cursor.fetchone()[0]) - timezone.now().timestamp()) < 2

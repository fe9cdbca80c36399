"""Any number of job rows in seconds: written by one statement of SQLite."""

import time
from collections.abc import Callable

from django.db import connection
from django.db.models import Model

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
RUN_COLUMNS = {
    "id": "printf('%032x', {first} + n)",
    "subject_kind": "'session'",
    "subject_id": "lower(hex(randomblob(16)))",
    "board": "''",
    "state": "'open'",
    "options": "'{{}}'",
    "expected_recordings": "0",
    "generation": "1",
    "percent": "0",
    "current_stage": "''",
    "last_event_seq": "0",
}
JOBS_OF_A_RUN = 20
AGO = "strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('%+.3f seconds', -({seconds})))"
LETTERS = """
insert into ops_deadletter (id, job_id, state, fingerprint, similar, shape, failure_code, stage,
  queue, waiting_id, redrives, automatic_redrives, redrive_actor, redrive_reason, created_at,
  expires_at)
select lower(hex(randomblob(16))), job.id, 'open', printf('%064x', job.id % 200),
  printf('%032x', job.id % 60), 'a message', job.failure_code, job.stage, job.queue,
  run.subject_id, 0, 0, '', '', job.finished_at, strftime('%Y-%m-%d %H:%M:%f000', job.finished_at,
  '+30 days')
from ops_job job join ops_run run on run.id = job.run_id
where job.state = 'dead' and job.id not in (select job_id from ops_deadletter)
"""


def add_ended(count: int, *, within_s: int) -> None:
    """Add jobs that ended evenly within the last `within_s`; each hundredth is dead."""
    at = AGO.format(seconds=f"n * {within_s}.0 / {count}")
    state = "case when n % 100 = 0 then 'dead' else 'done' end"
    _add_jobs(count, {"state": state, "token": "1", "run_at": at, "finished_at": at})


def add_waiting(count: int, *, in_s: int = 0) -> None:
    """Add jobs that wait: due since an hour at most, or only from `in_s` on."""
    at = AGO.format(seconds=f"{-in_s} - n % 3600" if in_s else "n % 3600")
    token = "1" if in_s else "0"
    _add_jobs(count, {"state": "'waiting'", "token": token, "run_at": at, "finished_at": "null"})


def add_dead(count: int) -> None:
    """Add jobs that gave up within 20 days, of 200 causes, each with an open dead letter."""
    at = AGO.format(seconds=f"n * {20 * 86400}.0 / {count}")
    code = "case when n % 5 = 0 then 'rate_limited' else 'provider_5xx' end"
    _add_jobs(
        count,
        {
            "state": "'dead'",
            "token": "1",
            "run_at": at,
            "finished_at": at,
            "failure_code": code,
            "stage": "case when n % 3 = 0 then 'transcribe' else 'evaluate' end",
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(LETTERS)


def _add_jobs(count: int, columns: dict[str, str]) -> None:
    first = Run.objects.count() + 1
    organization, _ = Organization.objects.get_or_create(name="Bench")
    runs = {name: value.format(first=first) for name, value in RUN_COLUMNS.items()}
    runs |= {"organization_id": f"'{organization.pk.hex}'", "created_at": AGO.format(seconds="0")}
    insert_rows(Run, count // JOBS_OF_A_RUN + 1, runs)
    run_id = f"printf('%032x', {first} + 1 + (n - 1) / {JOBS_OF_A_RUN})"
    insert_rows(
        Job, count, {**COLUMNS, "run_id": run_id, "created_at": AGO.format(seconds="0"), **columns}
    )


def insert_rows(model: type[Model], count: int, values: dict[str, str]) -> None:
    """Add rows whose columns are these expressions of `n`, 1 to `count`."""
    assert connection.vendor == "sqlite", "these rows are written in SQLite's own SQL"
    table = model._meta.db_table  # noqa: SLF001 - Django's own way
    with connection.cursor() as cursor:
        cursor.execute(
            f"with recursive counter(n) as (select 1 union all select n + 1 from counter "  # noqa: S608
            f"where n < {count}) insert into {table} ({', '.join(values)}) "
            f"select {', '.join(values.values())} from counter"
        )


def timed_ms(work: Callable[[], object]) -> float:
    """Return how long that took."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def timed_cpu_ms(work: Callable[[], object]) -> tuple[float, float]:
    """Return how long that took, and how much CPU: SQLite works in this process."""
    cpu = time.process_time()
    took_ms = timed_ms(work)
    return took_ms, (time.process_time() - cpu) * 1000

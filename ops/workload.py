"""What there is to do and who does it: the measured facts behind the health page."""

import time
from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q

from ops import breakers, hints, processes
from ops.clock import is_due
from ops.health import WINDOW_S, BreakerFacts, DeadLetterFacts, Facts, QueueFacts, WorkerFacts
from ops.masking import masked
from ops.models import DeadLetter, Job, WorkerHeartbeat


def measured_facts(now: datetime) -> Facts:
    """Return the facts, or that the database does not answer: an outage is no empty queue."""
    started = time.perf_counter()
    try:
        running = _running()
        workers = tuple(_workers(now, running))
        queues = _queues(now)
        dead_letters = _dead_letters(now)
        circuits = _breakers(now)
    except DatabaseError as error:
        error_text = masked(f"{type(error).__name__}: {error}")
        return Facts(at=now, response_time_ms=_since_ms(started), database_error=error_text)
    return Facts(
        at=now,
        response_time_ms=_since_ms(started),
        workers=workers,
        queues=queues,
        dead_letters=dead_letters,
        breakers=circuits,
        redis_connected=hints.is_answering() if hints.is_used() else None,
    )


def _since_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _running() -> dict[tuple[str, int], int]:
    """Return how many jobs run, by (host, pid)."""
    running: dict[tuple[str, int], int] = defaultdict(int)
    for worker in Job.objects.filter(state=Job.State.RUNNING).values_list("worker", flat=True):
        running[processes.host_and_pid(worker)] += 1
    return running


def _workers(now: datetime, running: dict[tuple[str, int], int]) -> list[WorkerFacts]:
    return [
        WorkerFacts(
            id=beat.key,
            queue=beat.queue,
            last_heartbeat_s=round((now - beat.at).total_seconds(), 1),
            running=sum(running.get((beat.host, pid), 0) for pid in beat.worker_pids),
        )
        for beat in WorkerHeartbeat.objects.order_by("queue", "key")
    ]


def _queues(now: datetime) -> dict[str, QueueFacts]:
    window = now - timedelta(seconds=WINDOW_S)
    waiting = Q(state=Job.State.WAITING)
    ended = Q(finished_at__gte=window)
    names = ["short", *settings.Q_CLUSTER["ALT_CLUSTERS"]]
    rows = (
        Job.objects.filter(Q(state__in=Job.OPEN) | ended)
        .values("queue")
        .annotate(
            due=Count("pk", filter=waiting & is_due(now)),
            active=Count("pk", filter=Q(state=Job.State.RUNNING)),
            later=Count("pk", filter=waiting & ~is_due(now)),
            completed=Count("pk", filter=ended & Q(state=Job.State.DONE)),
            failed=Count("pk", filter=ended & Q(state=Job.State.DEAD)),
            oldest_at=Min("run_at", filter=waiting & is_due(now)),
        )
    )
    queues = {name: QueueFacts() for name in names}
    for row in rows:
        oldest_at = row["oldest_at"]
        queues[row["queue"]] = QueueFacts(
            waiting=row["due"],
            active=row["active"],
            retry_wait=row["later"],
            completed=row["completed"],
            failed=row["failed"],
            oldest_waiting_s=(now - oldest_at).total_seconds() if oldest_at else None,
        )
    return queues


def _dead_letters(now: datetime) -> DeadLetterFacts:
    found = DeadLetter.objects.filter(state=DeadLetter.State.OPEN).aggregate(
        count=Count("pk"), oldest_at=Min("created_at")
    )
    oldest_at = found["oldest_at"]
    oldest_s = (now - oldest_at).total_seconds() if oldest_at else None
    return DeadLetterFacts(open=found["count"], oldest_s=oldest_s)


def _breakers(now: datetime) -> dict[str, BreakerFacts]:
    return {
        view.dependency: BreakerFacts(
            state=view.state,
            forced=view.forced,
            failure_code=view.failure_code,
            open_for_s=_seconds(now - view.opened_at) if view.opened_at else None,
            next_probe_s=max(0.0, _seconds(view.open_until - now)) if view.open_until else None,
        )
        for view in breakers.list_breakers()
    }


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 1)

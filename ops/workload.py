"""What there is to do and who does it: the measured facts behind the health page."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q

from ops import breakers, hints, probes, processes, samples
from ops.clock import is_due
from ops.health import (
    WINDOW_S,
    BreakerFacts,
    DeadLetterFacts,
    Facts,
    QueueFacts,
    StorageFacts,
    WorkerFacts,
)
from ops.masking import masked
from ops.measures import DEAD_LETTERS, DUE, LATER
from ops.models import DeadLetter, Job, WorkerHeartbeat

EXACT_UP_TO = 1000  # rows that are counted one by one at every look


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How much waits in a queue."""

    due: int
    later: int
    oldest_at: datetime | None  # of what is due

    @property
    def is_deep(self) -> bool:
        return self.due + self.later >= EXACT_UP_TO


def measured_facts(now: datetime) -> Facts:
    """Return the facts, or that the database does not answer: an outage is no empty queue."""
    started = time.perf_counter()
    try:
        running = _running()
        workers = tuple(_workers(now, running))
        queues = _queues(now, running)
        dead_letters = _dead_letters(now)
        circuits = _breakers(now)
        storage = _storage(now)
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
        storage=storage,
    )


def _storage(now: datetime) -> StorageFacts | None:
    found = probes.last_probe("storage")
    if found is None:
        return None
    return StorageFacts(
        kind=found.kind,
        connected=found.is_connected,
        code=found.code,
        took_ms=found.took_ms,
        checked_s=round((now - found.at).total_seconds(), 1),
    )


def _since_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _running() -> list[tuple[str, str]]:
    """Return (queue, worker) of what runs: never more rows than there are workers."""
    return list(Job.objects.filter(state=Job.State.RUNNING).values_list("queue", "worker"))


def _workers(now: datetime, running: list[tuple[str, str]]) -> list[WorkerFacts]:
    at_work = Counter(processes.host_and_pid(worker) for _queue, worker in running)
    return [
        WorkerFacts(
            id=beat.key,
            queue=beat.queue,
            last_heartbeat_s=round((now - beat.at).total_seconds(), 1),
            running=sum(at_work[beat.host, pid] for pid in beat.worker_pids),
        )
        for beat in WorkerHeartbeat.objects.order_by("queue", "key")
    ]


def _queues(now: datetime, running: list[tuple[str, str]]) -> dict[str, QueueFacts]:
    since = now - timedelta(seconds=WINDOW_S)
    active = Counter(queue for queue, _worker in running)
    minutes = samples.completed_minutes(since)
    counted = minutes.by_queue if minutes else {}
    configured = ["short", *settings.Q_CLUSTER["ALT_CLUSTERS"]]
    names = list(dict.fromkeys([*configured, *sorted({*active, *counted})]))
    failed = _ended(Job.State.DEAD, names, since)
    completed = _completed(minutes, names, since)
    depths = _depths(names, now)
    return {
        name: QueueFacts(
            waiting=depths[name].due,
            active=active[name],
            retry_wait=depths[name].later,
            completed=completed[name],
            failed=failed[name],
            oldest_waiting_s=_age_s(now, depths[name].oldest_at),
        )
        for name in names
    }


def _depths(names: Iterable[str], now: datetime) -> dict[str, Depth]:
    """Return how much waits: exact up to EXACT_UP_TO, beyond it as last sampled."""
    depths = {name: _first(name, now) for name in names}
    deep = [name for name, depth in depths.items() if depth.is_deep]
    if deep:
        sampled = samples.sampled_depths(now)
        for name in deep:
            depths[name] = _deep(name, depths[name], now, sampled.get(name))
    return depths


def _first(queue: str, now: datetime) -> Depth:
    waiting = Job.objects.filter(state=Job.State.WAITING, queue=queue).order_by("run_at")
    return Depth(**waiting[:EXACT_UP_TO].aggregate(**_depth_sums(now)))


def _deep(queue: str, seen: Depth, now: datetime, sampled: Mapping[str, int] | None) -> Depth:
    """Return a depth that nobody counts at every look; without a sample all rows are counted."""
    if sampled is None:
        waiting = Job.objects.filter(state=Job.State.WAITING, queue=queue)
        return Depth(**waiting.aggregate(**_depth_sums(now)))
    # At least what was seen: most of it may have come since the sample.
    due, later = max(seen.due, sampled[DUE]), max(seen.later, sampled[LATER])
    return replace(seen, due=due, later=later)


def exact_depths(now: datetime, judged: Mapping[str, QueueFacts]) -> dict[str, Depth]:
    """Return how much waits in every queue, also in one that no setting names any more.

    What was `judged` a moment ago is counted again only where it is too deep to be exact.
    """
    depths = {
        name: Depth(due=facts.waiting, later=facts.retry_wait, oldest_at=None)
        for name, facts in judged.items()
    }
    waiting = Job.objects.filter(state=Job.State.WAITING)
    exact = [name for name, depth in depths.items() if not depth.is_deep]
    waiting = waiting.exclude(queue__in=exact)
    rows = waiting.order_by().values_list("queue").annotate(**_depth_sums(now))
    return depths | {
        queue: Depth(due=due, later=later, oldest_at=oldest_at)
        for queue, due, later, oldest_at in rows
    }


def _depth_sums(now: datetime) -> dict[str, Any]:
    return {
        "due": Count("pk", filter=is_due(now)),
        "later": Count("pk", filter=~is_due(now)),
        "oldest_at": Min("run_at", filter=is_due(now)),
    }


def _completed(
    minutes: samples.CompletedMinutes | None, names: Iterable[str], since: datetime
) -> Counter[str]:
    """Return what got done by queue: whole minutes as sampled, what they leave from the jobs."""
    if minutes is None:
        return _ended(Job.State.DONE, names, since)
    before = _ended(Job.State.DONE, names, since, minutes.start)
    return before + Counter(minutes.by_queue) + _ended(Job.State.DONE, names, minutes.end)


def _ended(
    state: str, names: Iterable[str], since: datetime, until: datetime | None = None
) -> Counter[str]:
    """Count by queue within one pass over the index: GROUP BY would sort the rows first."""
    rows = Job.objects.filter(state=state, finished_at__gte=since)
    if until is not None:
        rows = rows.filter(finished_at__lt=until)
    return Counter(rows.aggregate(**{name: Count("pk", filter=Q(queue=name)) for name in names}))


def _dead_letters(now: datetime) -> DeadLetterFacts:
    """Return how many are open: exact up to EXACT_UP_TO, beyond it as last sampled."""
    letters = DeadLetter.objects.filter(state=DeadLetter.State.OPEN).order_by("created_at")
    sums = {"count": Count("pk"), "oldest_at": Min("created_at")}
    found = letters[:EXACT_UP_TO].aggregate(**sums)
    count = found["count"]
    if count == EXACT_UP_TO:
        sampled = samples.newest_level(DEAD_LETTERS, now)
        count = letters.count() if sampled is None else max(count, int(sampled))
    return DeadLetterFacts(open=count, oldest_s=_age_s(now, found["oldest_at"]))


def _age_s(now: datetime, at: datetime | None) -> float | None:
    return None if at is None else (now - at).total_seconds()


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

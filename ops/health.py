"""How the workers are, judged from measured facts: healthy, degraded or unhealthy. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Status = Literal["healthy", "degraded", "unhealthy"]
FRESH_S = 10.0  # age of a heartbeat that still counts
LATE_S = 60.0  # a due job older than this: degraded
VERY_LATE_S = 600.0  # and than this: unhealthy
WINDOW_S = 3600  # over which ended jobs are counted: rates, never "since forever"
MANY_DEAD = 5  # in the window


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFacts:
    """One cluster of workers, as it last reported."""

    id: str
    queue: str
    last_heartbeat_s: float
    running: int

    @property
    def is_fresh(self) -> bool:
        return self.last_heartbeat_s < FRESH_S


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFacts:
    """What a queue holds, and what ended in it within the window."""

    waiting: int = 0  # due, not taken
    active: int = 0
    retry_wait: int = 0  # due later
    completed: int = 0
    failed: int = 0
    oldest_waiting_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterFacts:
    """What gave up and waits for a person."""

    open: int = 0
    oldest_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerFacts:
    """Whether an outside service may be called."""

    state: str  # closed, open or half_open
    forced: str = ""  # what staff hold it at
    failure_code: str = ""  # of the failure that opened it last
    open_for_s: float | None = None  # None: it is not open
    next_probe_s: float | None = None

    @property
    def is_open(self) -> bool:
        return self.forced == "open" or (not self.forced and self.state != "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFacts:
    """How the storage of recordings answered when it was last asked."""

    kind: str
    connected: bool
    code: str  # of the failure; "": none
    took_ms: float
    checked_s: float  # so long ago


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was measured."""

    at: datetime
    response_time_ms: float
    database_error: str = ""
    workers: tuple[WorkerFacts, ...] = ()
    queues: Mapping[str, QueueFacts] = field(default_factory=dict)
    dead_letters: DeadLetterFacts = DeadLetterFacts()
    breakers: Mapping[str, BreakerFacts] = field(default_factory=dict)
    redis_connected: bool | None = None  # None: not used
    storage: StorageFacts | None = None  # None: nobody looked of late


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The answer of /api/health/workers."""

    status: Status
    reasons: tuple[str, ...]
    timestamp: datetime
    response_time_ms: float
    window_s: int
    broker: Mapping[str, Any]
    database: Mapping[str, Any]
    storage: Mapping[str, Any] | None  # the last probe's result; None: never probed
    workers: tuple[WorkerFacts, ...]
    queues: Mapping[str, QueueFacts]
    breakers: Mapping[str, BreakerFacts]
    dead_letters: DeadLetterFacts
    redis: Mapping[str, Any] | None  # None: not used
    total_failed: int


def judge(facts: Facts) -> Health:
    """Return the health that follows from the facts, with a sentence for each reason."""
    unhealthy, degraded = _findings(facts)
    status: Status = "unhealthy" if unhealthy else "degraded" if degraded else "healthy"
    is_connected = not facts.database_error
    return Health(
        status=status,
        reasons=(*unhealthy, *degraded),
        timestamp=facts.at,
        response_time_ms=facts.response_time_ms,
        window_s=WINDOW_S,
        broker={"connected": is_connected, "kind": "database"},
        database={"connected": is_connected, "error": facts.database_error},
        storage=None if facts.storage is None else asdict(facts.storage),
        workers=facts.workers,
        queues=facts.queues,
        breakers=facts.breakers,
        dead_letters=facts.dead_letters,
        redis=None if facts.redis_connected is None else {"connected": facts.redis_connected},
        total_failed=sum(queue.failed for queue in facts.queues.values()),
    )


def _findings(facts: Facts) -> tuple[list[str], list[str]]:
    """Return what makes it unhealthy, and what only degrades it."""
    if facts.database_error:
        return [f"The database does not answer: {facts.database_error}"], []
    unhealthy, degraded = [], []
    for name, queue in facts.queues.items():
        oldest_s = queue.oldest_waiting_s or 0.0
        if queue.waiting and not any(w.is_fresh and w.queue == name for w in facts.workers):
            unhealthy.append(f"Work is due in queue {name} and no worker is alive.")
        elif oldest_s > VERY_LATE_S:
            unhealthy.append(f"A job in queue {name} is {oldest_s / 60:.0f} minutes late.")
        elif oldest_s > LATE_S:
            degraded.append(f"A job in queue {name} is {oldest_s:.0f} s late.")
    degraded += [
        f"The workers of queue {worker.queue} ({worker.id}) are silent."
        for worker in facts.workers
        if not worker.is_fresh
    ]
    if not facts.workers:
        degraded.append("No worker has reported.")
    degraded += [
        f"The circuit breaker of {name} is {'held ' if breaker.forced else ''}open."
        for name, breaker in facts.breakers.items()
        if breaker.is_open
    ]
    if facts.storage is not None and not facts.storage.connected:
        degraded.append(f"The storage of recordings does not work: {facts.storage.code}.")
    if facts.redis_connected is False:
        degraded.append("Redis does not answer: live progress comes a little later.")
    failed = sum(queue.failed for queue in facts.queues.values())
    if failed >= MANY_DEAD:
        degraded.append(f"{failed} jobs gave up within the last hour.")
    return unhealthy, degraded

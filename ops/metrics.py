"""What Prometheus is told: the machine room from the database, this process's requests from memory.

The only door to prometheus_client. Labels are names of the code (queues, dependencies, routes),
never ids, addresses or anything about people.
"""

import hmac
import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from prometheus_client import (  # noqa: TID251 - this is the door
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: TID251 - as above
from prometheus_client.registry import Collector  # noqa: TID251 - as above

from ops import samples, workload
from ops.health import Facts, judge
from ops.measures import COMPLETED, FAILED, STATUSES

__all__ = ["CONTENT_TYPE_LATEST", "exposition", "may_read", "observe_request"]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
BREAKER_STATES = ("closed", "open", "half_open")
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
TOTALS = {
    COMPLETED: ("candor_jobs_completed", "Jobs that got done, up to the last whole minute"),
    FAILED: ("candor_jobs_failed", "Jobs that gave up, up to the last whole minute"),
}

_registry = CollectorRegistry()
_requests = Counter(
    "candor_http_requests", "Answered requests", ("route", "method", "status"), registry=_registry
)
_duration = Histogram(
    "candor_http_request_duration_seconds",
    "From the request until the answer begins",
    ("route", "method"),
    registry=_registry,
    buckets=BUCKETS_S,
)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A level with its labels and values; what was not measured has no value."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    values: Iterable[tuple[tuple[str, ...], float | None]]

    def family(self) -> Metric:
        family = GaugeMetricFamily(f"candor_{self.name}", self.meaning, labels=self.labels)
        for labels, value in self.values:
            if value is not None:
                family.add_metric(labels, value)
        return family


class MachineRoom(Collector):
    """Asks the database at every scrape, as the health page does."""

    def describe(self) -> Iterable[Metric]:
        return []  # else the registry would ask the database at start

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        facts = workload.measured_facts(now)
        try:
            counted = [] if facts.database_error else [*_totals(), *_sampled(now)]
            is_up = not facts.database_error
        except DatabaseError:
            counted, is_up = [], False
        yield Gauge("database_up", "1: the database answers", (), [((), is_up)]).family()
        if is_up:
            yield from counted
            yield from (gauge.family() for gauge in _gauges(facts))


_registry.register(MachineRoom())


def exposition() -> bytes:
    """Return everything in Prometheus' text format."""
    return generate_latest(_registry)


def observe_request(request: HttpRequest, status: int, took_s: float) -> None:
    """Count one answered request of this process by the name of its route."""
    found = request.resolver_match
    route = (found.view_name if found else "") or "unnamed"
    method = request.method if request.method in METHODS else "other"
    _requests.labels(route, method, str(status)).inc()
    _duration.labels(route, method).observe(took_s)


def may_read(request: HttpRequest) -> HTTPStatus:
    """Return 200 for the bearer of METRICS_TOKEN or, where none is set, for this machine.

    Behind a proxy everybody seems to come from this machine: nobody reads then without a token.
    """
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        is_bearer = hmac.compare_digest(given, f"Bearer {token}".encode())
        return HTTPStatus.OK if is_bearer else HTTPStatus.UNAUTHORIZED
    is_forwarded = settings.TRUSTED_PROXIES or any(name in request.META for name in FORWARDED)
    is_here = not is_forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))
    return HTTPStatus.OK if is_here else HTTPStatus.NOT_FOUND


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:  # a socket file, or nothing
        return False


def _totals() -> list[Metric]:
    found = samples.totals()
    families: list[Metric] = []
    for measure, (name, meaning) in TOTALS.items():
        family = CounterMetricFamily(name, meaning, labels=("queue",))
        for (metric, queue), total in sorted(found.items()):
            if metric == measure:
                family.add_metric((queue,), total)
        families.append(family)
    return families


def _sampled(now: datetime) -> list[Metric]:
    until = samples.counted_until()
    age_s = None if until is None else (now - until).total_seconds()
    meaning = "Since the last minute whose endings are counted"
    return [Gauge("samples_age_seconds", meaning, (), [((), age_s)]).family()]


def _gauges(facts: Facts) -> Iterator[Gauge]:
    queues = facts.queues.items()
    by_queue = ("queue",)
    yield Gauge("jobs_due", "Due and not taken", by_queue, [((n,), q.waiting) for n, q in queues])
    yield Gauge("jobs_later", "Wait for later", by_queue, [((n,), q.retry_wait) for n, q in queues])
    yield Gauge("jobs_running", "At work", by_queue, [((n,), q.active) for n, q in queues])
    late = [((name,), queue.oldest_waiting_s) for name, queue in queues]
    yield Gauge("oldest_due_seconds", "How late the oldest due job is", by_queue, late)
    yield from _workers(facts)
    letters = facts.dead_letters
    yield Gauge("dead_letters_open", "They wait for a person", (), [((), letters.open)])
    yield Gauge("oldest_dead_letter_seconds", "Age of the oldest", (), [((), letters.oldest_s)])
    states = [
        ((name, state), breaker.state == state)
        for name, breaker in facts.breakers.items()
        for state in BREAKER_STATES
    ]
    yield Gauge("breaker_state", "1: in this state", ("dependency", "state"), states)
    held = [((name,), breaker.is_open) for name, breaker in facts.breakers.items()]
    yield Gauge("breaker_open", "1: no calls are made", ("dependency",), held)
    status = judge(facts).status
    yield Gauge("health", "1: so it is", ("status",), [((s,), s == status) for s in STATUSES])
    if facts.redis_connected is not None:
        yield Gauge("redis_up", "1: Redis answers", (), [((), facts.redis_connected)])


def _workers(facts: Facts) -> Iterator[Gauge]:
    """Yield how alive each queue's clusters are; which host they run on is nobody's label."""
    ages: dict[str, list[float]] = {}
    for worker in facts.workers:
        ages.setdefault(worker.queue, []).append(worker.last_heartbeat_s)
    fresh = dict.fromkeys(ages, 0)
    for worker in facts.workers:
        fresh[worker.queue] += worker.is_fresh
    youngest = [((queue,), min(found)) for queue, found in ages.items()]
    yield Gauge("heartbeat_age_seconds", "Of the queue's freshest cluster", ("queue",), youngest)
    alive = [((queue,), float(count)) for queue, count in fresh.items()]
    yield Gauge("clusters_alive", "Clusters with a fresh heartbeat", ("queue",), alive)

"""What staff are told about without asking: a table of rules over measured facts. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from ops.failures import FAILURES, by_code
from ops.health import Health

Severity = Literal["warning", "critical"]
AGAIN_AFTER = timedelta(hours=1)  # the same thing is told at most this often
# All must have been well for so long before anybody is told so: what flickers is not told twice.
QUIET_FOR = timedelta(minutes=5)
NEEDS_A_PERSON = frozenset(failure.code for failure in FAILURES.values() if failure.alert)
HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCause:
    """A cause of death that nobody has seen before."""

    fingerprint: str
    failure_code: str
    stages: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What the rules look at."""

    health: Health
    open_letters: Mapping[str, int] = field(default_factory=dict)  # by queue
    new_causes: tuple[NewCause, ...] = ()
    unattended: Mapping[str, int] = field(default_factory=dict)  # attempts by code that waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that staff should know, in a sentence that names nobody."""

    rule: str
    key: str  # what is the same thing when it is found again
    text: str
    path: str  # of the admin page that tells more
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """One row: what is looked for, from which limit on, and how it is told."""

    name: str
    meaning: str  # with {limit}
    find: Callable[[Measures, float], Iterator[Finding]]
    limit: float | None = None  # None: there is nothing to set but on and off
    lasts: timedelta = timedelta(0)  # how long it must hold before it is told
    is_event: bool = False  # told once; that it is over says nothing

    @property
    def text(self) -> str:
        """The meaning with the limit that holds."""
        return self.meaning.format(limit=f"{self.limit:g}" if self.limit is not None else "")


def _not_healthy(measures: Measures, _limit: float) -> Iterator[Finding]:
    health = measures.health
    if health.status != "healthy":
        yield Finding(
            rule="not_healthy",
            key="not_healthy",
            text=f"Candor is {health.status}. {' '.join(health.reasons)}",
            path="",
            severity="critical" if health.status == "unhealthy" else "warning",
        )


def _new_fingerprint(measures: Measures, _limit: float) -> Iterator[Finding]:
    for cause in measures.new_causes:
        failure = FAILURES.get(cause.failure_code) or by_code("unknown")
        yield Finding(
            rule="new_fingerprint",
            key=f"new_fingerprint:{cause.fingerprint[:32]}",
            text=f"A failure of a new kind, {cause.failure_code} in {', '.join(cause.stages)}: "
            f"{cause.count} jobs gave up. {failure.message}",
            path=f"ops/deadletter/groups/?fingerprint={cause.fingerprint}",
        )


def _dead_in_queue(measures: Measures, limit: float) -> Iterator[Finding]:
    for queue, count in measures.open_letters.items():
        if count > limit:
            yield Finding(
                rule="dead_in_queue",
                key=f"dead_in_queue:{queue}",
                text=f"{count} dead letters are open in queue {queue}.",
                path=f"ops/deadletter/groups/?queue={queue}",
            )


def _total_failed(measures: Measures, limit: float) -> Iterator[Finding]:
    if measures.health.total_failed > limit:
        minutes = measures.health.window_s / 60
        yield Finding(
            rule="total_failed",
            key="total_failed",
            text=f"{measures.health.total_failed} jobs gave up within {minutes:.0f} minutes.",
            path="ops/deadletter/groups/",
        )


def _oldest_dead(measures: Measures, limit: float) -> Iterator[Finding]:
    oldest_s = measures.health.dead_letters.oldest_s
    if oldest_s is not None and oldest_s > limit * HOUR_S:
        yield Finding(
            rule="oldest_dead_h",
            key="oldest_dead_h",
            text=f"A dead letter has waited for somebody for {oldest_s / HOUR_S:.0f} hours.",
            path="ops/deadletter/?state__exact=open",
        )


def _slow_answer(measures: Measures, limit: float) -> Iterator[Finding]:
    if measures.health.response_time_ms > limit:
        yield Finding(
            rule="slow_answer_ms",
            key="slow_answer_ms",
            text=f"Looking at the jobs took {measures.health.response_time_ms:.0f} ms.",
            path="",
        )


def _redis_disconnected(measures: Measures, _limit: float) -> Iterator[Finding]:
    redis = measures.health.redis
    if redis is not None and not redis["connected"]:
        yield Finding(
            rule="redis_disconnected",
            key="redis_disconnected",
            text="Redis does not answer: live progress comes a little later.",
            path="",
        )


def _breaker_open(measures: Measures, limit: float) -> Iterator[Finding]:
    for name, breaker in measures.health.breakers.items():
        if breaker.is_open and (breaker.open_for_s or 0.0) > limit:
            yield Finding(
                rule="breaker_open_s",
                key=f"breaker_open_s:{name}",
                text=f"The circuit breaker of {name} has been open for "
                f"{(breaker.open_for_s or 0.0) / 60:.0f} minutes ({breaker.failure_code}).",
                path="ops/breakerstate/",
            )


def _needs_a_person(measures: Measures, _limit: float) -> Iterator[Finding]:
    tripped = {
        breaker.failure_code: name
        for name, breaker in measures.health.breakers.items()
        if breaker.is_open and not breaker.forced and breaker.failure_code in NEEDS_A_PERSON
    }
    for code in sorted({*measures.unattended, *tripped}):
        failure = by_code(code)
        where = f" at {tripped[code]}" if code in tripped else ""
        yield Finding(
            rule="needs_a_person",
            key=f"needs_a_person:{code}",
            text=f"{code}{where}: {failure.message} {failure.suggestion}",
            path=f"ops/attempt/?failure_code={code}",
            severity="critical",
        )


def _never_found(_measures: Measures, _limit: float) -> Iterator[Finding]:
    """Find nothing in rows: without its database the supervisor watches by itself."""
    yield from ()


RULES = {
    rule.name: rule
    for rule in (
        AlertRule(
            name="not_healthy",
            meaning="the status is degraded or unhealthy for a minute",
            find=_not_healthy,
            lasts=timedelta(minutes=1),
        ),
        AlertRule(
            name="needs_a_person",
            meaning="a failure that nothing heals by itself, such as refused credentials",
            find=_needs_a_person,
        ),
        AlertRule(
            name="new_fingerprint",
            meaning="a job gave up for a cause that no letter has had before",
            find=_new_fingerprint,
            is_event=True,
        ),
        AlertRule(
            name="dead_in_queue",
            meaning="more than {limit} open dead letters in a queue",
            find=_dead_in_queue,
            limit=5,
        ),
        AlertRule(
            name="total_failed",
            meaning="more than {limit} jobs gave up within the last hour",
            find=_total_failed,
            limit=10,
        ),
        AlertRule(
            name="oldest_dead_h",
            meaning="an open dead letter is older than {limit} hours",
            find=_oldest_dead,
            limit=24,
        ),
        AlertRule(
            name="slow_answer_ms",
            meaning="looking at the jobs takes longer than {limit} ms",
            find=_slow_answer,
            limit=5000,
        ),
        AlertRule(
            name="redis_disconnected",
            meaning="Redis is set and does not answer",
            find=_redis_disconnected,
        ),
        AlertRule(
            name="breaker_open_s",
            meaning="a circuit breaker is open for longer than {limit} seconds",
            find=_breaker_open,
            limit=300,
        ),
        AlertRule(
            name="database_down_s",
            meaning="the supervisor can't reach the database for {limit} seconds",
            find=_never_found,
            limit=30,
        ),
    )
}


def rules_in_force(changes: Mapping[str, Any]) -> dict[str, AlertRule]:
    """Return the table with `changes`: a number is another limit, false switches a rule off.

    Raises ValueError, which names what is wrong.
    """
    if unknown := sorted(set(changes) - set(RULES)):
        raise ValueError(f"there is no rule {', '.join(unknown)}; there are {', '.join(RULES)}")
    changed = {name: _changed(rule, changes.get(name, True)) for name, rule in RULES.items()}
    return {name: rule for name, rule in changed.items() if rule is not None}


def _changed(rule: AlertRule, change: Any) -> AlertRule | None:
    if change is True:
        return rule
    if change is False or change is None:
        return None
    if rule.limit is None or not isinstance(change, int | float) or change < 0:
        kind = "true or false" if rule.limit is None else "a number that is not negative, or false"
        raise ValueError(f"{rule.name} takes {kind}")
    return replace(rule, limit=float(change))


def findings(measures: Measures, rules: Iterable[AlertRule]) -> tuple[Finding, ...]:
    """Return everything that staff should know now."""
    return tuple(found for rule in rules for found in rule.find(measures, rule.limit or 0.0))


def is_due(
    rule: AlertRule, *, opened_at: datetime, last_sent_at: datetime | None, now: datetime
) -> bool:
    """Whether it is to be told now: long enough there, and not told within the hour."""
    if now - opened_at < rule.lasts:
        return False
    if last_sent_at is None:
        return True
    was_told = last_sent_at >= opened_at
    return now - last_sent_at >= AGAIN_AFTER and not (rule.is_event and was_told)

"""What is measured every minute, and how minutes become hours. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How samples of a measure are put together."""

    LEVEL = "level"  # as it was at one moment: mean and highest
    COUNT = "count"  # what happened within the minute: sum
    TIMES = "times"  # durations of what ended in it: histograms, added


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that is measured."""

    name: str
    kind: Kind
    label: str  # what its label names; "" for none
    meaning: str


DUE, LATER, RUNNING = "due", "later", "running"
COMPLETED, FAILED, RETRIES = "completed", "failed", "retries"
WAIT, RUN = "wait_s", "run_s"
DEAD_LETTERS, BREAKERS, HEALTH = "dead_letters", "breakers", "health"
CACHE_HITS, CACHE_LOOKUPS = "cache_hits", "cache_lookups"
STATUSES = ("healthy", "degraded", "unhealthy")  # HEALTH is a place in this row

MEASURES = {
    measure.name: measure
    for measure in (
        Measure(name=DUE, kind=Kind.LEVEL, label="queue", meaning="due and not taken"),
        Measure(name=LATER, kind=Kind.LEVEL, label="queue", meaning="waits for its time"),
        Measure(name=RUNNING, kind=Kind.LEVEL, label="queue", meaning="at work"),
        Measure(name=COMPLETED, kind=Kind.COUNT, label="queue", meaning="jobs that got done"),
        Measure(name=FAILED, kind=Kind.COUNT, label="queue", meaning="jobs that gave up"),
        Measure(name=WAIT, kind=Kind.TIMES, label="queue", meaning="from due to claimed"),
        Measure(name=RUN, kind=Kind.TIMES, label="queue", meaning="from claimed to ended"),
        Measure(name=RETRIES, kind=Kind.COUNT, label="failure code", meaning="will be tried again"),
        Measure(name=DEAD_LETTERS, kind=Kind.LEVEL, label="", meaning="open"),
        Measure(name=BREAKERS, kind=Kind.LEVEL, label="dependency", meaning="1: open"),
        Measure(name=CACHE_HITS, kind=Kind.COUNT, label="cache", meaning="found"),
        Measure(name=CACHE_LOOKUPS, kind=Kind.COUNT, label="cache", meaning="asked for"),
        Measure(name=HEALTH, kind=Kind.LEVEL, label="", meaning="0 healthy .. 2 unhealthy"),
    )
}

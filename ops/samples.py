"""What the samples say: rows of minutes and hours, and the sums that were kept."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ops.measures import COMPLETED, DUE, HEALTH, LATER
from ops.models import Sample

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # where the totals stand
FRESH = timedelta(minutes=3)  # an older level says nothing of now

_minutes = Sample.objects.filter(span=Sample.Span.MINUTE)


class Reading(NamedTuple):
    """One sample as charts need it; a tuple, since a day has 30,000."""

    metric: str
    label: str
    at: datetime
    value: float | None
    highest: float | None
    buckets: dict[str, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedMinutes:
    """What got done per queue in the minutes from `start` until before `end`, without a gap."""

    start: datetime
    end: datetime
    by_queue: dict[str, int]


def minute_of(at: datetime) -> datetime:
    """Return where the minute of `at` begins."""
    return at.replace(second=0, microsecond=0)


def counted_until() -> datetime | None:
    """Return where the minutes end whose endings were counted; None before the first one."""
    last = _minutes.filter(metric=COMPLETED).order_by("-at").values_list("at", flat=True).first()
    return None if last is None else last + MINUTE


def summed_until() -> datetime | None:
    """Return where the hours end that are summed up; None before the first one."""
    hours = Sample.objects.filter(span=Sample.Span.HOUR, metric=COMPLETED).order_by("-at")
    last = hours.values_list("at", flat=True).first()
    return None if last is None else last + HOUR


def has_levels(minute: datetime) -> bool:
    """Whether the levels of that minute were taken."""
    return _minutes.filter(metric=HEALTH, at=minute).exists()


def completed_minutes(since: datetime) -> CompletedMinutes | None:
    """Return the newest unbroken row of counted minutes that begin at or after `since`."""
    rows = _minutes.filter(metric=COMPLETED, at__gte=since).order_by("-at")
    by_queue: dict[str, int] = defaultdict(int)
    start = end = None
    for at, queue, value in rows.values_list("at", "label", "value"):
        if start is not None and at < start - MINUTE:
            break  # a gap: what is before it is counted from the jobs themselves
        start, end = at, end or at + MINUTE
        by_queue[queue] += int(value or 0)
    if start is None or end is None:
        return None
    return CompletedMinutes(start=start, end=end, by_queue=dict(by_queue))


def sampled_depths(now: datetime) -> dict[str, dict[str, int]]:
    """Return due and later by queue as they were in the newest fresh minute; {} without one."""
    rows = _minutes.filter(metric__in=(DUE, LATER), at__gt=now - FRESH).order_by("at")
    depths: dict[str, dict[str, int]] = defaultdict(dict)
    for metric, queue, value in rows.values_list("metric", "label", "value"):
        depths[queue][metric] = int(value or 0)
    return dict(depths)


def newest_level(metric: str, now: datetime) -> float | None:
    """Return a measure as it was in the newest fresh minute; None without one."""
    rows = _minutes.filter(metric=metric, at__gt=now - FRESH).order_by("-at")
    return rows.values_list("value", flat=True).first()


def readings(span: str, metrics: Collection[str], since: datetime) -> list[Reading]:
    """Return the samples of these measures from `since` on, in no order."""
    rows = Sample.objects.filter(span=span, metric__in=metrics, at__gte=since)
    return [Reading(*row) for row in rows.order_by().values_list(*Reading._fields)]


def totals() -> dict[tuple[str, str], int]:
    """Return what was counted since the beginning, by measure and label."""
    rows = Sample.objects.filter(span=Sample.Span.TOTAL).values_list("metric", "label", "value")
    return {(metric, label): int(value or 0) for metric, label, value in rows}

"""Measure the machine room every minute, sum minutes up to hours, forget what is old.

Levels are taken as they are; a minute that nobody looked at stays a gap. What ended is counted
minute by minute afterwards, from the rows of jobs and attempts, so that a late look misses nothing
of the last hour.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F

from ops import health, histograms, samples, workload
from ops.measures import (
    BREAKERS,
    CACHE_HITS,
    CACHE_LOOKUPS,
    COMPLETED,
    DEAD_LETTERS,
    DUE,
    FAILED,
    HEALTH,
    LATER,
    MEASURES,
    RETRIES,
    RUN,
    RUNNING,
    STATUSES,
    WAIT,
    Kind,
)
from ops.models import Attempt, Job, Sample
from ops.samples import BEGINNING, HOUR, MINUTE, minute_of

KEEP_MINUTES = timedelta(hours=48)
KEEP_HOURS = timedelta(days=30)
SETTLED = timedelta(
    seconds=30
)  # what ended in a minute is committed by then: the longest lock wait
CATCH_UP = timedelta(seconds=health.WINDOW_S)  # minutes before that were never counted
ENDED = (Attempt.Outcome.COMPLETED, Attempt.Outcome.DEAD)
TIMED = (*ENDED, Attempt.Outcome.RETRY)
TOTALS = frozenset({COMPLETED, FAILED})

Value = tuple[str, str, float]  # measure, label, value


@dataclass(frozen=True, slots=True)
class Lookups:
    """How often a cache was asked in a span of time, and how often it knew."""

    hits: int
    asked: int


CountLookups = Callable[[datetime, datetime], Lookups]
_caches: dict[str, CountLookups] = {}


def watch_cache(name: str, count: CountLookups) -> None:
    """Have a cache's lookups from one time until before another counted with every minute."""
    _caches[name] = count


def take_samples(now: datetime) -> None:
    """Write what can be said of the present minute and of those that ended since the last look."""
    if not samples.has_levels(minute_of(now)):
        _write(minute_of(now), _levels(now))
    for minute in _uncounted(now):
        _count(minute)


def _levels(now: datetime) -> list[Value]:
    facts = workload.measured_facts(now)
    if facts.database_error:
        return []  # nothing was measured
    status = health.judge(facts).status
    found: list[Value] = [
        (HEALTH, "", STATUSES.index(status)),
        (DEAD_LETTERS, "", facts.dead_letters.open),
        *((BREAKERS, name, float(each.is_open)) for name, each in facts.breakers.items()),
    ]
    for queue, depth in workload.exact_depths(now, facts.queues).items():
        found += [(DUE, queue, depth.due), (LATER, queue, depth.later)]
        found.append((RUNNING, queue, facts.queues[queue].active if queue in facts.queues else 0))
    return found


def _uncounted(now: datetime) -> Iterator[datetime]:
    """Yield the whole minutes that have ended, are settled and were not counted yet."""
    minute = minute_of(now - CATCH_UP)
    counted_until = samples.counted_until()
    if counted_until is not None:
        minute = max(minute, counted_until)
    while minute + MINUTE <= now - SETTLED:
        yield minute
        minute += MINUTE


def _count(minute: datetime) -> None:
    until = minute + MINUTE
    counts = [*_ended(minute, until), *_retries(minute, until), *_lookups(minute, until)]
    _write(minute, counts, _times(minute, until))


def _ended(since: datetime, until: datetime) -> Iterator[Value]:
    """Count jobs that got done or gave up; a queue where nothing did has a 0: it was looked at."""
    of_state = {Job.State.DONE.value: COMPLETED, Job.State.DEAD.value: FAILED}
    # What still waits in a queue that no setting names any more must show, too.
    queues = {"short", *settings.Q_CLUSTER["ALT_CLUSTERS"], *samples.sampled_depths(until)}
    counts = dict.fromkeys(((name, queue) for name in (COMPLETED, FAILED) for queue in queues), 0)
    rows = Job.objects.filter(
        state__in=of_state, finished_at__gte=since, finished_at__lt=until
    ).values_list("state", "queue")
    for state, queue, count in rows.order_by().annotate(Count("pk")):
        counts[of_state[state], queue] = count
    return ((name, queue, count) for (name, queue), count in counts.items())


def _retries(since: datetime, until: datetime) -> Iterator[Value]:
    """Count attempts that will be made again, by failure code; "" is their sum, 0 included."""
    rows = Attempt.objects.filter(
        outcome=Attempt.Outcome.RETRY, ended_at__gte=since, ended_at__lt=until
    ).values_list("failure_code")
    by_code = dict(rows.order_by().annotate(Count("pk")))
    yield RETRIES, "", sum(by_code.values())
    yield from ((RETRIES, code, count) for code, count in by_code.items() if code)


def _lookups(since: datetime, until: datetime) -> Iterator[Value]:
    """Count lookups; a cache that nobody asked has no row: its hit rate is not known."""
    for name, count in _caches.items():
        found = count(since, until)
        if found.asked:
            yield CACHE_HITS, name, found.hits
            yield CACHE_LOOKUPS, name, found.asked


def _times(since: datetime, until: datetime) -> dict[tuple[str, str], dict[str, int]]:
    """Return histograms of how long jobs waited for a worker, and attempts ran, by queue."""
    durations_s: dict[tuple[str, str], list[float]] = defaultdict(list)
    rows = Attempt.objects.filter(outcome__in=TIMED, ended_at__gte=since, ended_at__lt=until)
    columns = ("job__queue", "outcome", "started_at", "ended_at", "job__run_at")
    for queue, outcome, started_at, ended_at, run_at in rows.values_list(*columns):
        durations_s[RUN, queue].append((ended_at - started_at).total_seconds())
        # Later than the claim: the job was driven again since, and its first due time is gone.
        if outcome in ENDED and run_at <= started_at:
            durations_s[WAIT, queue].append((started_at - run_at).total_seconds())
    return {key: histograms.counted(found) for key, found in durations_s.items()}


def _write(
    minute: datetime,
    values: Iterable[Value],
    times: dict[tuple[str, str], dict[str, int]] | None = None,
) -> None:
    """Write one minute's samples, all or none; what another host wrote already stays."""
    values = list(values)
    place = {"span": Sample.Span.MINUTE, "at": minute}
    rows = [Sample(**place, metric=name, label=label, value=v) for name, label, v in values]
    rows += [
        Sample(**place, metric=name, label=label, buckets=buckets)
        for (name, label), buckets in (times or {}).items()
    ]
    try:
        with transaction.atomic():
            Sample.objects.bulk_create(rows)
            for name, label, value in values:
                if name in TOTALS:
                    _add_to_total(name, label, value)
    except IntegrityError:  # one_sample_per_minute
        return


def _add_to_total(metric: str, label: str, value: float) -> None:
    place = {"span": Sample.Span.TOTAL, "metric": metric, "label": label, "at": BEGINNING}
    total, _ = Sample.objects.get_or_create(**place, defaults={"value": 0})
    Sample.objects.filter(pk=total.pk).update(value=F("value") + value)


# --- hours --------------------------------------------------------------------------------


def sum_up_samples(now: datetime) -> None:
    """Make hours of the minutes that are counted to the end, then delete what is too old."""
    counted_until = samples.counted_until()
    if counted_until is None:
        return
    until = counted_until.replace(minute=0)
    minutes = Sample.objects.filter(span=Sample.Span.MINUTE, metric__in=MEASURES, at__lt=until)
    if (summed_until := samples.summed_until()) is not None:
        minutes = minutes.filter(at__gte=summed_until)
    hours: dict[tuple[str, str, datetime], list[Sample]] = defaultdict(list)
    for row in minutes.iterator():
        hours[row.metric, row.label, row.at.replace(minute=0)].append(row)
    with transaction.atomic():
        Sample.objects.bulk_create(
            (_hour(*key, rows) for key, rows in hours.items()),
            ignore_conflicts=True,  # another host made it
        )
        forget_old_samples(now, until)


def _hour(metric: str, label: str, at: datetime, minutes: list[Sample]) -> Sample:
    hour = Sample(span=Sample.Span.HOUR, metric=metric, label=label, at=at)
    values = [row.value for row in minutes if row.value is not None]
    match MEASURES[metric].kind:
        case Kind.TIMES:
            hour.buckets = histograms.merged(row.buckets or {} for row in minutes)
        case Kind.COUNT:
            hour.value = sum(values)
        case Kind.LEVEL:
            hour.value, hour.highest = sum(values) / len(values), max(values)
    return hour


def forget_old_samples(now: datetime, summed_until: datetime) -> None:
    """Delete minutes after 48 h, never before their hour is made, and hours after 30 days."""
    old_minutes = min(minute_of(now) - KEEP_MINUTES, summed_until)
    for metric in MEASURES:
        rows = Sample.objects.filter(metric=metric)
        rows.filter(span=Sample.Span.MINUTE, at__lt=old_minutes).delete()
        rows.filter(span=Sample.Span.HOUR, at__lt=now - KEEP_HOURS - HOUR).delete()

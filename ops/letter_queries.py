"""Dead letters by filter, counted, and grouped by what they have in common."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from ops import failures
from ops.models import DeadLetter

Row = Mapping[str, Any]
GroupBy = Literal["fingerprint", "similar"]
MOST_GROUPS = 50
# A spike: at least so many within the hour, and so many times the mean hour of the day before.
SPIKE_COUNT = 5
SPIKE_FACTOR = 3.0
COUNTED = (
    "failure_code",
    "shape",
    "count",
    "candidates",
    "scheduled",
    "last_hour",
    "first_at",
    "last_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilters:
    """Which dead letters; what is empty does not narrow."""

    state: str = DeadLetter.State.OPEN
    queue: str = ""
    stage: str = ""
    code: str = ""
    fingerprint: str = ""
    similar: str = ""
    older_than_s: float | None = None
    job_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOfLetters:
    """What gave up in one queue."""

    count: int
    oldest_failure_at: datetime
    by_code: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterGroup:
    """Letters of one cause, or whose messages read alike."""

    key: str
    failure_code: str
    message: str
    suggestion: str
    shape: str
    stages: tuple[str, ...]
    count: int
    candidates: int  # whose sessions wait
    scheduled: int  # will be driven again by themselves or because somebody asked
    last_hour: int
    is_spike: bool
    first_at: datetime
    last_at: datetime


def matching_letters(filters: LetterFilters, now: datetime) -> QuerySet[DeadLetter]:
    """Return the letters of a filter."""
    found = DeadLetter.objects.all()
    exact = {
        "state": filters.state,
        "queue": filters.queue,
        "stage": filters.stage,
        "failure_code": filters.code,
        "fingerprint": filters.fingerprint,
        "similar": filters.similar,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if filters.older_than_s is not None:
        found = found.filter(created_at__lte=now - timedelta(seconds=filters.older_than_s))
    if filters.job_ids:
        found = found.filter(job__public_id__in=filters.job_ids)
    return found


def count_by_queue(letters: QuerySet[DeadLetter]) -> dict[str, QueueOfLetters]:
    """Return how many letters each queue has, by code; one query."""
    rows = (
        letters.values("queue", "failure_code")
        .annotate(count=Count("*"), oldest_at=Min("created_at"))
        .order_by("queue", "-count", "failure_code")
    )
    by_queue: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_queue[row["queue"]].append(row)
    return {name: _queue(found) for name, found in by_queue.items()}


def _queue(rows: Sequence[Row]) -> QueueOfLetters:
    return QueueOfLetters(
        count=sum(row["count"] for row in rows),
        oldest_failure_at=min(row["oldest_at"] for row in rows),
        by_code={row["failure_code"]: row["count"] for row in rows},
    )


def group_letters(
    letters: QuerySet[DeadLetter], *, by: GroupBy, now: datetime, limit: int = MOST_GROUPS
) -> tuple[LetterGroup, ...]:
    """Return the largest groups first; two queries, however many letters."""
    hour = Q(created_at__gte=now - timedelta(hours=1))
    day = Q(created_at__gte=now - timedelta(hours=25)) & ~hour
    rows = list(
        letters.values(by)
        .annotate(
            count=Count("*"),
            candidates=Count("waiting_id", distinct=True),
            scheduled=Count("redrive_at"),
            last_hour=Count("created_at", filter=hour),
            last_day=Count("created_at", filter=day),
            first_at=Min("created_at"),
            last_at=Max("created_at"),
            failure_code=Max("failure_code"),
            shape=Max("shape"),
        )
        .order_by("-count", by)[:limit]
    )
    stages = _stages(letters, by, [row[by] for row in rows])
    return tuple(_group(row, row[by], stages[row[by]]) for row in rows)


def _stages(letters: QuerySet[DeadLetter], by: str, keys: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    pairs = letters.filter(**{f"{by}__in": list(keys)}).values_list(by, "stage").distinct()
    for key, stage in pairs.order_by():
        found[key].add(stage)
    return found


def _group(row: Row, key: str, stages: set[str]) -> LetterGroup:
    failure = failures.FAILURES.get(row["failure_code"]) or failures.by_code("unknown")
    told = {name: row[name] for name in COUNTED}
    return LetterGroup(
        **told,
        key=key,
        message=failure.message,
        suggestion=failure.suggestion,
        stages=tuple(sorted(stages)),
        is_spike=row["last_hour"] >= max(SPIKE_COUNT, SPIKE_FACTOR * row["last_day"] / 24),
    )

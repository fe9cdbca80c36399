"""How the caches fare: what they hold, how often they knew, and what that spared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min, Sum
from django.utils import timezone

from ops import caches
from ops.caches import Cache
from ops.models import CacheEntry, CacheMinute
from ops.samples import BEGINNING
from ops.sampling import Lookups

KEEP_MINUTES = timedelta(hours=48)
MOST_KEYS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFacts:
    """One cache: what it holds and what it was good for since the beginning."""

    cache: Cache
    entries: int
    keys: int
    size_bytes: int
    oldest_at: datetime | None
    asked: int
    hits: int
    saved_tokens: int
    saved_usd: Decimal

    @property
    def ttl_s(self) -> float:
        return self.cache.ttl.total_seconds()

    @property
    def hit_share(self) -> float | None:
        """0..1; None where nobody asked."""
        return self.hits / self.asked if self.asked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachesReport:
    """All caches together."""

    caches: tuple[CacheFacts, ...]
    by_difficulty: dict[str, int]
    by_language: dict[str, int]

    @property
    def total_entries(self) -> int:
        return sum(each.entries for each in self.caches)

    @property
    def total_keys(self) -> int:
        return sum(each.keys for each in self.caches)

    @property
    def hit_share(self) -> float | None:
        """0..1 over all lookups; None where nobody asked."""
        asked = sum(each.asked for each in self.caches)
        return sum(each.hits for each in self.caches) / asked if asked else None

    @property
    def saved_tokens(self) -> int:
        return sum(each.saved_tokens for each in self.caches)

    @property
    def saved_usd(self) -> Decimal:
        return sum((each.saved_usd for each in self.caches), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """One key of a cache, with its variants together."""

    cache: str
    key: str
    label: str
    difficulty: str
    language: str
    variants: int
    size_bytes: int
    hits: int
    created_at: datetime
    expires_at: datetime


def lookups_of(name: str) -> Callable[[datetime, datetime], Lookups]:
    """Return the counter of one cache's lookups, as the samples want it."""

    def count(since: datetime, until: datetime) -> Lookups:
        rows = CacheMinute.objects.filter(cache=name, at__gte=since, at__lt=until)
        sums = rows.aggregate(hits=Sum("hits"), asked=Sum("asked"))
        return Lookups(hits=sums["hits"] or 0, asked=sums["asked"] or 0)

    return count


def caches_report() -> CachesReport:
    """Return what every declared cache holds and spared, in a fixed number of queries."""
    live = CacheEntry.objects.filter(expires_at__gt=timezone.now())
    held: dict[str, Mapping[str, Any]] = {
        row["cache"]: row
        for row in live.values("cache").annotate(
            entries=Count("pk"),
            keys=Count("key", distinct=True),
            size=Sum("size_bytes"),
            oldest=Min("created_at"),
        )
    }
    counted: dict[str, Mapping[str, Any]] = {
        row["cache"]: row
        for row in CacheMinute.objects.values("cache").annotate(
            asked_sum=Sum("asked"),
            hits_sum=Sum("hits"),
            tokens_sum=Sum("saved_tokens"),
            usd_sum=Sum("saved_usd"),
        )
    }
    return CachesReport(
        caches=tuple(
            _facts(cache, held.get(cache.name, {}), counted.get(cache.name, {}))
            for cache in caches.known()
        ),
        by_difficulty=_by("difficulty"),
        by_language=_by("language"),
    )


def cache_keys(
    *, cache: str = "", difficulty: str = "", language: str = "", limit: int = MOST_KEYS
) -> tuple[KeyFacts, ...]:
    """Return the newest keys that match, variants together."""
    rows = caches.entries(cache=cache, difficulty=difficulty, language=language)
    keys = ("cache", "key", "label", "difficulty", "language")
    grouped = (
        rows.filter(expires_at__gt=timezone.now())
        .values(*keys)
        .annotate(
            variants=Count("pk"),
            size=Sum("size_bytes"),
            hits_sum=Sum("hits"),
            made_at=Min("created_at"),
            ends_at=Min("expires_at"),
        )
        .order_by("-made_at", "key")
    )
    return tuple(
        KeyFacts(
            **{name: row[name] for name in keys},
            variants=row["variants"],
            size_bytes=row["size"],
            hits=row["hits_sum"],
            created_at=row["made_at"],
            expires_at=row["ends_at"],
        )
        for row in grouped[:limit]
    )


def sum_up(now: datetime) -> None:
    """Add old minutes to each cache's row of the beginning: the sums stay, the minutes go."""
    old = CacheMinute.objects.filter(at__gt=BEGINNING, at__lt=now - KEEP_MINUTES)
    for name in old.values_list("cache", flat=True).distinct():
        with transaction.atomic():
            rows = list(old.filter(cache=name).select_for_update())
            total, _ = CacheMinute.objects.get_or_create(cache=name, at=BEGINNING)
            CacheMinute.objects.filter(pk=total.pk).update(
                asked=F("asked") + sum(row.asked for row in rows),
                hits=F("hits") + sum(row.hits for row in rows),
                saved_tokens=F("saved_tokens") + sum(row.saved_tokens for row in rows),
                saved_usd=F("saved_usd") + sum((row.saved_usd for row in rows), Decimal(0)),
            )
            CacheMinute.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _by(dimension: str) -> dict[str, int]:
    rows = CacheEntry.objects.filter(expires_at__gt=timezone.now()).exclude(**{dimension: ""})
    return dict(rows.values_list(dimension).annotate(Count("pk")).order_by(dimension))


def _facts(cache: Cache, held: Mapping[str, Any], counted: Mapping[str, Any]) -> CacheFacts:
    return CacheFacts(
        cache=cache,
        entries=held.get("entries", 0),
        keys=held.get("keys", 0),
        size_bytes=held.get("size") or 0,
        oldest_at=held.get("oldest"),
        asked=counted.get("asked_sum") or 0,
        hits=counted.get("hits_sum") or 0,
        saved_tokens=counted.get("tokens_sum") or 0,
        saved_usd=counted.get("usd_sum") or Decimal(0),
    )

"""The caches: one table of what is kept, how long, for whom, and what a hit saves.

An app may have a `caches.py`, imported at start like its stages, which declares its caches. Each
lookup is counted, with the tokens and dollars that a hit spared. What is kept of a person carries
the organization in its key and the subject in its row: it leaks to nobody, and goes when she does.

Keep out of transactions: a lookup counts itself, and would hold that row until the commit.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from ops import flights
from ops.cache_table import DIMENSIONS, Cache, declare, discover, key_of, known, named
from ops.models import CacheClearing, CacheEntry, CacheMinute


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A value that was made, with what that took."""

    value: Any = None  # JSON
    blob: bytes | None = None
    tokens: int = 0
    cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an entry is about, beside its key."""

    organization_id: UUID | None = None
    subject_id: UUID | None = None
    label: str = ""  # for lists: nothing personal
    difficulty: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A kept value."""

    key: str
    variant: int
    value: Any
    blob: bytes | None
    tokens: int
    cost_usd: Decimal | None
    created_at: datetime


NOTHING_TOLD = About()
__all__ = [
    "DIMENSIONS",
    "About",
    "Cache",
    "Found",
    "Made",
    "clear",
    "declare",
    "discover",
    "entries",
    "epoch",
    "forget_expired",
    "forget_subject",
    "get",
    "get_many",
    "get_or_make",
    "key_of",
    "known",
    "named",
    "note",
    "note_lookups",
    "peek",
    "put",
    "put_many",
    "variants",
]
# Plain statements: building them by the ORM took longer than all the rest of a hit.
TOUCH = """
UPDATE ops_cacheentry SET hits = hits + 1, last_hit_at = %s
WHERE cache = %s AND "key" = %s AND variant = %s
"""
ADD = """
UPDATE ops_cacheminute SET asked = asked + %s, hits = hits + %s,
  saved_tokens = saved_tokens + %s, saved_usd = saved_usd + %s
WHERE cache = %s AND "at" = %s
"""


def get(cache: Cache, key: str, *, variant: int = 0) -> Found | None:
    """Return what is kept under the key, and count the lookup."""
    found = peek(cache, key, variant=variant)
    note(cache, asked=1, hits=[found] if found else [])
    return found


def get_many(cache: Cache, keys: Collection[str]) -> dict[str, Found]:
    """Return what is kept under any of the keys, in a fixed number of queries, and count it."""
    found = {each.key: each for each in _found(_live(cache).filter(key__in=keys, variant=0))}
    if keys:
        note(cache, asked=len(keys), hits=found.values())
    return found


def variants(cache: Cache, key: str) -> list[Found]:
    """Return all values of a key, by number. Not counted: say `note` what came of it."""
    return _found(_live(cache).filter(key=key).order_by("variant"))


def peek(cache: Cache, key: str, *, variant: int = 0) -> Found | None:
    """Return what is kept, uncounted."""
    return next(iter(_found(_live(cache).filter(key=key, variant=variant))), None)


def put(
    cache: Cache,
    key: str,
    made: Made,
    *,
    about: About = NOTHING_TOLD,
    variant: int = 0,
) -> Found:
    """Keep a value, in place of what was there; the oldest make room where there is none."""
    row = _row(cache, key, made, about, variant)
    _keep(cache, [row])
    return _as_found(row)


def put_many(cache: Cache, made: Mapping[str, Made], *, about: About = NOTHING_TOLD) -> None:
    """Keep a value for each key, in a fixed number of queries."""
    if made:
        _keep(cache, [_row(cache, key, each, about, 0) for key, each in made.items()])


def get_or_make(
    cache: Cache,
    key: str,
    make: Callable[[], Made],
    *,
    about: About = NOTHING_TOLD,
    is_forced: bool = False,
) -> tuple[Found, bool]:
    """Return (value, whether it was known): made once, however many ask at the same time.

    `is_forced` makes it anew. Raises as ops.flights.fly.
    """

    def make_and_keep() -> Found:
        return put(cache, key, make(), about=about)

    if is_forced:
        note(cache, asked=1, hits=[])
        return make_and_keep(), False
    found, is_made = flights.fly(
        f"{cache.name}:{key}", look=lambda: peek(cache, key), make=make_and_keep
    )
    note(cache, asked=1, hits=[] if is_made else [found])
    return found, not is_made


def note(cache: Cache, *, asked: int, hits: Iterable[Found]) -> None:
    """Count lookups and, for each hit, what it spared."""
    hits = list(hits)
    if hits:
        _touch(cache, hits)
    note_lookups(
        cache,
        asked=asked,
        hits=len(hits),
        saved_tokens=sum(hit.tokens for hit in hits),
        saved_usd=sum((hit.cost_usd or Decimal(0) for hit in hits), Decimal(0)),
    )


def note_lookups(
    cache: Cache,
    *,
    asked: int,
    hits: int,
    saved_tokens: int = 0,
    saved_usd: Decimal | None = None,
) -> None:
    """Count lookups of a cache whose entries are kept elsewhere, one write for all of them."""
    minute = timezone.now().replace(second=0, microsecond=0)
    if not _add_lookups(cache, minute, (asked, hits, saved_tokens, saved_usd or Decimal(0))):
        CacheMinute.objects.bulk_create(
            [CacheMinute(cache=cache.name, at=minute)], ignore_conflicts=True
        )
        _add_lookups(cache, minute, (asked, hits, saved_tokens, saved_usd or Decimal(0)))


def entries(
    *, cache: str = "", difficulty: str = "", language: str = "", key: str = ""
) -> QuerySet[CacheEntry]:
    """Return the entries that a clearing would remove; what is not said does not matter."""
    told = {"cache": cache, "difficulty": difficulty, "language": language, "key": key}
    return CacheEntry.objects.filter(**{name: value for name, value in told.items() if value})


def clear(*, cache: str = "", difficulty: str = "", language: str = "", key: str = "") -> int:
    """Forget the entries that match; return how many. Without a word, all of them."""
    removed, _ = entries(cache=cache, difficulty=difficulty, language=language, key=key).delete()
    if not (difficulty or language or key):
        for each in known():
            if each.place == "memory" and cache in ("", each.name):
                CacheClearing.objects.get_or_create(cache=each.name)
                CacheClearing.objects.filter(cache=each.name).update(times=F("times") + 1)
    return removed


def epoch(cache: Cache) -> int:
    """Return how often a cache in memory was cleared: part of its keys, so that all forget."""
    times = CacheClearing.objects.filter(cache=cache.name).values_list("times", flat=True)
    return times.first() or 0


def forget_subject(*, subject_id: UUID) -> int:
    """Remove everything that is kept of an erased subject; return how many entries."""
    removed, _ = CacheEntry.objects.filter(subject_id=subject_id).delete()
    return removed


def forget_expired(now: datetime) -> int:
    """Remove what is too old to be found; return how many entries."""
    removed, _ = CacheEntry.objects.filter(expires_at__lte=now).delete()
    return removed


KEPT_ANEW = {
    "organization",
    "subject_id",
    "label",
    "difficulty",
    "language",
    "value",
    "blob",
    "size_bytes",
    "tokens",
    "cost_usd",
    "created_at",
    "expires_at",
}


def _row(cache: Cache, key: str, made: Made, about: About, variant: int) -> CacheEntry:
    if cache.is_personal and about.organization_id is None:
        raise ValueError(f"{cache.name} keeps what is personal: say whose it is")
    now = timezone.now()
    return CacheEntry(
        cache=cache.name,
        key=key,
        variant=variant,
        organization_id=about.organization_id,
        subject_id=about.subject_id,
        label=about.label[:120],
        difficulty=about.difficulty,
        language=about.language,
        value=made.value,
        blob=made.blob,
        size_bytes=_size(made),
        tokens=made.tokens,
        cost_usd=made.cost_usd,
        created_at=now,
        expires_at=now + cache.ttl,
    )


def _keep(cache: Cache, rows: list[CacheEntry]) -> None:
    CacheEntry.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["cache", "key", "variant"],
        update_fields=sorted(KEPT_ANEW),
    )
    _make_room(cache)


def _touch(cache: Cache, hits: list[Found]) -> None:
    """Note of each value that it was of use now, in one statement."""
    now = timezone.now()
    if len(hits) == 1:
        at = connection.ops.adapt_datetimefield_value(now)
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, [at, cache.name, hits[0].key, hits[0].variant])
        return
    CacheEntry.objects.filter(
        cache=cache.name,
        key__in={hit.key for hit in hits},
        variant__in={hit.variant for hit in hits},
    ).update(hits=F("hits") + 1, last_hit_at=now)


def _add_lookups(cache: Cache, minute: datetime, more: tuple[int, int, int, Decimal]) -> bool:
    """Add to the minute's row; return whether there is one."""
    asked, hits, tokens, usd = more
    adapt = connection.ops
    values = [asked, hits, tokens, adapt.adapt_decimalfield_value(usd, 18, 12)]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [*values, cache.name, adapt.adapt_datetimefield_value(minute)])
        return bool(cursor.rowcount)


def _live(cache: Cache) -> QuerySet[CacheEntry]:
    return CacheEntry.objects.filter(cache=cache.name, expires_at__gt=timezone.now())


def _found(rows: Iterable[CacheEntry]) -> list[Found]:
    return [_as_found(row) for row in rows]


def _as_found(row: CacheEntry) -> Found:
    return Found(
        key=row.key,
        variant=row.variant,
        value=row.value,
        blob=None if row.blob is None else bytes(row.blob),
        tokens=row.tokens,
        cost_usd=row.cost_usd,
        created_at=row.created_at,
    )


def _size(made: Made) -> int:
    text = "" if made.value is None else json.dumps(made.value, ensure_ascii=False)
    return len(text.encode()) + len(made.blob or b"")


def _make_room(cache: Cache) -> None:
    """Remove what was longest of no use once there are too many."""
    rows = CacheEntry.objects.filter(cache=cache.name)
    surplus = rows.count() - cache.max_entries
    if surplus > 0:
        oldest = rows.order_by(F("last_hit_at").asc(nulls_first=True), "created_at", "pk")
        newest = rows.order_by("-created_at", "-pk").values_list("pk", flat=True)[:1]
        spent = oldest.exclude(pk__in=list(newest)).values_list("pk", flat=True)[:surplus]
        CacheEntry.objects.filter(pk__in=list(spent)).delete()

"""Clearing caches by hand: counted first, done with a reason, in the audit trail."""

from dataclasses import asdict, dataclass

from django.db import transaction

from ops import audit, caches
from ops.conflicts import StateConflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """What is to be cleared; what is empty does not matter, and without a word it is all."""

    cache: str = ""
    difficulty: str = ""
    language: str = ""
    key: str = ""

    @property
    def is_all(self) -> bool:
        return self == Clearing()


def count_entries(what: Clearing) -> int:
    """Return how many entries would go.

    Raises StateConflict: unknown_cache, not_by_that.
    """
    refuse_nonsense(what)
    return caches.entries(**asdict(what)).count()


@transaction.atomic
def clear_caches(*, what: Clearing, actor: str, reason: str) -> int:
    """Forget the entries that match; return how many.

    Raises StateConflict: unknown_cache, not_by_that.
    """
    refuse_nonsense(what)
    gone = caches.clear(**asdict(what))
    told = {name: value for name, value in asdict(what).items() if value and name != "key"}
    audit.record(
        organization_id=None,
        actor=actor,
        action="cache.cleared",
        subject_kind="cache",
        subject_id=what.key[:64] or what.cache or "all",
        detail={**told, "entries": gone, "reason": reason},
    )
    return gone


def refuse_nonsense(what: Clearing) -> None:
    """Refuse a cache that there is not, and a dimension that it does not have."""
    if not what.cache:
        return
    try:
        cache = caches.named(what.cache)
    except KeyError:
        known = ", ".join(each.name for each in caches.known())
        raise StateConflict(
            "unknown_cache", f"There is no such cache. There are: {known}."
        ) from None
    asked = {name for name in caches.DIMENSIONS if getattr(what, name)}
    if missing := asked - set(cache.dimensions):
        by = " or ".join(sorted(missing))
        raise StateConflict("not_by_that", f"The cache {cache.name} is not kept by {by}.")

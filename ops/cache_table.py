"""The table of declared caches, and their keys. Pure.

An app may have a `caches.py`, imported at start like its stages, which declares its caches here.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Literal
from uuid import UUID

DIMENSIONS = ("difficulty", "language")
Place = Literal["rows", "memory", "results"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A declared cache: one row of the table.

    `place`: "rows" (CacheEntry); "memory" (of each process, for what must never be written down:
    only its lookups are counted here); "results" (rows of the app's own, which stand anyway).
    """

    name: str
    keeps: str
    saves: str  # what a hit spares
    ttl: timedelta
    max_entries: int
    dimensions: tuple[str, ...] = ()  # what can be cleared by, of DIMENSIONS
    is_personal: bool = False  # then its keys carry the organization
    version: int = 1  # raise it when values of before are worth nothing any more
    place: Place = "rows"


_caches: dict[str, Cache] = {}


def declare(cache: Cache) -> Cache:
    """Make a cache known; return it."""
    if not set(cache.dimensions) <= set(DIMENSIONS):
        raise ValueError(f"{cache.name}: dimensions are of {DIMENSIONS}")
    _caches[cache.name] = cache
    return cache


def known() -> tuple[Cache, ...]:
    """Return every declared cache, by name."""
    return tuple(_caches[name] for name in sorted(_caches))


def named(name: str) -> Cache:
    """Return the cache of that name. Raises KeyError."""
    return _caches[name]


def discover(app: ModuleType) -> None:
    """Import `app`'s caches.py, if it has one."""
    name = f"{app.__name__}.caches"
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise


def key_of(cache: Cache, *parts: object, organization_id: UUID | None = None) -> str:
    """Return the key of these parts. Raises ValueError if a personal one has no organization."""
    if cache.is_personal and organization_id is None:
        raise ValueError(f"{cache.name} keeps what is personal: say whose it is")
    owner = str(organization_id) if cache.is_personal else ""
    told = json.dumps([cache.name, cache.version, owner, *parts], default=str, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()

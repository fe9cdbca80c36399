"""What the last look at an outside dependency found: health reads that, and asks nobody itself."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

FORGOTTEN_AFTER = timedelta(minutes=15)  # who looked has ended: then nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFacts:
    """Whether a dependency did what it is there for, and when that was tried."""

    kind: str  # local, s3
    is_connected: bool
    code: str  # of the failure; "": none
    took_ms: float
    at: datetime


def note_probe(name: str, facts: ProbeFacts) -> None:
    """Keep what a look found, for every process."""
    cache.set(_key(name), asdict(facts), FORGOTTEN_AFTER.total_seconds())


def last_probe(name: str) -> ProbeFacts | None:
    """Return what the last look found; None when there was none of late."""
    found = cache.get(_key(name))
    return None if found is None else ProbeFacts(**found)


def _key(name: str) -> str:
    return f"probe:{name}"

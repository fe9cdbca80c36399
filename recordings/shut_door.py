"""A switch that forbids every touch of object storage and every signature: for proofs. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager

_shut: list[list[str]] = []  # what was tried, of each context that is open


@contextmanager
def shut() -> Iterator[list[str]]:
    """Have whatever asks for the door in this process fail; gives what was tried all the same."""
    tried: list[str] = []
    _shut.append(tried)
    try:
        yield tried
    finally:
        _shut.remove(tried)


def require_open(deed: str) -> None:
    """Raise AssertionError while the door is shut."""
    for tried in _shut:
        tried.append(deed)
    if _shut:
        raise AssertionError(f"this must not touch object storage: {deed}")

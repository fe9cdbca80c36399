"""How many live connections each principal has open in this process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

MAX_PER_PRINCIPAL = 20  # tabs of one person; each costs a task, a queue and 30 KB
MAX_PER_PROCESS = 2000  # more need another web process; their checks alone would keep it busy

_open: Counter[str] = Counter()
_lock = Lock()


class TooManyConnections(Exception):  # noqa: N818 - an answer, not a fault
    """The principal, or the whole process, has as many as allowed."""


def enter(principal_key: str) -> None:
    """Count one more connection.

    Raises: TooManyConnections
    """
    with _lock:
        if _open[principal_key] >= MAX_PER_PRINCIPAL or _open.total() >= MAX_PER_PROCESS:
            raise TooManyConnections
        _open[principal_key] += 1


def leave(principal_key: str) -> None:
    """Count one less."""
    with _lock:
        _open[principal_key] -= 1
        if _open[principal_key] <= 0:
            del _open[principal_key]


@contextmanager
def counted(principal_key: str) -> Iterator[None]:
    """Count a connection while the context is open.

    Raises: TooManyConnections
    """
    enter(principal_key)
    try:
        yield
    finally:
        leave(principal_key)

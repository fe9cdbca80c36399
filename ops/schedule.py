"""What comes round by itself, and the register of all of it. Pure.

An app may have a `periodic.py`, imported at start like its stages. Each function there says how
often it is due; `ops/rounds.py` runs what is due, on one host at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType

Work = Callable[[datetime], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """A piece of work that is due again and again."""

    name: str  # app.function
    every: timedelta
    work: Work


_register: dict[str, Periodic] = {}


def periodic(*, every: timedelta) -> Callable[[Work], Work]:
    """Have the decorated function called with the time about once per `every`.

    It may be called again before `every` has passed on another host whose clock runs ahead, and
    after a crash: doing it twice must do no harm.
    """

    def declare(work: Work) -> Work:
        name = f"{work.__module__.partition('.')[0]}.{work.__name__}"
        _register[name] = Periodic(name=name, every=every, work=work)
        return work

    return declare


def registered() -> tuple[Periodic, ...]:
    """Return all periodic work by name."""
    return tuple(_register[name] for name in sorted(_register))


def discover(app: ModuleType) -> None:
    """Import `app`'s periodic.py, if it has one."""
    name = f"{app.__name__}.periodic"
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise

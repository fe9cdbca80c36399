"""What ops must ask the floors above, by registration: an app may have a `subjects.py`.

The apps' files are imported at start; each registers its kinds here. ops never imports upward.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from uuid import UUID

from ops.principals import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of thing that runs, jobs and boards are about.

    `access(principal, key)` answers whether the principal may follow it; `key` is a UUID as text,
    or the board's key. `has_consent(id, scope)` is asked before and inside a stage's commit.
    """

    kind: str
    access: Callable[[Principal, str], bool]
    describe: Callable[[Iterable[UUID]], dict[UUID, str]]
    has_consent: Callable[[UUID, str], bool] | None = None


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Make a kind known."""
    _subjects[subject.kind] = subject


def get(kind: str) -> Subject:
    """Return the subject kind. Raises KeyError."""
    return _subjects[kind]


def discover(app: ModuleType) -> None:
    """Import `app`'s subjects.py, if it has one."""
    name = f"{app.__name__}.subjects"
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise

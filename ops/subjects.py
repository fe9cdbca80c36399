"""What ops must ask the floors above, by registration: an app may have a `subjects.py`.

The apps' files are imported at start; each registers its kinds here. ops never imports upward.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any
from uuid import UUID

from ops.principals import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of thing that runs, jobs and boards are about.

    `access(principal, key)` answers whether the principal may follow it; `key` is a UUID as text,
    or the board's key. `has_consent(id, scope)` is asked before and inside a stage's commit.
    `visible(principal)` is a subquery of the ids she may follow (a one-column queryset):
    lists need it, since asking `access` row by row would cost a query each. `page(id, board)` is
    the address where members see the subject of a run.
    """

    kind: str
    access: Callable[[Principal, str], bool]
    describe: Callable[[Iterable[UUID]], dict[UUID, str]]
    has_consent: Callable[[UUID, str], bool] | None = None
    visible: Callable[[Principal], Any] | None = None
    page: Callable[[UUID, str], str] | None = None


CandidateAuthenticator = Callable[[Mapping[str, str]], Principal | None]

_subjects: dict[str, Subject] = {}
_candidate_authenticators: list[CandidateAuthenticator] = []


def register(subject: Subject) -> None:
    """Make a kind known."""
    _subjects[subject.kind] = subject


def get(kind: str) -> Subject:
    """Return the subject kind. Raises KeyError."""
    return _subjects[kind]


def known() -> tuple[Subject, ...]:
    """Return every registered kind."""
    return tuple(_subjects.values())


def page_of(kind: str, subject_id: UUID, board: str) -> str:
    """Return where members see the subject, "" if there is no such page."""
    subject = _subjects.get(kind)
    if subject is None or subject.page is None or not board:
        return ""
    return subject.page(subject_id, board)


def register_candidate_authenticator(authenticate: CandidateAuthenticator) -> None:
    """Have sockets and streams ask `authenticate(cookies)` who a visitor without account is."""
    _candidate_authenticators.append(authenticate)


def candidate_of(cookies: Mapping[str, str]) -> Principal | None:
    """Return the candidate whose cookie this is, or None."""
    found = (authenticate(cookies) for authenticate in _candidate_authenticators)
    return next((principal for principal in found if principal is not None), None)


def discover(app: ModuleType) -> None:
    """Import `app`'s subjects.py, if it has one."""
    name = f"{app.__name__}.subjects"
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise

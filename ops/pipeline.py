"""What a stage is, and the register of all of them. Pure.

A stage is one file in some app's `stages/` folder, named as the stage. It says what it waits for,
never what comes after it, so a new stage is a new file and nothing else.
"""

import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from graphlib import TopologicalSorter
from importlib import import_module
from subprocess import Popen  # noqa: TID251 - the type only
from types import ModuleType
from typing import Any, Literal, Protocol
from uuid import UUID

Scope = Literal["recording", "session"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a stage wants written. `write` runs once, inside the fenced settling transaction."""

    write: Callable[[], None]
    media_s: float | None = None  # seconds of media, as the following stages' size of work


@dataclass(frozen=True, slots=True)
class Skip:
    """The stage does not apply, for this reason: an end, not a failure."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The stage waits for something outside and holds no worker meanwhile: look again later.

    No attempt is used up. `write` is what stands already, written as an effect is.
    """

    reason: str
    after: timedelta
    write: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A job before this one that ended without a result."""

    stage: str
    subject_id: UUID
    code: str  # failure code, or "cancelled"


class Report(Protocol):
    """What a stage is given beside its subject: progress, cancellation, options."""

    @property
    def run_id(self) -> UUID: ...
    @property
    def generation(self) -> int: ...
    @property
    def options(self) -> Mapping[str, Any]:
        """The run's options, e.g. {"force": True}."""

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Dead or cancelled jobs among this stage's ancestors."""

    def progress(self, share: float) -> None:
        """Tell how much is done, 0..1. Cheap: writes are throttled. Raises as `check` does."""

    def check(self) -> None:
        """Raise if the job was cancelled or its lease was lost: the stage must stop."""

    def child(self, process: Popen[bytes]) -> AbstractContextManager[None]:
        """End `process` and its group when the job is stopped while the context is open."""


Result = Effect | Skip | Wait
Work = Callable[[UUID, Report], Result]
OnDead = Callable[[UUID, str], None]  # subject id, failure code


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a run."""

    name: str
    scope: Scope
    after: tuple[str, ...]
    weight: float  # share of the progress bar; relative
    timeout: timedelta
    queue: str
    consent: str | None  # checked at claim and again in the fenced commit
    work: Work
    on_dead: OnDead | None  # what a final failure means for the subject; in the settling commit


_stages: dict[str, Stage] = {}


def stage(  # noqa: PLR0913 - a stage is declared by these facts
    *,
    scope: Scope,
    weight: float,
    timeout: timedelta,
    after: str | tuple[str, ...] = (),
    queue: str = "short",
    consent: str | None = "recording",
    on_dead: OnDead | None = None,
) -> Callable[[Work], Work]:
    """Declare the decorated function as the stage that bears its name."""

    def declare(work: Work) -> Work:
        name = work.__name__
        _stages[name] = Stage(
            name=name,
            scope=scope,
            after=(after,) if isinstance(after, str) else after,
            weight=weight,
            timeout=timeout,
            queue=queue,
            consent=consent,
            work=work,
            on_dead=on_dead,
        )
        return work

    return declare


def get(name: str) -> Stage:
    """Return the stage of that name. Raises KeyError."""
    return _stages[name]


def ancestors(name: str) -> set[str]:
    """Return every stage that must end before `name` can start."""
    direct = set(_stages[name].after)
    return direct.union(*(ancestors(n) for n in direct))


def registered() -> list[Stage]:
    """Return every stage, in no order that matters."""
    return list(_stages.values())


def in_order() -> list[Stage]:
    """Return every stage after all that it waits for. Raises graphlib.CycleError on a circle."""
    graph = {s.name: sorted(s.after) for s in sorted(_stages.values(), key=lambda s: s.name)}
    return [_stages[name] for name in TopologicalSorter(graph).static_order()]


def roots() -> list[Stage]:
    """Return the recording stages that wait for nothing."""
    return [s for s in in_order() if s.scope == "recording" and not s.after]


def discover(app: ModuleType) -> None:
    """Import every file of `app`'s stages/ folder, if it has one."""
    name = f"{app.__name__}.stages"
    try:
        package = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return
    for module in pkgutil.iter_modules(package.__path__, f"{name}."):
        import_module(module.name)

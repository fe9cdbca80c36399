"""The next engine when one can't: chosen by what the failure table says, never by guess."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from analysis.engines.base import Engine
from ops.failures import Failure, StageFailure, by_code, classify

EngineT = TypeVar("EngineT", bound=Engine)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Passed:
    """An engine that gave nothing, and why."""

    engine: str
    code: str  # of the failure table, or "unavailable"
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome(Generic[ResultT]):
    """The result of the first engine that could, and those passed over on the way."""

    value: ResultT
    engine: str
    passed: tuple[Passed, ...]


def first_that_can(
    engines: Sequence[EngineT],
    work: Callable[[EngineT], ResultT],
    *,
    will_retry: Callable[[Failure], bool],
    resting: Sequence[EngineT] = (),
) -> Outcome[ResultT]:
    """Give `work` to the engines in order until one succeeds.

    `resting` are those that would cost money that may not be spent; the outcome names them.

    A failure that heals with time is raised while `will_retry` says so, so that the job engine
    tries the preferred engine again by its policy; after that the next engine has its turn.

    Raises:
        StageFailure: `config_missing` when no engine is available, `budget_exceeded` when the only
            ones rest.
        Exception: the engine's own error, when it is to be retried or no engine is left.

    """
    budget = by_code("budget_exceeded")
    passed = [Passed(e.name, budget.code, budget.message) for e in resting if e.availability().ok]
    usable: list[EngineT] = []
    for engine in engines:
        availability = engine.availability()
        if availability.ok:
            usable.append(engine)
        else:
            passed.append(Passed(engine.name, "unavailable", availability.reason))
    if not usable and any(p.code == budget.code for p in passed):
        raise StageFailure(budget.code, "no local engine is available")
    if not usable:
        detail = "; ".join(f"{p.engine}: {p.reason}" for p in passed) or "no engine is configured"
        raise StageFailure("config_missing", detail)
    for engine, is_left in zip(usable, [*[True] * (len(usable) - 1), False], strict=True):
        try:
            value = work(engine)
        except Exception as error:
            failure = classify(error)
            has_waited = not (failure.is_permanent or will_retry(failure))
            is_worth_it = failure.next_engine or has_waited
            if not (is_left and is_worth_it):
                raise
            passed.append(Passed(engine.name, failure.code, failure.message))
        else:
            return Outcome(value, engine.name, tuple(passed))
    raise AssertionError("unreachable: the last engine returns or raises")

"""When a circuit breaker trips, whom it lets through and how it closes again. Pure.

closed -> open on five failures in a row, or half of at least twenty calls within 30 s, or at once
when nothing but a person can help; open -> half-open when the cool-down is over: one probe in the
whole system decides; half-open -> closed when it succeeds, -> open for twice as long when not.
(Nygard, Release It!, 2nd ed. 2018, chapter 5.)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

State = Literal["closed", "open", "half_open"]
Force = Literal["", "open", "closed"]

# What says that the dependency is ill. A refused input says that it answers.
TRIPPING = frozenset(
    {
        "network_timeout",
        "connection_failed",
        "dns_failure",
        "provider_5xx",
        "provider_overloaded",
        "rate_limited",
        "storage_unavailable",
    }
)
# Calling on is useless until a person has acted: open at once, for the longest time.
HOPELESS = frozenset({"auth_failed", "quota_exhausted", "storage_denied", "storage_clock_wrong"})
ASK_AGAIN_S = 5.0  # after a refusal with no end in sight: a probe is out, or staff keep it open


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """The numbers; settings.BREAKER_POLICY says what differs."""

    failures_in_row: int = 5
    window_s: float = 30.0
    window_calls: int = 20  # fewer calls than this say nothing about a share
    window_share: float = 0.5
    cooldown_s: float = 10.0
    longest_cooldown_s: float = 300.0
    probe_s: float = 150.0  # a probe that says nothing for so long is lost
    release_per_s: float = 5.0  # waiting jobs that come back after a recovery

    @classmethod
    def with_changes(cls, changes: Mapping[str, Any]) -> "BreakerPolicy":
        """Return the policy with those numbers changed. Raises TypeError on a name it lacks."""
        return replace(cls(), **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """A breaker's memory: the columns of BreakerState."""

    state: State = "closed"
    forced: Force = ""
    failures_in_row: int = 0
    window_from: datetime | None = None
    window_calls: int = 0
    window_failures: int = 0
    opened_at: datetime | None = None  # when it left "closed"
    open_until: datetime | None = None
    cooldown_s: float = 0.0  # of the present opening
    probe: UUID | None = None
    probe_until: datetime | None = None
    refused: int = 0  # calls turned away since it opened
    trips: int = 0  # ever
    failure_code: str = ""  # of the failure that opened it


@dataclass(frozen=True, slots=True)
class Admitted:
    """Go ahead; as the probe if it has a number."""

    probe: UUID | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Not now; ask again after so many seconds."""

    retry_after_s: float


def is_free(breaker: Breaker) -> bool:
    """Say whether everybody may pass, without anything to write down."""
    return breaker.forced == "closed" or (not breaker.forced and breaker.state == "closed")


def admit(
    breaker: Breaker, now: datetime, policy: BreakerPolicy, number: UUID
) -> tuple[Breaker, Admitted | Refused]:
    """Return whether a call may be made, and the breaker after that; a probe bears `number`."""
    if is_free(breaker):
        return breaker, Admitted()
    if not breaker.forced:
        if breaker.state == "open" and breaker.open_until and now >= breaker.open_until:
            return _probing(breaker, now, policy, number)
        if breaker.state == "half_open" and breaker.probe_until and now >= breaker.probe_until:
            return _probing(breaker, now, policy, number)
    turned_away = replace(breaker, refused=breaker.refused + 1)
    return turned_away, Refused(_wait_s(breaker, now) + breaker.refused / policy.release_per_s)


def _probing(
    breaker: Breaker, now: datetime, policy: BreakerPolicy, number: UUID
) -> tuple[Breaker, Admitted]:
    until = now + timedelta(seconds=policy.probe_s)
    # Those who waited for this moment have been told when to come; the next queue starts anew.
    probing = replace(breaker, state="half_open", probe=number, probe_until=until, refused=0)
    return probing, Admitted(number)


def _wait_s(breaker: Breaker, now: datetime) -> float:
    """Return the time to the end of the cool-down; nobody knows how long a probe takes."""
    if breaker.forced or breaker.state != "open" or breaker.open_until is None:
        return ASK_AGAIN_S
    return max(0.0, (breaker.open_until - now).total_seconds())


def succeed(breaker: Breaker, permit: Admitted, now: datetime, policy: BreakerPolicy) -> Breaker:
    """Return the breaker after a call that the dependency answered."""
    if breaker.state == "half_open":
        is_the_probe = permit.probe is not None and permit.probe == breaker.probe
        return closed(breaker) if is_the_probe else breaker
    if breaker.state == "open":  # a late answer to a call from before: no proof of health
        return breaker
    counted = _counted(breaker, now, policy)
    return replace(counted, failures_in_row=0)


def fail(
    breaker: Breaker, permit: Admitted, code: str, now: datetime, policy: BreakerPolicy
) -> Breaker:
    """Return the breaker after a call that failed with a code of TRIPPING or HOPELESS."""
    if breaker.state == "half_open":
        is_the_probe = permit.probe is not None and permit.probe == breaker.probe
        return _opened(breaker, code, now, policy) if is_the_probe else breaker
    if breaker.state == "open":
        return breaker
    counted = _counted(breaker, now, policy)
    counted = replace(
        counted,
        failures_in_row=counted.failures_in_row + 1,
        window_failures=counted.window_failures + 1,
    )
    return _opened(counted, code, now, policy) if _trips(counted, code, policy) else counted


def abandon(breaker: Breaker, permit: Admitted, now: datetime) -> Breaker:
    """Return the breaker after a call that was stopped from our side: it proved nothing."""
    if breaker.state == "half_open" and permit.probe is not None and permit.probe == breaker.probe:
        return replace(breaker, probe_until=now)
    return breaker


def _trips(breaker: Breaker, code: str, policy: BreakerPolicy) -> bool:
    is_enough = breaker.window_calls >= policy.window_calls
    share = breaker.window_failures / max(1, breaker.window_calls)
    return (
        code in HOPELESS
        or breaker.failures_in_row >= policy.failures_in_row
        or (is_enough and share >= policy.window_share)
    )


def _counted(breaker: Breaker, now: datetime, policy: BreakerPolicy) -> Breaker:
    """Count a call in the present window of `window_s`; begin a new one if that is over."""
    window_from = breaker.window_from
    if window_from is None or now - window_from >= timedelta(seconds=policy.window_s):
        return replace(breaker, window_from=now, window_calls=1, window_failures=0)
    return replace(breaker, window_calls=breaker.window_calls + 1)


def _opened(breaker: Breaker, code: str, now: datetime, policy: BreakerPolicy) -> Breaker:
    doubled_s = min(policy.longest_cooldown_s, 2 * breaker.cooldown_s or policy.cooldown_s)
    cooldown_s = policy.longest_cooldown_s if code in HOPELESS else doubled_s
    return replace(
        breaker,
        state="open",
        opened_at=breaker.opened_at or now,
        open_until=now + timedelta(seconds=cooldown_s),
        cooldown_s=cooldown_s,
        probe=None,
        probe_until=None,
        refused=0,
        trips=breaker.trips + 1,
        failure_code=code,
    )


def closed(breaker: Breaker) -> Breaker:
    """Return the breaker as after a recovery; what it remembers for ever stays."""
    return Breaker(forced=breaker.forced, trips=breaker.trips, failure_code=breaker.failure_code)

"""When a failed job is tried again: named policies as data, their delays as arithmetic. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any, Literal

Curve = Literal["immediate", "fixed", "linear", "exponential"]
LONGEST_RETRY_AFTER_S = 3600.0  # a provider that asks for more is asked again after this


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and after how long, something is tried again.

    `retries` bounds the tries after the first. A policy that does not burn attempts bounds its
    snoozes by the same number: a provider that is busy for hours must not keep a job for ever.
    """

    name: str
    curve: Curve = "immediate"
    retries: int = 0
    base_s: float = 0.0
    cap_s: float = 0.0
    first_s: float | None = None  # longest first delay, where a quick first retry often helps
    burns_attempt: bool = True

    def delay(
        self, attempt: int, rng: Random, *, retry_after_s: float | None = None
    ) -> timedelta | None:
        """Return how long to wait after failed attempt number `attempt` (1 is the first).

        None means: give up. What the other side asked for (`retry_after_s`) is never undercut.
        """
        if attempt > self.retries:
            return None
        wait_s = self._wait_s(attempt, rng)
        if retry_after_s is not None:
            # A little later than asked, and not everybody at the same moment.
            asked_s = min(retry_after_s, LONGEST_RETRY_AFTER_S)
            wait_s = max(wait_s, asked_s * rng.uniform(1.0, 1.1))
        return timedelta(seconds=wait_s)

    def _wait_s(self, attempt: int, rng: Random) -> float:
        if self.curve == "immediate":
            return 0.0
        if self.curve == "fixed":
            return self.base_s
        if self.curve == "linear":
            return min(self.cap_s, self.base_s * attempt)
        if attempt == 1 and self.first_s is not None:
            return rng.uniform(0.0, self.first_s)
        # Full jitter (Brooker, AWS Architecture Blog, 2015-03-04): callers that failed together
        # come back spread over the whole interval.
        return rng.uniform(0.0, min(self.cap_s, self.base_s * 2.0 ** (attempt - 1)))


POLICIES: dict[str, RetryPolicy] = {
    policy.name: policy
    for policy in (
        RetryPolicy(name="never"),
        RetryPolicy(name="immediate", retries=2),
        RetryPolicy(
            name="network", curve="exponential", retries=3, base_s=2, cap_s=30, first_s=0.5
        ),
        RetryPolicy(name="processing", curve="exponential", retries=2, base_s=5, cap_s=120),
        RetryPolicy(name="service", curve="exponential", retries=4, base_s=1, cap_s=60),
        RetryPolicy(name="fixed", curve="fixed", retries=5, base_s=60),
        RetryPolicy(
            name="smart",
            curve="exponential",
            retries=50,
            base_s=2,
            cap_s=300,
            burns_attempt=False,
        ),
        # Counted by crashes, not attempts: settings.MAX_CRASHES is the budget.
        RetryPolicy(
            name="crash",
            curve="exponential",
            retries=100,
            base_s=0.5,
            cap_s=5,
            burns_attempt=False,
        ),
    )
}


def named(name: str, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> RetryPolicy:
    """Return the policy of that name, with what `overrides` says about it. Raises KeyError."""
    return replace(POLICIES[name], **(overrides or {}).get(name, {}))


# Failures that pass by themselves; the others wait for a person or are nobody's to repeat.
TRANSIENT = frozenset({"network", "service", "smart", "fixed"})


def automatic_redrive(policy: str, redriven: int, after_h: Sequence[float]) -> timedelta | None:
    """Return when a dead job is driven again by itself, after `redriven` such tries; None: never.

    `after_h`: hours from each death to the next try.
    """
    if policy not in TRANSIENT or redriven >= len(after_h):
        return None
    return timedelta(hours=after_h[redriven])

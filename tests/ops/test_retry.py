"""Retry policies: how long until the next attempt, and when to give up."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops import retry
from ops.retry import POLICIES, RetryPolicy


def delays(policy, seed=1):
    """Seconds before each next attempt, until the policy gives up."""
    rng, found = Random(seed), []
    while (delay := policy.delay(len(found) + 1, rng)) is not None:
        found.append(delay.total_seconds())
    return found


def test_immediate_tries_twice_without_a_pause():
    assert delays(POLICIES["immediate"]) == [0.0, 0.0]


def test_never_gives_up_at_once():
    assert delays(POLICIES["never"]) == []


def test_fixed_waits_the_same_each_time():
    assert delays(POLICIES["fixed"]) == [60.0] * 5


def test_linear_grows_by_the_same_step_up_to_its_cap():
    policy = RetryPolicy(name="x", curve="linear", retries=4, base_s=5, cap_s=12)
    assert delays(policy) == [5.0, 10.0, 12.0, 12.0]


@given(st.integers(0, 2**32))
def test_exponential_spreads_over_a_doubling_interval(seed):
    policy = RetryPolicy(name="x", curve="exponential", retries=6, base_s=2, cap_s=30)
    for delay_s, longest_s in zip(delays(policy, seed), [2, 4, 8, 16, 30, 30], strict=True):
        assert 0 <= delay_s <= longest_s


def test_exponential_uses_the_whole_interval():
    policy = RetryPolicy(name="x", curve="exponential", retries=1, base_s=10, cap_s=10)
    firsts = [delays(policy, seed)[0] for seed in range(200)]
    assert min(firsts) < 1
    assert max(firsts) > 9


def test_the_first_network_retry_is_quick():
    assert all(delays(POLICIES["network"], seed)[0] <= 0.5 for seed in range(100))
    assert len(delays(POLICIES["network"])) == 3


@pytest.mark.parametrize(("name", "retries"), [("network", 3), ("processing", 2), ("service", 4)])
def test_the_named_policies_try_as_often_as_designed(name, retries):
    assert len(delays(POLICIES[name])) == retries


def test_what_the_other_side_asked_for_is_never_undercut():
    for seed in range(50):
        delay = POLICIES["smart"].delay(1, Random(seed), retry_after_s=20)
        assert timedelta(seconds=20) <= delay <= timedelta(seconds=22)


def test_nobody_waits_longer_than_an_hour_however_much_is_asked():
    delay = POLICIES["smart"].delay(1, Random(1), retry_after_s=86400)
    assert delay <= timedelta(seconds=3600 * 1.1)


def test_only_waiting_for_others_costs_no_attempt():
    assert {p.name for p in POLICIES.values() if not p.burns_attempt} == {"smart", "crash"}


def test_settings_change_a_policy_without_touching_the_table():
    changed = retry.named("network", {"network": {"retries": 7}})
    assert changed.retries == 7
    assert changed.cap_s == POLICIES["network"].cap_s
    assert POLICIES["network"].retries == 3

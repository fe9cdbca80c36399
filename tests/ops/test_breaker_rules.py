"""The circuit breaker as arithmetic: trips, cool-downs, one probe, and queues that drain slowly."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops import breaker_rules
from ops.breaker_rules import Admitted, Breaker, BreakerPolicy, Refused

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
POLICY = BreakerPolicy()
ANYBODY = Admitted()


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def failed(breaker, times=1, code="provider_5xx", at=NOW, permit=ANYBODY):
    for _ in range(times):
        breaker = breaker_rules.fail(breaker, permit, code, at, POLICY)
    return breaker


def answered(breaker, times=1, at=NOW, permit=ANYBODY):
    for _ in range(times):
        breaker = breaker_rules.succeed(breaker, permit, at, POLICY)
    return breaker


def admitted(breaker, at):
    return breaker_rules.admit(breaker, at, POLICY, uuid4())


def opened():
    return failed(Breaker(), POLICY.failures_in_row)


def test_it_trips_on_the_fifth_failure_in_a_row_and_not_before():
    almost = failed(Breaker(), 4)
    assert almost.state == "closed"
    tripped = failed(almost)
    assert (tripped.state, tripped.trips) == ("open", 1)
    assert tripped.failure_code == "provider_5xx"


def test_an_answer_between_failures_starts_the_row_anew():
    assert failed(answered(failed(Breaker(), 4)), 4).state == "closed"


def test_it_trips_when_half_of_twenty_calls_within_the_window_fail():
    breaker = Breaker()
    for _ in range(9):
        breaker = answered(failed(breaker))
    breaker = answered(breaker)  # 19 calls, 9 of them failed
    assert breaker.state == "closed"
    assert failed(breaker).state == "open"


def test_failures_of_an_earlier_window_do_not_count_for_the_share():
    breaker = Breaker()
    for _ in range(9):
        breaker = answered(failed(breaker))
    breaker = answered(breaker)
    assert failed(breaker, at=later(31)).state == "closed"


@pytest.mark.parametrize("code", sorted(breaker_rules.HOPELESS))
def test_what_only_a_person_can_mend_opens_it_at_once_for_the_longest_time(code):
    breaker = failed(Breaker(), code=code)
    assert breaker.open_until == later(POLICY.longest_cooldown_s)


def test_nobody_passes_before_the_cool_down_is_over():
    breaker, verdict = admitted(opened(), later(9.9))
    assert isinstance(verdict, Refused)
    assert breaker.state == "open"
    assert verdict.retry_after_s == pytest.approx(0.1)


def test_after_the_cool_down_one_probe_passes_and_everybody_else_waits():
    breaker, first = admitted(opened(), later(10))
    assert isinstance(first, Admitted)
    assert first.probe is not None
    breaker, second = admitted(breaker, later(10))
    assert isinstance(second, Refused)
    assert breaker.state == "half_open"


def test_the_probes_answer_closes_it():
    breaker, probe = admitted(opened(), later(10))
    after = answered(breaker, at=later(11), permit=probe)
    assert after == Breaker(trips=1, failure_code="provider_5xx")


def test_each_failed_probe_doubles_the_cool_down_up_to_the_longest():
    breaker, at, waits = opened(), NOW, []
    for _ in range(7):
        waits.append(breaker.cooldown_s)
        at = breaker.open_until
        breaker, probe = admitted(breaker, at)
        breaker = failed(breaker, at=at, permit=probe)
    assert waits == [10, 20, 40, 80, 160, 300, 300]
    assert breaker.opened_at == NOW


@pytest.mark.parametrize("late", [answered, failed])
def test_a_call_from_before_the_trip_decides_nothing(late):
    probing, _ = admitted(opened(), later(10))
    assert late(opened(), at=later(1)) == opened()
    assert late(probing, at=later(11)) == probing


def test_a_probe_that_is_never_heard_of_again_gives_way_to_another():
    breaker, lost = admitted(opened(), later(10))
    breaker, verdict = admitted(breaker, later(10 + POLICY.probe_s))
    assert isinstance(verdict, Admitted)
    assert verdict.probe != lost.probe
    assert answered(breaker, at=later(200), permit=lost) == breaker


def test_a_probe_that_we_stopped_gives_way_at_once():
    breaker, probe = admitted(opened(), later(10))
    breaker = breaker_rules.abandon(breaker, probe, later(11))
    assert isinstance(admitted(breaker, later(11))[1], Admitted)


def test_those_who_are_turned_away_are_told_to_come_back_one_after_the_other():
    breaker, waits = opened(), []
    for _ in range(11):
        breaker, verdict = admitted(breaker, NOW)
        waits.append(verdict.retry_after_s)
    assert waits[0] == 10
    assert waits[10] == pytest.approx(10 + 10 / POLICY.release_per_s)


def test_staff_hold_it_open_or_closed_against_its_own_judgement():
    held_open = replace(Breaker(), forced="open")
    assert isinstance(admitted(held_open, later(1000))[1], Refused)
    held_closed = replace(opened(), forced="closed")
    assert isinstance(admitted(held_closed, NOW)[1], Admitted)


STEPS = st.lists(
    st.tuples(st.sampled_from(["call", "answer", "fail", "stop"]), st.floats(0, 40)), max_size=60
)


@given(STEPS)
def test_there_is_never_more_than_one_live_probe(steps):
    breaker, at, out = Breaker(), NOW, []
    for step, wait_s in steps:
        at += timedelta(seconds=wait_s)
        if step == "call" or not out:
            breaker, verdict = admitted(breaker, at)
            if isinstance(verdict, Admitted):
                out.append(verdict)
        else:
            permit = out.pop(0)
            if step == "answer":
                breaker = answered(breaker, at=at, permit=permit)
            elif step == "fail":
                breaker = failed(breaker, 5, at=at, permit=permit)
            else:
                breaker = breaker_rules.abandon(breaker, permit, at)
        live = [p for p in out if p.probe is not None and p.probe == breaker.probe]
        assert len(live) <= 1
        assert (breaker.state == "closed") == (breaker.opened_at is None)
        assert breaker.cooldown_s <= POLICY.longest_cooldown_s

"""The table of alerts: numbers in, sentences out."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.alert_rules import (
    RULES,
    Measures,
    NewCause,
    findings,
    is_due,
    rules_in_force,
)
from ops.health import (
    BreakerFacts,
    DeadLetterFacts,
    Facts,
    QueueFacts,
    WorkerFacts,
    judge,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALIVE = (WorkerFacts(id="w1", queue="short", last_heartbeat_s=1, running=0),)
CAUSE = NewCause(fingerprint="f" * 64, failure_code="invalid_media", stages=("prepare",), count=3)


def measured(letters=None, causes=(), unattended=None, **facts):
    facts = {"at": NOW, "response_time_ms": 5.0, "workers": ALIVE, **facts}
    return Measures(
        health=judge(Facts(**facts)),
        open_letters=letters or {},
        new_causes=causes,
        unattended=unattended or {},
    )


def found(measures, **changes):
    return [each.rule for each in findings(measures, rules_in_force(changes).values())]


def test_when_all_is_well_nothing_is_found():
    assert found(measured()) == []


BREAKER = {"openai.chat": BreakerFacts(state="open", failure_code="provider_5xx", open_for_s=301)}
REFUSED = {"openai.chat": BreakerFacts(state="open", failure_code="auth_failed", open_for_s=1)}


@pytest.mark.parametrize(
    ("rule", "measures"),
    [
        ("not_healthy", measured(workers=())),
        ("needs_a_person", measured(unattended={"quota_exhausted": 2})),
        ("needs_a_person", measured(breakers=REFUSED)),
        ("new_fingerprint", measured(causes=(CAUSE,))),
        ("dead_in_queue", measured({"short": 6})),
        ("total_failed", measured(queues={"short": QueueFacts(failed=11)})),
        ("oldest_dead_h", measured(dead_letters=DeadLetterFacts(open=1, oldest_s=24 * 3601))),
        ("slow_answer_ms", measured(response_time_ms=5001.0)),
        ("redis_disconnected", measured(redis_connected=False)),
        ("breaker_open_s", measured(breakers=BREAKER)),
    ],
)
def test_each_rule_finds_its_own_and_can_be_switched_off(rule, measures):
    assert rule in found(measures)
    assert rule not in found(measures, **{rule: False})


@pytest.mark.parametrize(
    ("rule", "measures"),
    [
        ("dead_in_queue", measured({"short": 5, "long": 5})),
        ("total_failed", measured(queues={"short": QueueFacts(failed=10)})),
        ("oldest_dead_h", measured(dead_letters=DeadLetterFacts(open=1, oldest_s=24 * 3600))),
        ("slow_answer_ms", measured(response_time_ms=5000.0)),
        ("redis_disconnected", measured(redis_connected=True)),
        (
            "breaker_open_s",
            measured(breakers={"openai.chat": BreakerFacts(state="open", open_for_s=300)}),
        ),
    ],
)
def test_at_its_limit_a_rule_is_still_silent(rule, measures):
    assert rule not in found(measures)


def test_every_rule_but_that_of_the_supervisor_is_tried_above():
    tried = {
        "not_healthy", "needs_a_person", "new_fingerprint", "dead_in_queue", "total_failed",
        "oldest_dead_h", "slow_answer_ms", "redis_disconnected", "breaker_open_s",
    }  # fmt: skip
    assert set(RULES) - tried == {"database_down_s"}


def test_limits_are_settings():
    assert "dead_in_queue" not in found(measured({"short": 20}), dead_in_queue=20)
    assert "dead_in_queue" in found(measured({"short": 1}), dead_in_queue=0)


@pytest.mark.parametrize(
    "wrong",
    [{"dead_in_que": 3}, {"dead_in_queue": "many"}, {"dead_in_queue": -1}, {"not_healthy": 3}],
)
def test_a_misspelt_change_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        rules_in_force(wrong)


def test_a_sentence_says_what_it_is_and_where_to_look():
    (finding,) = findings(measured(causes=(CAUSE,)), RULES.values())
    assert "invalid_media in prepare: 3 jobs gave up." in finding.text
    assert finding.path == f"ops/deadletter/groups/?fingerprint={'f' * 64}"


def due(rule, *, opened=timedelta(0), sent=None):
    return is_due(
        RULES[rule],
        opened_at=NOW - opened,
        last_sent_at=None if sent is None else NOW - sent,
        now=NOW,
    )


def test_a_lasting_thing_is_told_at_once_and_then_once_an_hour():
    assert due("dead_in_queue")
    assert not due("dead_in_queue", opened=HOUR, sent=timedelta(minutes=59))
    assert due("dead_in_queue", opened=2 * HOUR, sent=HOUR)


def test_an_event_is_told_once():
    assert due("new_fingerprint")
    assert not due("new_fingerprint", opened=3 * HOUR, sent=2 * HOUR)
    assert due("new_fingerprint", opened=HOUR, sent=2 * HOUR)  # it came back


def test_what_comes_back_within_the_hour_is_not_told_again():
    assert not due("dead_in_queue", opened=timedelta(0), sent=timedelta(minutes=30))


def test_a_flicker_of_the_status_is_not_told():
    assert not due("not_healthy", opened=timedelta(seconds=59))
    assert due("not_healthy", opened=timedelta(seconds=60))

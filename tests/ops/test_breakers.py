"""Circuit breakers as rows: what one process learns, all obey."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from ops import breakers, jobs, selectors
from ops.checks import check_breaker_policy
from ops.failures import StageFailure
from ops.leases import LeaseLost
from ops.models import Attempt, AuditEntry, BreakerState, Job

pytestmark = pytest.mark.django_db
SERVICE = "openai.chat"


def call(error=None, dependency=SERVICE):
    with breakers.guard(dependency):
        if error is not None:
            raise error
    return "answered"


def trip(dependency=SERVICE, code="provider_5xx"):
    for _ in range(5):
        with pytest.raises(StageFailure, match=code):
            call(StageFailure(code), dependency)


def let_cool_down_end(dependency=SERVICE):
    BreakerState.objects.filter(pk=dependency).update(open_until=timezone.now())


def test_an_ill_service_is_not_called_and_the_refusal_says_how_long():
    trip()
    with pytest.raises(StageFailure) as refused:
        call()
    assert refused.value.code == "breaker_open"
    assert 0 < refused.value.retry_after_s <= 10


def test_other_services_are_called_all_the_same():
    trip()
    assert call(dependency="openai.transcribe") == "answered"


def test_what_the_service_refuses_as_wrong_input_is_no_illness():
    for _ in range(10):
        with pytest.raises(StageFailure, match="content_filtered"):
            call(StageFailure("content_filtered"))
    assert call() == "answered"


def test_a_probe_that_is_answered_opens_the_way_for_all():
    trip()
    let_cool_down_end()
    assert call() == "answered"
    assert BreakerState.objects.get(pk=SERVICE).state == "closed"
    assert call() == "answered"


def test_a_probe_whose_job_is_stopped_lets_the_next_one_try():
    trip()
    let_cool_down_end()
    with pytest.raises(LeaseLost):
        call(LeaseLost())
    assert call() == "answered"


def test_what_calls_nothing_outside_has_no_breaker():
    assert call(dependency="") == "answered"
    assert not BreakerState.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_threads_after_the_cool_down_one_probes():
    trip()
    let_cool_down_end()
    verdicts = []
    inside, go_on = threading.Barrier(6), threading.Event()

    def try_it():
        inside.wait()
        try:
            with breakers.guard(SERVICE):
                verdicts.append("called")
                go_on.wait(10)
        except StageFailure as refused:
            verdicts.append(refused.code)
        finally:
            connections.close_all()
        if verdicts.count("breaker_open") == 5:
            go_on.set()

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == ["breaker_open"] * 5 + ["called"]


def test_a_job_before_an_open_breaker_is_snoozed_and_loses_no_attempt(lab):
    trip()
    lab.line(transcribe=lambda *_: call())
    lab.sealed(1)
    jobs.run_due()
    job = Job.objects.get(stage="transcribe")
    assert (job.state, job.attempts, job.failure_code) == ("waiting", 0, "breaker_open")
    assert job.run_at > timezone.now()
    assert Attempt.objects.get(job=job).outcome == "snoozed"


def test_health_says_which_breaker_is_open():
    trip()
    health = selectors.worker_health(timezone.now())
    assert health.breakers[SERVICE].is_open
    assert f"The circuit breaker of {SERVICE} is open." in health.reasons


@pytest.mark.parametrize(("held", "expected"), [("open", "breaker_open"), ("closed", "answered")])
def test_staff_hold_a_breaker_and_it_is_written_down(held, expected):
    call()
    breakers.force_breaker(
        dependency=SERVICE, to=held, actor="user:1", reason="maintenance", now=timezone.now()
    )
    try:
        outcome = call()
    except StageFailure as refused:
        outcome = refused.code
    assert outcome == expected
    entry = AuditEntry.objects.get(action=f"breaker.forced_{held}")
    assert entry.detail["reason"] == "maintenance"


def test_a_released_breaker_judges_from_closed_again():
    trip()
    breakers.force_breaker(dependency=SERVICE, to="", actor="user:1", reason="", now=timezone.now())
    assert call() == "answered"
    assert breakers.list_breakers()[0].is_closed


@override_settings(BREAKER_POLICY={"failures_in_row": 2, "cooldown_s": 60})
def test_settings_change_the_numbers():
    for _ in range(2):
        with pytest.raises(StageFailure):
            call(StageFailure("network_timeout"))
    with pytest.raises(StageFailure) as refused:
        call()
    assert timedelta(seconds=refused.value.retry_after_s) > timedelta(seconds=50)


@override_settings(BREAKER_POLICY={"failure_in_row": 2})
def test_a_misspelt_number_is_found_at_the_start():
    assert [error.id for error in check_breaker_policy(None)] == ["ops.E006"]

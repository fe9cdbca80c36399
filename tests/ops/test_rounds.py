"""Periodic work: once per turn over all hosts, and one piece's fault stays its own."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from ops import rounds, schedule
from ops.models import PeriodicTurn
from tests.house.tree import doc


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def ran():
    return []


@pytest.fixture
def minutely(ran):
    return schedule.Periodic(name="test.minutely", every=timedelta(minutes=1), work=ran.append)


def fail(now):
    raise RuntimeError("a fault on purpose")


FAILING = schedule.Periodic(name="test.failing", every=timedelta(minutes=1), work=fail)


def test_what_is_due_runs_once_per_turn(db, minutely, ran, now):
    assert rounds.run_due(now, [minutely]) == ["test.minutely"]
    assert rounds.run_due(now + timedelta(seconds=59), [minutely]) == []
    later = now + timedelta(minutes=1)
    rounds.run_due(later, [minutely])
    assert ran == [now, later]
    turn = PeriodicTurn.objects.get()
    assert turn.due_at == later + timedelta(minutes=1)
    assert turn.finished_at is not None


def test_after_a_long_silence_it_runs_once_not_once_per_missed_turn(db, minutely, ran, now):
    rounds.run_due(now, [minutely])
    rounds.run_due(now + timedelta(days=1), [minutely])
    rounds.run_due(now + timedelta(days=1, seconds=1), [minutely])
    assert len(ran) == 2


def test_a_fault_is_logged_with_its_reference_and_keeps_nobody_else_waiting(
    db, minutely, ran, now, caplog
):
    assert rounds.run_due(now, [FAILING, minutely]) == ["test.minutely"]
    turn = PeriodicTurn.objects.get(name="test.failing")
    assert turn.finished_at is None
    assert turn.support_reference
    assert turn.support_reference in caplog.text
    assert "a fault on purpose" in caplog.text
    rounds.run_due(now + timedelta(minutes=1), [FAILING])
    assert caplog.text.count("RuntimeError: a fault on purpose") == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_hosts_at_once_one_gets_the_turn(minutely, ran, now):
    PeriodicTurn.objects.create(name=minutely.name, due_at=now)
    together = threading.Barrier(6)

    def host():
        together.wait()
        rounds.run_due(now, [minutely])
        connections.close_all()

    hosts = [threading.Thread(target=host) for _ in range(6)]
    for each in hosts:
        each.start()
    for each in hosts:
        each.join()
    assert ran == [now]


def test_every_app_brings_its_own_work():
    names = {each.name for each in schedule.registered()}
    assert names >= {"interviews.end_overdue_sessions", "recordings.abort_stale_uploads"}


def test_the_command_runs_what_is_due_and_says_what_ran(db):
    out = StringIO()
    call_command("run_periodic", stdout=out)
    assert "interviews.end_overdue_sessions" in out.getvalue()
    again = StringIO()
    call_command("run_periodic", stdout=again)
    assert again.getvalue() == ""


def test_the_supervisor_looks_again_and_again_until_it_stops(monkeypatch):
    monkeypatch.setattr(rounds, "LOOK_S", 0.01)
    looked = threading.Semaphore(0)
    round_ = rounds.Rounds(run=lambda _now: looked.release())
    round_.start()
    assert looked.acquire(timeout=5)
    assert looked.acquire(timeout=5)
    round_.stop(5)
    assert not round_._thread.is_alive()


def test_the_operations_page_names_all_periodic_work():
    page = doc("operations.md")
    assert not [each.name for each in schedule.registered() if f"| `{each.name}` |" not in page]

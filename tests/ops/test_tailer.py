"""The tailer: what any process commits reaches the listeners of this one."""

import asyncio
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from ops import tailer
from ops.hub import Listener
from ops.models import Event
from ops.progress import record_event, run_topic
from ops.tailer import NewEvents, PollWatch, SqliteWatch
from tests.databases import on_sqlite
from tests.ops.live import in_thread, play, tailing
from tests.ops.runs import make_run, tell

WRITER = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from django.db import transaction
from ops.progress import record_event
with transaction.atomic():
    record_event(run_id=sys.argv[2], type="progress", payload={"percent": 42})
"""


@pytest.fixture
def run(session):
    return make_run(session)


def heard_seqs(run, act, *, count):
    async def scenario():
        with Listener(run_topic(run.id)) as listener:
            async with tailing():
                await act()
                told = [await listener.hear(timeout_s=5) for _ in range(count)]
                return [message["event"]["seq"] for message in told]

    return play(scenario())


@pytest.mark.django_db(transaction=True)
def test_what_another_process_commits_is_heard(run):
    path = str(connection.settings_dict["NAME"])

    async def act():
        command = [sys.executable, "-c", WRITER, path, str(run.id)]
        await asyncio.to_thread(
            subprocess.run, command, check=True, cwd=settings.BASE_DIR, capture_output=True
        )

    assert heard_seqs(run, act, count=1) == [1]


@pytest.mark.django_db(transaction=True)
def test_a_burst_longer_than_a_batch_is_heard_whole(run, monkeypatch):
    monkeypatch.setattr(tailer, "BATCH", 7)

    def burst():
        with transaction.atomic():
            for _ in range(30):
                record_event(run_id=run.id, type="progress", payload={})

    async def act():
        await in_thread(burst)()

    assert heard_seqs(run, act, count=30) == list(range(1, 31))


@pytest.mark.django_db(transaction=True)
def test_what_was_there_at_the_start_is_not_told_again(run):
    tell(run, "stage", "stage")

    async def act():
        await in_thread(tell)(run, "stage")

    assert heard_seqs(run, act, count=1) == [3]


@pytest.mark.django_db(transaction=True)
def test_databases_that_do_not_tell_are_polled(run, monkeypatch):
    monkeypatch.setattr(tailer, "watch_for_these_settings", PollWatch)

    async def act():
        await in_thread(tell)(run, "stage", "stage")

    assert heard_seqs(run, act, count=2) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_for_a_while_loses_nothing(run, monkeypatch, caplog):
    monkeypatch.setattr(tailer, "AFTER_ERROR_S", 0.05)
    read, failures = NewEvents.read, iter(range(3))

    def flaky(self):
        if self.last_id is not None and next(failures, None) is not None:
            raise DatabaseError("disk I/O error")
        return read(self)

    monkeypatch.setattr(NewEvents, "read", flaky)

    async def act():
        await in_thread(tell)(run, "stage", "stage")

    assert heard_seqs(run, act, count=2) == [1, 2]
    assert "will go on trying" in caplog.text


def test_a_smaller_id_that_becomes_visible_later_is_still_told(run, django_assert_num_queries):
    """On PostgreSQL a transaction that began earlier may commit later."""
    new = NewEvents()
    assert new.read() == []
    tell(run, "stage", "stage", "stage")
    first, middle, last = Event.objects.order_by("id")
    Event.objects.filter(pk=middle.pk).delete()
    assert [e.pk for e in new.read()] == [first.pk, last.pk]
    assert new.read() == []
    Event.objects.create(
        pk=middle.pk, run=run, seq=middle.seq, type="stage", payload={}, at=middle.at
    )
    with django_assert_num_queries(1):
        assert [e.pk for e in new.read()] == [middle.pk]
    assert new.read() == []


def test_a_gap_that_a_rollback_left_is_not_asked_for_for_ever(run, monkeypatch):
    monkeypatch.setattr(tailer, "GAP_LIFE_S", 0.0)
    new = NewEvents()
    new.read()
    tell(run, "stage", "stage", "stage")
    Event.objects.get(seq=2).delete()
    new.read()
    assert new.gaps
    new.read()
    assert not new.gaps


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_the_watch_sees_other_connections_commits_and_nothing_else(run):
    watch = SqliteWatch()
    try:
        assert watch.has_changed() is True  # at first everything may be new
        assert watch.has_changed() is False
        tell(run, "stage")
        assert watch.has_changed() is True
        assert watch.has_changed() is False
    finally:
        watch.close()

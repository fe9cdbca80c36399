"""Hints by Redis: with a real server that is stopped and started, and without any."""

import asyncio
import time

import pytest
from django.db import transaction
from django.utils import timezone

from ops import hints, tailer
from ops.health import Facts, judge
from ops.hints import Hearer
from ops.hub import Listener
from ops.progress import person_topic, record_event, run_topic
from ops.tailer import RedisWatch
from ops.workload import measured_facts
from tests.databases import on_postgres
from tests.ops.live import in_thread, play, tailing
from tests.ops.runs import make_run, tell
from tests.servers import Redis, free_port, running


@pytest.fixture
def redis(settings):
    """A Redis of this test's own."""
    with running(Redis) as server:
        yield from used(settings, server.url, server)


@pytest.fixture
def nobody(settings):
    """An address where nothing listens."""
    yield from used(settings, f"redis://127.0.0.1:{free_port()}/0", None)


def used(settings, url, server):
    settings.REDIS_URL = url
    hints.client.cache_clear()
    hints._quiet_until = 0.0
    yield server
    hints.client().close()
    hints.client.cache_clear()
    hints._quiet_until = 0.0


@pytest.fixture
def run(session):
    return make_run(session)


@pytest.fixture
def hearer():
    found = Hearer()
    yield found
    found.close()


def heard(hearer, *, within_s=5.0):
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if told := hearer.hear():
            return told
    return []


# --- telling ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_event_is_told_once_its_transaction_has_committed(nobody, run, monkeypatch):
    told = []
    monkeypatch.setattr(hints, "publish", told.append)
    with transaction.atomic():
        record_event(run_id=run.id, type="progress", payload={})
        assert told == []
    assert told == [hints.EVENTS]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_told(nobody, run, monkeypatch):
    told = []
    monkeypatch.setattr(hints, "publish", told.append)
    with transaction.atomic():
        record_event(run_id=run.id, type="progress", payload={})
        transaction.set_rollback(True)
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_without_redis_in_the_settings_nothing_is_told(run, settings, monkeypatch):
    settings.REDIS_URL = ""
    told = []
    monkeypatch.setattr(hints, "publish", told.append)
    tell(run, "progress")
    hints.tell_sign_out(1, "mark")
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_is_away_costs_work_the_hint_only(nobody, run, caplog):
    tell(run, "progress", "progress")  # commits, raises nothing
    assert caplog.text.count("Redis does not answer") == 1  # then nobody tries for a while


# --- health -------------------------------------------------------------------------------


@pytest.fixture
def facts(db):
    """Ask for them as the health page does."""
    return lambda: measured_facts(timezone.now())


def test_health_says_null_where_redis_is_not_used(facts, settings):
    settings.REDIS_URL = ""
    assert facts().redis_connected is None


def test_health_says_that_redis_does_not_answer(facts, nobody):
    assert facts().redis_connected is False


def test_a_redis_that_is_away_degrades_nothing_but_the_status():
    facts = Facts(at=timezone.now(), response_time_ms=1.0, redis_connected=False)
    health = judge(facts)
    assert health.status == "degraded"
    assert health.redis == {"connected": False}
    assert "Redis does not answer: live progress comes a little later." in health.reasons


# --- hearing, with a real server ------------------------------------------------------------


@on_postgres
def test_a_silent_line_stays_open_and_still_hears(redis, hearer):
    """redis-py's own limit would have ended it after 5 s."""
    assert heard(hearer, within_s=7) == []
    assert hints.publish({"kind": "events"})
    assert heard(hearer) == [{"kind": "events"}]


@on_postgres
def test_a_line_comes_back_by_itself_after_redis_was_away(redis, hearer):
    hearer.hear()
    redis.stop()
    with pytest.raises(hints.AWAY):
        heard(hearer)
    hearer.close()
    assert not hints.is_answering()
    redis.start()
    hints._quiet_until = 0.0  # as after some seconds
    hearer.hear()
    assert hints.is_answering()
    assert hints.publish({"kind": "events"})
    assert heard(hearer) == [{"kind": "events"}]


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_an_event_arrives_sooner_by_redis_than_by_looking(redis, run, monkeypatch):
    monkeypatch.setattr(tailer, "HEAL_AFTER_S", 60)  # only a hint can bring it

    async def scenario():
        with Listener(run_topic(run.id)) as listener:
            async with tailing() as tail:
                assert isinstance(tail._watch, RedisWatch)
                await asyncio.sleep(0.6)  # subscribed, and the first look is over
                await in_thread(tell)(run, "stage", "stage")
                told = [await listener.hear(timeout_s=5) for _ in range(2)]
                return [message["event"]["seq"] for message in told]

    assert play(scenario()) == [1, 2]


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_events_arrive_while_redis_is_away_and_after_it_is_back(redis, run, monkeypatch):
    monkeypatch.setattr(tailer, "AFTER_ERROR_S", 0.3)

    async def scenario():
        with Listener(run_topic(run.id)) as listener:
            async with tailing():
                seen = []
                for act in (lambda: None, redis.stop, redis.start):
                    await asyncio.to_thread(act)
                    await in_thread(tell)(run, "stage")
                    seen.append((await listener.hear(timeout_s=5))["event"]["seq"])
                return seen

    assert play(scenario()) == [1, 2, 3]


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_a_sign_out_reaches_the_connections_of_every_web_process(redis):
    async def scenario():
        with Listener(person_topic(77)) as listener:
            async with tailing():
                await asyncio.sleep(0.6)
                await asyncio.to_thread(hints.tell_sign_out, 77, "mark")
                return await listener.hear(timeout_s=5)

    assert play(scenario()) == {"type": "session.ended", "session": "mark"}

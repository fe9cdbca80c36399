"""The hub: one message for all, in order, and nothing kept of who has left."""

import asyncio
import json

import pytest

from ops import hub
from ops.models import Event
from ops.progress import Envelope, announce, run_topic
from tests.ops.live import Socket, cookies_of, in_thread, play
from tests.ops.runs import make_run, tell


def last_event():
    return list(Event.objects.select_related("run").order_by("-pk")[:1])


on_rows = pytest.mark.django_db(transaction=True)


def test_listeners_hear_their_topics_in_order_and_no_others():
    async def scenario():
        with hub.Listener("a", "b") as both, hub.Listener("b") as one:
            for number, topic in enumerate("abcb"):
                hub.tell(topic, {"n": number})
            return [[(await who.hear(timeout_s=0.1)) for _ in range(4)] for who in (both, one)]

    both, one = play(scenario())
    assert [message and message["n"] for message in both] == [0, 1, 3, None]
    assert [message and message["n"] for message in one] == [1, 3, None, None]
    assert not hub._listeners


def test_a_listener_waits_until_it_is_told():
    async def scenario():
        with hub.Listener("a") as listener:
            hearing = asyncio.create_task(listener.hear(timeout_s=5))
            await asyncio.sleep(0.01)
            hub.tell("a", {"n": 1})
            return await hearing

    assert play(scenario()) == {"n": 1}


def test_who_does_not_read_keeps_so_many_messages_and_the_other_all():
    async def scenario():
        with hub.Listener("a") as slow, hub.Listener("a") as quick:
            heard = []
            for number in range(hub.MOST_WAITING + 5):
                hub.tell("a", {"n": number})
                heard.append((await quick.hear(timeout_s=1))["n"])
            slow.remind({"n": "own"})
            kept = []
            while message := slow.next():
                kept.append(message["n"])
            return heard, kept

    heard, kept = play(scenario())
    assert heard == list(range(hub.MOST_WAITING + 5))
    assert kept == [*range(hub.MOST_WAITING), "own"]


def test_an_event_is_written_once_however_many_listen(monkeypatch):
    event, written, dumps = Envelope(type="stage", seq=3), [], json.dumps
    monkeypatch.setattr(json, "dumps", lambda value: written.append(value) or dumps(value))
    texts = [event.text_for(name, count) for name, count in (("a", 1), ("b", 7))]
    assert len(written) == 1
    assert [json.loads(text) for text in texts] == [
        {"type": "stage", "seq": 3, "connection_id": "a", "update_count": 1},
        {"type": "stage", "seq": 3, "connection_id": "b", "update_count": 7},
    ]


@on_rows
def test_a_socket_that_reads_slowly_misses_nothing_and_delays_nobody(
    session, alice, signed_in, monkeypatch
):
    monkeypatch.setattr(hub, "MOST_WAITING", 3)
    run = make_run(session)
    path, cookies = f"/ws/runs/{run.id}/", cookies_of(signed_in(alice))

    async def scenario():
        async with Socket(path, cookies=cookies) as slow, Socket(path, cookies=cookies) as quick:
            for socket in (slow, quick):
                await socket.heard(until="connected")
                await socket.say({"after": 0})
            await asyncio.sleep(0.3)
            slow.sent._maxsize = 1  # its line is full until somebody reads
            for _ in range(8):
                await in_thread(tell)(run, "stage")
                await announce(await in_thread(last_event)())
                await asyncio.sleep(0.02)
            heard_quick = await quick.heard(until=8)
            first = await slow.heard(until=2)
            await in_thread(tell)(run, "completed")
            await announce(await in_thread(last_event)())
            return heard_quick, [*first, *await slow.heard(until=9)]

    quick, slow = play(scenario())
    assert [event["seq"] for event in quick] == list(range(1, 9))
    assert [event["seq"] for event in slow] == list(range(1, 10))
    assert run_topic(run.id) not in hub._listeners

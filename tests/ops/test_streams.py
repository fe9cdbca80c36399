"""Server-Sent Events: the same events as a socket, for browsers and API keys."""

import pytest
from django.db import connections as databases
from django.utils import timezone

from ops import connections, streams
from ops.models import Run
from ops.services import create_api_key, revoke_api_key
from tests.ops.live import Socket, Stream, cookies_of, in_thread, play, tailing
from tests.ops.runs import make_run, tell

pytestmark = pytest.mark.django_db(transaction=True)
OWN = ("connection_id", "update_count", "id")


@pytest.fixture
def run(session):
    return make_run(session)


@pytest.fixture
def key(alice):
    """(row, key) of alice."""
    return create_api_key(user=alice, name="test", scopes=["results:read"], now=timezone.now())


def bearer(key):
    return {"Authorization": f"Bearer {key[1]}", "Accept": "text/event-stream"}


def path_of(run):
    return f"/api/v1/analysis/{run.id}/stream"


def without_own(events):
    return [{k: v for k, v in event.items() if k not in OWN} for event in events]


def test_a_stream_tells_what_a_socket_tells_and_ends_when_the_run_has_completed(
    run, alice, key, signed_in
):
    cookies = cookies_of(signed_in(alice))

    async def scenario():
        async with (
            tailing(),
            Stream(path_of(run), bearer(key)) as stream,
            Socket(f"/ws/runs/{run.id}/", cookies=cookies) as socket,
        ):
            await stream.heard(until="connected")
            await socket.heard(until="connected")
            await in_thread(tell)(run, "stage", "progress", percent=3)
            await in_thread(tell)(run, "completed", missing=[])
            by_stream = await stream.heard(until="stream_ended")
            return stream.headers, by_stream, await socket.heard(until="completed")

    headers, by_stream, by_socket = play(scenario())
    assert without_own(by_stream[:-1]) == without_own(by_socket)
    assert [event["id"] for event in by_stream] == ["1", "2", "3", None]
    assert by_stream[-1]["reason"] == "completed"
    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"


def test_a_client_resumes_after_the_last_event_it_heard(run, key):
    tell(run, "stage", "stage", "stage")

    async def scenario():
        headers = {**bearer(key), "Last-Event-ID": "1"}
        async with tailing(), Stream(path_of(run), headers) as stream:
            await in_thread(tell)(run, "stage")
            return await stream.heard(until=4)

    connected, *events = play(scenario())
    assert connected["type"] == "connected"
    assert connected["id"] is None  # or a browser would think that it has heard what follows
    assert [event["seq"] for event in events] == [2, 3, 4]


def test_a_first_connection_can_be_resumed_from_its_snapshot(run, key):
    tell(run, "stage", "stage")

    async def scenario():
        async with Stream(path_of(run), bearer(key)) as stream:
            return (await stream.heard(until="connected"))[0]["id"]

    assert play(scenario()) == "2"


@pytest.mark.parametrize("state", [Run.State.COMPLETED, Run.State.CANCELLED])
def test_a_run_that_has_ended_is_replayed_and_closed(session, key, state):
    run = make_run(session, state=state)
    tell(run, "stage", "completed")

    async def scenario():
        headers = {**bearer(key), "Last-Event-ID": "0"}
        async with Stream(path_of(run), headers) as stream:
            return await stream.heard(until="stream_ended")

    events = play(scenario())
    assert [e["type"] for e in events] == ["connected", "stage", "completed", "stream_ended"]
    assert events[-1]["reason"] == state


def status_and_body(path, headers):
    async def scenario():
        async with Stream(path, headers) as stream:
            if stream.status == 200:
                return 200, "", stream.headers
            return stream.status, await stream.body(), stream.headers

    return play(scenario())


def test_strangers_and_keys_without_the_scope_get_a_problem(run, charlie, alice, signed_in):
    blind = create_api_key(user=alice, name="blind", scopes=["urls:issue"], now=timezone.now())
    foreign = {"Cookie": cookies_of(signed_in(charlie)), "Accept": "text/event-stream"}
    answers = [
        status_and_body(path_of(run), headers)
        for headers in (foreign, {}, bearer(blind), {"Authorization": "Bearer cnd_wrong"})
    ]
    assert [status for status, *_ in answers] == [404, 401, 403, 401]
    assert {headers["Content-Type"] for *_, headers in answers} == {"application/problem+json"}
    unknown = status_and_body(path_of(run).replace(str(run.id)[:8], "00000000"), foreign)
    assert unknown[:2] == answers[0][:2]


def test_a_browser_session_and_any_accept_header_will_do(run, alice, signed_in):
    cookies = cookies_of(signed_in(alice))
    for accept in ("text/event-stream", "*/*"):
        assert status_and_body(path_of(run), {"Cookie": cookies, "Accept": accept})[0] == 200


def test_nonsense_in_last_event_id_is_refused(run, key):
    status, body, _ = status_and_body(path_of(run), {**bearer(key), "Last-Event-ID": "x"})
    assert status == 400
    assert "Last-Event-ID" in body


def test_a_stream_ends_when_its_key_is_revoked(run, key, monkeypatch):
    monkeypatch.setattr(streams, "BEAT_S", 0.2)

    async def scenario():
        async with Stream(path_of(run), bearer(key)) as stream:
            await stream.heard(until="heartbeat")
            await in_thread(revoke_api_key)(key=key[0], actor="test", now=timezone.now())
            return (await stream.heard(until="stream_ended"))[-1]["reason"]

    assert play(scenario()) == "access_ended"


def test_a_stream_ends_when_its_session_signs_out(run, alice, signed_in):
    client = signed_in(alice)

    async def scenario():
        headers = {"Cookie": cookies_of(client), "Accept": "text/event-stream"}
        async with Stream(path_of(run), headers) as stream:
            await stream.heard(until="connected")
            await in_thread(client.post)("/accounts/logout/")
            return (await stream.heard(until="stream_ended"))[-1]["reason"]

    assert play(scenario()) == "signed_out"


def test_a_heartbeat_brings_what_a_lost_message_left_out(run, key, monkeypatch):
    monkeypatch.setattr(streams, "BEAT_S", 0.2)

    async def scenario():
        async with Stream(path_of(run), bearer(key)) as stream:  # and no tailer
            await stream.heard(until="connected")
            await in_thread(tell)(run, "stage", "completed")
            return await stream.heard(until="stream_ended")

    assert [e["type"] for e in play(scenario())] == ["stage", "completed", "stream_ended"]


def test_too_many_streams_are_told_so(run, key, monkeypatch):
    monkeypatch.setattr(connections, "MAX_PER_PRINCIPAL", 1)

    async def scenario():
        async with Stream(path_of(run), bearer(key)) as first:
            await first.heard(until="connected")
            async with Stream(path_of(run), bearer(key)) as second:
                return (await second.heard(until="stream_ended"))[-1]["reason"]

    assert play(scenario()) == "too_many_connections"
    assert not connections._open


def test_an_open_stream_holds_no_database_connection(run, key, monkeypatch):
    wrapper, used = type(databases["default"]), []
    connect = wrapper.get_new_connection

    def noted(self, params):
        used.append(self)
        return connect(self, params)

    monkeypatch.setattr(wrapper, "get_new_connection", noted)

    async def scenario():
        async with Stream(path_of(run), bearer(key)) as stream:
            await stream.heard(until="connected")
            return len(used), [one for one in used if one.connection is not None]

    count, still_open = play(scenario())
    assert count > 0
    assert still_open == []

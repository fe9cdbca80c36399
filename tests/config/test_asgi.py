"""The web process as uvicorn runs it."""

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import threading
import time

import pytest
import uvicorn
from django.conf import settings
from django.db import connection
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from config.asgi import application
from config.body_limit import MAX_BODY_BYTES
from tests.ops.live import Connection, Socket, cookies_of, play
from tests.ops.runs import make_run

WRITER = """
import os, sys, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from django.db import transaction
from ops.progress import record_event
for _ in range(20):
    with transaction.atomic():
        record_event(run_id=sys.argv[2], type="progress", payload={"wrote_at": time.time()})
    time.sleep(0.03)
"""


@pytest.fixture
def served(transactional_db):
    """`host:port` of a live uvicorn."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_level="warning", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.mark.slow
def test_a_commit_in_another_process_arrives_on_a_browsers_socket(
    served, session, alice, signed_in, record_property
):
    run = make_run(session)
    headers = {"Cookie": cookies_of(signed_in(alice))}
    command = [sys.executable, "-c", WRITER, str(connection.settings_dict["NAME"]), str(run.id)]
    url = f"ws://{served}/ws/runs/{run.id}/"
    with connect(url, origin=f"http://{served}", additional_headers=headers) as listener:
        assert json.loads(listener.recv(5))["type"] == "connected"
        writer = subprocess.Popen(command, cwd=settings.BASE_DIR)
        heard, delays_s = [], []
        while len(heard) < 20:
            event = json.loads(listener.recv(20))
            heard.append(event["seq"])
            delays_s.append(time.time() - event["wrote_at"])
        assert writer.wait(10) == 0
    assert heard == list(range(1, 21))
    record_property("median_delay_s", statistics.median(delays_s))
    assert statistics.median(delays_s) < 1


def test_a_live_server_refuses_other_origins_and_strangers(
    served, session, alice, charlie, signed_in
):
    url = f"ws://{served}/ws/runs/{make_run(session).id}/"

    def status(origin, user):
        headers = {"Cookie": cookies_of(signed_in(user))}
        try:
            with connect(url, origin=origin, additional_headers=headers):
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code

    own = f"http://{served}"
    assert status(own, alice) == 101
    refused = [("http://evil.example", alice), ("null", alice), (None, alice), (own, charlie)]
    assert [status(origin, user) for origin, user in refused] == [403] * 4


def exchange(*, declared=None, pieces=(), path="/api/v1/analysis"):
    """POST over ASGI; return the status, and how many pieces were taken."""

    async def scenario():
        request = Connection(
            {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": "POST",
                "scheme": "http",
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                "root_path": "",
                "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")]
                + ([] if declared is None else [(b"content-length", str(declared).encode())]),
                "client": ("127.0.0.1", 1),
                "server": ("127.0.0.1", 80),
            }
        )
        for number, piece in enumerate(pieces, start=1):
            more = number < len(pieces)
            await request.inbox.put({"type": "http.request", "body": piece, "more_body": more})
        await request.start()
        started = await request.received()
        await request.stop()
        return started["status"], request.inbox.qsize()

    return play(scenario())


def test_a_body_that_declares_too_much_is_refused_unread():
    assert exchange(declared=MAX_BODY_BYTES + 1, pieces=[b"x"]) == (413, 1)


def test_a_body_that_grows_too_long_is_refused_on_the_way():
    piece = b"x" * (MAX_BODY_BYTES // 4)
    status, unread = exchange(pieces=[piece] * 10)
    assert status == 413
    assert unread >= 4


def test_lifespan_starts_and_stops_the_tailer(transactional_db):
    async def scenario():
        process = Connection({"type": "lifespan", "asgi": {"version": "3.0"}})
        await process.start()
        await process.inbox.put({"type": "lifespan.startup"})
        assert (await process.received())["type"] == "lifespan.startup.complete"
        running = [task.get_name() for task in asyncio.all_tasks()]
        await process.inbox.put({"type": "lifespan.shutdown"})
        assert (await process.received())["type"] == "lifespan.shutdown.complete"
        await asyncio.wait({process.task})
        left = [task.get_name() for task in asyncio.all_tasks()]
        return "tailer" in running, "tailer" in left

    assert play(scenario()) == (True, False)


def test_sockets_at_unknown_addresses_are_refused_not_an_error(transactional_db):
    async def scenario():
        async with Socket("/ws/nothing/at/all/") as refused:
            return refused.is_accepted

    assert play(scenario()) is False

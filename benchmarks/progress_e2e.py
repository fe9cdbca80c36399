"""From a worker's commit to a browser's socket, with 20 sockets open. Goal: p95 <= 100 ms.

Peer: a client that asks for the status every 2 seconds, in the same run. On PostgreSQL and Redis:
python -m tests.servers python -m benchmarks progress_e2e
"""

import asyncio
import json
import random
import threading
import time
from uuid import UUID

import httpx
import websockets
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from benchmarks.harness import PORT, URL, percentile, prepare, web
from ops import jobs
from ops.progress import record_event
from ops.services import create_api_key
from tests import factories

SOCKETS = 20
PER_MEMBER = 10
EVENTS = 60
POLL_EVERY_S = 2.0


async def listen(run_id: UUID, cookie: str, delays: list[float], ready: asyncio.Semaphore) -> None:
    """Collect the delay of every progress event of the run, in seconds."""
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}
    address = f"ws://127.0.0.1:{PORT}/ws/runs/{run_id}/"
    async with websockets.connect(address, additional_headers=headers, origin=URL) as socket:
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "connected":
                ready.release()
            elif message["type"] == "progress":
                delays.append(time.monotonic() - message["committed_s"])
                if message["percent"] == EVENTS:
                    return


def write_events(run_id: UUID, committed: dict[int, float]) -> None:
    """Commit events at irregular times, as a worker does, from a thread of its own."""
    rng = random.Random(7)
    for number in range(1, EVENTS + 1):
        time.sleep(rng.uniform(0.05, 0.25))
        with transaction.atomic():
            payload = {"percent": number, "committed_s": time.monotonic()}
            event = record_event(run_id=run_id, type="progress", payload=payload)
        committed[event.seq] = payload["committed_s"]
    connection.close()


async def poll(run_id: UUID, key: str, seen: list[float], committed: dict[int, float]) -> None:
    """Ask every 2 s, as clients without a socket do; note when each event was first known."""
    known = 0
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=URL, headers=headers) as client:
        while known < EVENTS:
            answer = await client.get(f"/api/v1/analysis/{run_id}/status")
            assert answer.status_code == 200, answer.text
            now, last = time.monotonic(), answer.json()["last_event_seq"]
            await asyncio.sleep(0.05)  # the writer notes a commit just after it
            seen += [now - committed[seq] for seq in range(known + 1, last + 1)]
            known = max(known, last)
            await asyncio.sleep(POLL_EVERY_S - 0.05)


async def measure(run_id: UUID, cookies: list[str], key: str) -> tuple[list[float], list[float]]:
    delays: list[float] = []
    polled: list[float] = []
    committed: dict[int, float] = {}
    ready = asyncio.Semaphore(0)
    listeners = [
        asyncio.create_task(listen(run_id, cookies[n // PER_MEMBER], delays, ready))
        for n in range(SOCKETS)
    ]
    for _ in listeners:
        await asyncio.wait_for(ready.acquire(), 30)
    poller = asyncio.create_task(poll(run_id, key, polled, committed))
    writer = threading.Thread(target=write_events, args=(run_id, committed))
    writer.start()
    await asyncio.wait_for(asyncio.gather(*listeners, poller), 120)
    writer.join()
    return delays, polled


def main() -> None:
    prepare()
    organization = factories.make_organization()
    session = factories.make_session(factories.make_interview(organization))
    run = jobs.open_run(
        organization_id=organization.id,
        subject_kind="session",
        subject_id=session.id,
        board=session.version.interview.key,
        expected_recordings=2,
    )
    cookies = []
    for number in range(SOCKETS // PER_MEMBER):
        user = factories.make_member(organization, f"m{number}@example.org", "interviewer")
        client = Client()
        client.force_login(user)
        cookies.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    _, key = create_api_key(user=user, name="b", scopes=["results:read"], now=timezone.now())
    with web():
        ours, peer = asyncio.run(measure(run.id, cookies, key))
    assert len(ours) == SOCKETS * EVENTS, f"{len(ours)} of {SOCKETS * EVENTS} events arrived"
    print("rows in", connection.vendor, "- hints by Redis" if settings.REDIS_URL else "- no Redis")
    for name, values in ((f"{SOCKETS} sockets", ours), ("polling, 2 s", peer)):
        figures = [percentile(values, share) * 1000 for share in (0.5, 0.95, 0.99)]
        print("{:14} p50 {:7.1f} ms   p95 {:7.1f} ms   p99 {:7.1f} ms".format(name, *figures))
    p95_ms = percentile(ours, 0.95) * 1000
    print(f"goal p95 <= 100 ms: {'met' if p95_ms <= 100 else 'MISSED'}")
    print(f"ratio at p50: {percentile(peer, 0.5) / percentile(ours, 0.5):.1f}x sooner than polling")


if __name__ == "__main__":
    main()

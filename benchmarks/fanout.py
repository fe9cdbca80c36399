"""One event to N listeners: what both fan-outs measure.

From a worker's commit to the last byte at the last listener, CPU of the web process per delivered
event, memory per listener. Peer: `group_send` of the channel layer to as many plain consumers in
the same web process; it has no database, no permissions and no numbering to do.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import URL, cpu_s, percentile, prepare, rss_bytes, tell_ratio, web

import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from benchmarks.crowd import Crowd, Ear, SocketEar, socket_request
from benchmarks.plain_group import PATH
from ops import jobs
from ops.connections import MAX_PER_PRINCIPAL
from ops.models import Run
from ops.progress import record_event
from tests import factories

SIZES = (1, 200)
FULL = (*SIZES, 1000)
ROUNDS = 5
EVENTS = 12  # a round; with many listeners fewer
DELIVERIES = 2400  # a round, at least
IDLE_S = 16.0  # longer than the pause between two checks of a listener's permission
GOAL = 10.0
GOALS_P99_MS = {200: 20, 1000: 60}  # with Redis or NOTIFY; 100 embedded
EMBEDDED_P99_MS = 100
MEGABYTE = 1024 * 1024
Request = Callable[[UUID, str], bytes]  # run, cookie


@dataclass
class Measured:
    """Seconds to the last byte, and of each round the CPU seconds per delivery."""

    delays_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)


def prepare_run() -> tuple[Run, list[str]]:
    """Return an open run, and the cookies of as many members as the sizes need."""
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
    return run, [cookie_of(organization, n) for n in range(max(FULL) // MAX_PER_PRINCIPAL)]


def cookie_of(organization: object, number: int) -> str:
    user = factories.make_member(organization, f"m{number}@example.org", "interviewer")
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def commit(run_id: UUID, mark: int) -> float:
    """Write an event as a worker does; return when it was committed (monotonic)."""
    payload = {"mark": mark, "percent": 41.5, "current_stage": "transcribe"}
    payload["estimated_completion_s"] = 37.2
    with transaction.atomic():
        record_event(run_id=run_id, type="progress", payload=payload)
    at = time.monotonic()
    connection.close()
    return at


class Fanout:
    """One web process, a crowd of ours and a crowd of the peer's."""

    def __init__(self, pid: int, run_id: UUID) -> None:
        self.pid = pid
        self.run_id = run_id
        self.marks = iter(range(1, 10**9))
        self.rng = random.Random(7)
        self.idle = 0.0

    async def measure(self, requests: list[bytes], ear: type[Ear]) -> None:
        """Open listeners and the peer's, measure both in turns, print the figures."""
        before = rss_bytes(self.pid)
        ours, peers = Crowd(), Crowd()
        started = time.monotonic()
        await ours.open(requests, ear)
        each_ms = (time.monotonic() - started) * 1000 / len(ours)
        each_kb = (rss_bytes(self.pid) - before) / 1024 / len(ours)
        self.idle = await self.idle_share()
        await peers.open([socket_request(PATH, "", URL)] * len(ours), SocketEar)
        mine, theirs = Measured(), Measured()
        await self.one(ours, self.by_commit), await self.one(peers, self.by_peer)
        for _ in range(ROUNDS):
            await self.round(ours, mine, self.by_commit)
            await self.round(peers, theirs, self.by_peer)
        ours.close()
        peers.close()
        await asyncio.sleep(1)
        print(
            f"{len(ours):>5} listeners: opened in {each_ms:.1f} ms each, {each_kb:.0f} KB each, "
            f"idle they cost {self.idle:.1%} of a core"
        )
        tell("ours, commit to last byte", mine)
        tell("group_send to last byte", theirs)
        tell_goals(len(ours), mine, theirs)

    async def idle_share(self) -> float:
        used, at = cpu_s(self.pid), time.monotonic()
        await asyncio.sleep(IDLE_S)
        return (cpu_s(self.pid) - used) / (time.monotonic() - at)

    async def round(self, crowd: Crowd, into: Measured, act: Callable) -> None:  # type: ignore[type-arg]
        events = min(EVENTS, -(-DELIVERIES // len(crowd)))
        used, at = cpu_s(self.pid), time.monotonic()
        for _ in range(events):
            await asyncio.sleep(self.rng.uniform(0.02, 0.08))
            into.delays_s.append(await self.one(crowd, act))
        idle_s = self.idle * (time.monotonic() - at)  # what ours cost without any event
        into.cpu_s.append((cpu_s(self.pid) - used - idle_s) / events / len(crowd))

    async def one(self, crowd: Crowd, act: Callable) -> float:  # type: ignore[type-arg]
        """Have one event happen; return the seconds to the last byte."""
        mark = next(self.marks)
        at: float = await act(crowd, mark)
        return await crowd.wait_for(mark) - at

    async def by_commit(self, crowd: Crowd, mark: int) -> float:  # noqa: ARG002 - called alike
        return await asyncio.to_thread(commit, self.run_id, mark)

    async def by_peer(self, crowd: Crowd, mark: int) -> float:
        """Have the first of the peer's listeners tell them all."""
        event = {"type": "progress", "mark": mark, "percent": 41.5, "run_id": str(self.run_id)}
        text = json.dumps({**event, "connection_id": "0" * 32, "update_count": mark}).encode()
        head = bytes((129, 128 + 126)) + len(text).to_bytes(2, "big") + bytes(4)
        crowd.ears[0].transport.write(head + text)
        return time.monotonic()


def tell(name: str, found: Measured) -> None:
    p50, p95, p99 = (percentile(found.delays_s, share) * 1000 for share in (0.5, 0.95, 0.99))
    each_us = statistics.median(found.cpu_s) * 1e6
    print(
        f"      {name:<26} p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  p99 {p99:7.1f} ms  "
        f"CPU {each_us:6.0f} us a delivery"
    )


def tell_goals(size: int, mine: Measured, theirs: Measured) -> None:
    if size == 1:
        return  # a web process measured in hundredths of a second has no CPU per event there
    p99 = percentile(mine.delays_s, 0.99) * 1000
    goal = GOALS_P99_MS[size] if settings.REDIS_URL else EMBEDDED_P99_MS
    print(f"      goal p99 <= {goal} ms: {'met' if p99 <= goal else 'MISSED'}")
    ratios = [b / a for a, b in zip(mine.cpu_s, theirs.cpu_s, strict=True)]
    ratio = statistics.median(ratios)
    tell_ratio("      CPU of group_send over ours", ratio, (max(ratios) - min(ratios)) / 2 / ratio)
    print(f"      goal >= {GOAL:.0f}x: {'met' if ratio >= GOAL else 'MISSED'}")


async def measure_all(pid: int, run: Run, cookies: list[str], ask: Request, ear: type[Ear]) -> None:
    fanout = Fanout(pid, run.id)
    for size in FULL if "--full" in sys.argv else SIZES:
        await fanout.measure(
            [ask(run.id, cookies[n // MAX_PER_PRINCIPAL]) for n in range(size)], ear
        )


def main(ask: Request, ear: type[Ear]) -> None:
    run, cookies = prepare_run()
    print("rows in", connection.vendor, "- hints by Redis" if settings.REDIS_URL else "- no Redis")
    with web("benchmarks.plain_group:application") as pid:
        asyncio.run(measure_all(pid, run, cookies, ask, ear))

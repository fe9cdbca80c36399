"""What failing costs: calls to a service that is dead for ten minutes, and to one that refuses.

100 jobs go through the real engine in one process while the clock is turned from one due moment to
the next; the service is a real HTTP server that counts its calls. Peers on the same script: the
engine without its breakers, and four blind attempts with growing pauses.
Goal: at least 4x fewer calls than blind attempts on permanent faults, and no job lost.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import prepare

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import UUID, uuid4

import httpx
import time_machine
from time_machine import Traveller
from django.utils import timezone

from ops import breakers, pipeline
from ops.failures import StageFailure
from ops.jobs import run_due
from ops.models import BreakerState, Job, Run
from ops.pipeline import Effect, Report
from tests import factories

JOBS = 100
OUTAGE = timedelta(minutes=10)
AT_MOST = timedelta(hours=2)
DEPENDENCY = "bench.service"
BLIND_PAUSES_S = (1, 2, 4)
GOAL = 4.0
# answer of the service -> what a stage makes of it
CODES = {503: "provider_5xx", 422: "content_filtered"}
CALLER = httpx.Client(timeout=5)
Guard = Callable[[str], AbstractContextManager[None]]


class Service(BaseHTTPRequestHandler):
    """Answers `answers_with()`; counts."""

    calls = 0
    answers_with: Callable[[], int]

    def do_POST(self) -> None:
        cls = type(self)
        cls.calls += 1
        self.send_response(cls.answers_with())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
        """Say nothing."""


@contextmanager
def service() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def ask(url: str) -> None:
    """Call the service as a stage does. Raises StageFailure."""
    answer = CALLER.post(url)
    if not answer.is_success:
        raise StageFailure(CODES[answer.status_code], f"the service answered {answer.status_code}")


def declare_stage(url: str, guard: Guard) -> None:
    def call(subject_id: UUID, report: Report) -> Effect:  # noqa: ARG001 - what a stage is given
        with guard(DEPENDENCY):
            ask(url)
        return Effect(write=lambda: None)

    declare = pipeline.stage(
        scope="recording", weight=1, timeout=timedelta(seconds=30), consent=None
    )
    declare(call)


def by_the_engine(clock: Traveller) -> Counter[str]:
    """Do 100 jobs, turning the clock whenever nothing is due; return how they ended."""
    BreakerState.objects.all().delete()
    organization = factories.make_organization(f"Bench {uuid4()}")
    began = timezone.now()
    for _ in range(JOBS):
        subject = uuid4()
        run = Run.objects.create(
            organization=organization, subject_kind="session", subject_id=subject
        )
        Job.objects.create(
            run=run, stage="call", subject_kind="recording", subject_id=uuid4(), run_at=began
        )
    mine = Job.objects.filter(run__organization=organization)
    while due_at := next_due(mine):
        assert due_at - began < AT_MOST, "jobs are still tried after hours"
        if due_at > timezone.now():
            clock.move_to(due_at + timedelta(milliseconds=1))
        run_due()
    return Counter(mine.values_list("state", flat=True))


def next_due(jobs: object) -> datetime | None:
    waiting = jobs.filter(state=Job.State.WAITING)  # type: ignore[attr-defined]
    found: datetime | None = waiting.order_by("run_at").values_list("run_at", flat=True).first()
    return found


def blindly(url: str, clock: Traveller) -> Counter[str]:
    """Do 100 jobs with four attempts each, whatever the answer was."""
    began, ended = timezone.now(), Counter({"done": 0, "dead": 0})
    waiting = [(began, 0)] * JOBS
    while waiting:
        waiting.sort()
        due_at, failed = waiting.pop(0)
        clock.move_to(max(due_at, timezone.now()))
        try:
            ask(url)
        except StageFailure:
            if failed < len(BLIND_PAUSES_S):
                waiting.append((due_at + timedelta(seconds=BLIND_PAUSES_S[failed]), failed + 1))
            else:
                ended["dead"] += 1
        else:
            ended["done"] += 1
    return ended


def measure(name: str, answers_with: Callable[[], int], work: Callable[[], Counter[str]]) -> int:
    """Run one way on one script; print and return the calls it made."""
    Service.calls, Service.answers_with = 0, staticmethod(answers_with)  # type: ignore[assignment]
    began = timezone.now()
    ended = work()
    assert sum(ended.values()) == JOBS, ended
    minutes = (timezone.now() - began).total_seconds() / 60
    print(
        f"  {name:<28} {Service.calls:>5} calls; {ended['done']:>3} done, {ended['dead']:>3} given "
        f"up after {minutes:.1f} min"
    )
    return Service.calls


def main() -> None:
    prepare()
    logging.disable(logging.ERROR)
    with service() as url, time_machine.travel(timezone.now(), tick=False) as clock:

        def ours(guard: Guard) -> Callable[[], Counter[str]]:
            def work() -> Counter[str]:
                declare_stage(url, guard)
                return by_the_engine(clock)

            return work

        ways: dict[str, Callable[[], Counter[str]]] = {
            "engine with breakers": ours(breakers.guard),
            "engine without breakers": ours(lambda _: nullcontext()),
            "four blind attempts": lambda: blindly(url, clock),
        }
        calls: dict[str, dict[str, int]] = {"dead": {}, "refuses": {}}
        for name, work in ways.items():
            until = timezone.now() + OUTAGE
            print(f"dead for {OUTAGE.seconds // 60} minutes, {JOBS} jobs:")
            calls["dead"][name] = measure(
                name, lambda until=until: 503 if timezone.now() < until else 200, work
            )
        for name, work in ways.items():
            print(f"refuses every input for good, {JOBS} jobs:")
            calls["refuses"][name] = measure(name, lambda: 422, work)
    for script, made in calls.items():
        ratio = made["four blind attempts"] / made["engine with breakers"]
        print(f"{script}: four blind attempts make {ratio:.1f}x the calls of ours")
    ratio = calls["refuses"]["four blind attempts"] / calls["refuses"]["engine with breakers"]
    print(f"goal >= {GOAL:.0f}x on permanent faults: {'met' if ratio >= GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()

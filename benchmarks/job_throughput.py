"""Jobs that do nothing, per second, through real worker processes: what the engine itself costs.

Ours: `manage.py worker`, with claim, lease, attempts, events, progress and the fenced commit of
every job. Peers, one after the other in the same rounds: django-q2 as it comes on its ORM broker
(at least once, one row per task kept) and on its Redis broker (at most once: a killed worker loses
its task), and Celery with `acks_late` on Redis (at least once). None has a fence, events or
attempts: theirs is the bare carrier. `--full` does more jobs.
Goals: 100 jobs/s on SQLite, within 3x of the bare carrier.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import cpu_s, prepare, tell_ratio

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Success

from ops import processes
from ops.models import Job, Run
from tests import factories
from tests.servers import MissingError, Redis, running

ROOT = Path(__file__).parents[1]
PYTHON = [sys.executable, "-W", "ignore"]
WARM_JOBS, ROUNDS = 10, 3
JOBS = 1200 if "--full" in sys.argv else 300
OF_A_RUN = 10  # jobs, as in a session of two or three answers
WITHIN_S = 60
GOAL_PER_S, GOAL_TIMES = 100, 3.0


@dataclass
class System:
    """Something that does jobs: how it is started, given work, and asked how much is done."""

    name: str
    command: list[str]
    environment: dict[str, str]
    enqueue: Callable[[int], None]
    done: Callable[[], int]
    per_s: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def round(self) -> None:
        """Start it, warm it, measure it, end it."""
        process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self.do(WARM_JOBS)
            used = tree_cpu_s(process.pid)
            started = time.perf_counter()
            self.do(JOBS)
            self.per_s.append(JOBS / (time.perf_counter() - started))
            self.cpu_ms.append((tree_cpu_s(process.pid) - used) * 1000 / JOBS)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def do(self, count: int) -> None:
        before = self.done()
        self.enqueue(count)
        until = time.monotonic() + WITHIN_S
        while (done := self.done() - before) < count:
            assert time.monotonic() < until, f"{self.name}: {done} of {count} done"
            time.sleep(0.02)
        assert done == count, f"{self.name} did {done} of {count}"


def tree_cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and of all below it that still live."""
    return cpu_s(pid) + sum(tree_cpu_s(child.pid) for child in processes.children_of(pid))


def enqueue_ours(count: int) -> None:
    organization = factories.make_organization(f"Bench {uuid4()}")
    now = timezone.now()
    with transaction.atomic():
        for start in range(0, count, OF_A_RUN):
            subject = uuid4()
            run = Run.objects.create(
                organization=organization, subject_kind="session", subject_id=subject
            )
            Job.objects.bulk_create(
                Job(run=run, stage="noop", subject_kind="recording", subject_id=uuid4(), run_at=now)
                for _ in range(min(OF_A_RUN, count - start))
            )


def systems(redis_url: str) -> list[System]:
    """Return ours and every peer that can run here."""
    base = {**os.environ, "LOG_LEVEL": "ERROR"}

    def stock(kind: str) -> System:
        settings = {"DJANGO_SETTINGS_MODULE": f"benchmarks.noop.stock_{kind}"}
        environment = {**base, **settings, "REDIS_URL": redis_url}
        command = [*PYTHON, "-m", "benchmarks.noop.enqueue_stock"]
        return System(
            f"django-q2, {kind} broker",
            [*PYTHON, "manage.py", "qcluster"],
            environment,
            lambda count: run_out([*command, str(count)], environment),
            Success.objects.count,
        )

    ours = System(
        "Candor",
        [*PYTHON, "manage.py", "worker", "--queues", "short"],
        {**base, "DJANGO_SETTINGS_MODULE": "benchmarks.noop.ours"},
        enqueue_ours,
        Job.objects.filter(state=Job.State.DONE).count,
    )
    found = [ours, stock("orm")]
    if redis_url:
        found += [stock("redis"), celery(base | {"REDIS_URL": redis_url})]
    return found


def celery(environment: dict[str, str]) -> System:
    """Return Celery with as many workers."""
    os.environ["REDIS_URL"] = environment["REDIS_URL"]
    from benchmarks.noop import celery_app  # noqa: PLC0415 - it connects to that Redis

    module = celery_app.__name__
    workers = ["worker", "--concurrency", str(settings.SHORT_WORKERS), "--loglevel", "ERROR"]
    return System(
        "Celery, acks_late",
        [*PYTHON, "-m", "celery", "--app", module, *workers],
        environment,
        lambda count: run_out([*PYTHON, "-m", module, str(count)], environment),
        celery_app.done,
    )


def run_out(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def tell(found: list[System]) -> None:
    ours = found[0]
    for system in found:
        spread = (max(system.per_s) - min(system.per_s)) / 2 / statistics.median(system.per_s)
        print(
            f"{system.name:<28} {statistics.median(system.per_s):7.1f} jobs/s (spread "
            f"{spread:.0%}), {statistics.median(system.cpu_ms):6.2f} ms CPU of its processes a job"
        )
    for peer in found[1:]:
        ratios = [theirs / mine for mine, theirs in zip(ours.per_s, peer.per_s, strict=True)]
        ratio = statistics.median(ratios)
        spread = (max(ratios) - min(ratios)) / 2 / ratio
        tell_ratio(f"{peer.name} over ours (goal <= {GOAL_TIMES:.0f}x)", ratio, spread)
    per_s = statistics.median(ours.per_s)
    print(f"goal {GOAL_PER_S} jobs/s: {'met' if per_s >= GOAL_PER_S else 'MISSED'}")


def main() -> None:
    prepare()
    with ExitStack() as stack:
        try:
            redis_url = stack.enter_context(running(Redis)).url
        except MissingError as missing:
            redis_url = ""
            print(f"without Redis: {missing}")
        found = systems(redis_url)
        print(f"{JOBS} jobs a round, 2 workers each, rows in {connection.vendor}")
        for _ in range(ROUNDS):
            for system in found:
                system.round()
    tell(found)


if __name__ == "__main__":
    main()

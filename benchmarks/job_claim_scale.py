"""Finding and claiming a job in a queue of 10^2 to 10^6 rows, beside jobs that wait for later.

A look is `dequeue` of the broker; a claim writes job, attempt and event in one transaction.
Peer: the stock broker of django-q2 on as many rows, in the same run. Goal: p99 at 10^6 rows is at
most 1.5 times that at 10^2. `--full` goes to 10^6, otherwise 10^5 is the end.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import percentile, prepare

import statistics
import sys
from datetime import timedelta

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from benchmarks.job_rows import add_waiting, timed_ms
from ops.carrier import JobBroker
from ops.leases import claim
from ops.models import Job, Run

SIZES = (100, 10_000, 100_000)
FULL = (*SIZES, 1_000_000)
ROUNDS = 200
GOAL = 1.5
AN_HOUR_S = 3600


def spaced(size: int) -> None:
    """Have `size` jobs wait: half of them due, half of them in an hour or later."""
    add_waiting(size // 2)
    add_waiting(size - size // 2, in_s=AN_HOUR_S)


def claims_ms(broker: JobBroker) -> tuple[list[float], list[float]]:
    """Return how long each look and each claim took."""
    looks, claims = [], []
    for _ in range(ROUNDS):
        told: list[int] = []
        looks.append(timed_ms(lambda told=told: told.extend(due_ids(broker))))
        assert told, "nothing was due"
        won = []
        claims.append(
            timed_ms(
                lambda told=told, won=won: won.append(
                    claim(told[0], worker="bench:1:1", now=timezone.now())
                )
            )
        )
        assert won[0] is not None
    return looks, claims


def due_ids(broker: JobBroker) -> list[int]:
    hints = broker._due_hints()  # noqa: SLF001 - without the pause after an empty look
    return [SignedPackage.loads(task)["args"][0] for _ack, task in hints]


def idle_ms(broker: JobBroker) -> list[float]:
    """Return how long a look takes that finds nothing due, with everything waiting for later."""
    Job.objects.filter(state="waiting").update(run_at=timezone.now() + timedelta(hours=1), token=1)
    looks = [timed_ms(lambda: due_ids(broker)) for _ in range(20)]
    assert due_ids(broker) == []
    return looks


def stock_ms(size: int) -> list[float]:
    """Return how long the stock broker takes to hand out a task of as many."""
    OrmQ.objects.all().delete()
    past = timezone.now() - timedelta(days=1)
    rows = (OrmQ(key="stock", payload="x" * 300, lock=past) for _ in range(size))
    OrmQ.objects.bulk_create(rows, batch_size=5_000)
    broker = ORM("stock")
    return [timed_ms(broker.dequeue) for _ in range(ROUNDS)]


def main() -> None:
    prepare()
    p50: dict[str, dict[int, float]] = {}
    p99: dict[str, dict[int, float]] = {"look": {}, "claim": {}, "idle look": {}, "stock look": {}}
    for size in FULL if "--full" in sys.argv else SIZES:
        Run.objects.all().delete()
        spaced(size + 4 * ROUNDS)
        broker = JobBroker("short")
        looks, claims = claims_ms(broker)
        measured = {"look": looks, "claim": claims, "idle look": idle_ms(broker)}
        measured["stock look"] = stock_ms(size + ROUNDS)
        for name, times in measured.items():
            p99[name][size] = percentile(times, 0.99)
            p50.setdefault(name, {})[size] = statistics.median(times)
            print(
                f"{size:>9,} rows: {name:<10} p50 {statistics.median(times):7.2f} ms, "
                f"p99 {p99[name][size]:7.2f} ms"
            )
    for name, found in p99.items():
        small, big = min(found), max(found)
        print(
            f"{name}: p99 at {big:,} over {small:,}: {found[big] / found[small]:.2f}x, "
            f"p50 {p50[name][big] / p50[name][small]:.2f}x"
        )
    ratio = (p99["look"][big] + p99["claim"][big]) / (p99["look"][small] + p99["claim"][small])
    print(f"goal {GOAL}x for look and claim: {ratio:.2f}x, {'met' if ratio <= GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()

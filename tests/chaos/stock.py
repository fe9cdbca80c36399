"""The same kills on django-q2 as it comes, for comparison: its ORM broker, 4 effects a task.

python -m tests.chaos.stock [--tasks 200] [--kills 30] [--seed N]
"""

import argparse
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EFFECTS = 4
STEP_S = 0.25
GIVE_UP_S = 240
QUIET_S = 45  # nothing happened for so long: nothing will


def effects(number):
    """A task of four effects, each after a moment's work."""
    from ops.models import AuditEntry  # noqa: PLC0415 - runs in the workers

    for step in range(EFFECTS):
        time.sleep(STEP_S)
        AuditEntry.objects.create(
            actor="stock", action="stock.effect", subject_kind=str(step), subject_id=str(number)
        )


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.stock")
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="candor-stock-") as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="tests.chaos.stock_settings",
            DATA_DIR=folder,
            DATABASE_URL="",
            REDIS_URL="",
            SECRET_KEY="stock-only-" + "k" * 50,
        )
        run(wanted, Path(folder))


def run(wanted, folder):
    import django  # noqa: PLC0415 - the environment had to be set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - as above
    from django_q.tasks import async_task  # noqa: PLC0415 - the thing compared with

    call_command("migrate", verbosity=0)
    for number in range(wanted.tasks):
        async_task("tests.chaos.stock.effects", number)  # by name: this file runs as __main__
    rng = random.Random(wanted.seed)
    log = (folder / "worker.log").open("a")
    cluster = start(log)
    kills, next_at, started = 0, time.monotonic() + 4, time.monotonic()
    seen, moved = -1, time.monotonic()
    while time.monotonic() - started < GIVE_UP_S and time.monotonic() - moved < QUIET_S:
        time.sleep(0.2)
        if cluster.poll() is not None:
            cluster = start(log)
        if kills < wanted.kills and time.monotonic() > next_at:
            kills += strike(cluster.pid, rng)
            next_at = time.monotonic() + rng.uniform(0.5, 3.5)
        found = count()
        if found != seen:
            seen, moved = found, time.monotonic()
        if kills >= wanted.kills and is_empty():
            break
    end(cluster.pid)
    report(wanted, kills)


def start(log):
    command = [sys.executable, "-W", "ignore", "manage.py", "qcluster"]
    return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)


def below(pid):
    from ops import processes  # noqa: PLC0415 - Django is set up by now

    found = processes.children_of(pid)
    return found + [each for child in found for each in below(child.pid)]


def strike(main_pid, rng):
    """SIGKILL a process of the cluster: mostly a worker, seldom the sentinel or main itself."""
    tree = [facts.pid for facts in below(main_pid)]
    if len(tree) < 5:
        return 0
    chance = rng.random()
    if chance < 0.04:
        victim = main_pid
    elif chance < 0.1:
        victim = tree[0]
    else:
        victim = rng.choice(tree[1:])
    os.kill(victim, signal.SIGKILL)
    return 1


def count():
    from ops.models import AuditEntry  # noqa: PLC0415 - Django is set up by now

    return AuditEntry.objects.filter(action="stock.effect").count()


def is_empty():
    from django_q.models import OrmQ  # noqa: PLC0415 - the thing compared with

    return not OrmQ.objects.exists()


def end(pid):
    """End a cluster and all below it, orphans of this run included."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def report(wanted, kills):
    from ops.models import AuditEntry  # noqa: PLC0415 - Django is set up by now

    rows = AuditEntry.objects.filter(action="stock.effect")
    made = Counter(rows.values_list("subject_id", "subject_kind"))
    whole = Counter(task for task, _ in made)
    unfinished = sum(1 for n in range(wanted.tasks) if whole[str(n)] < EFFECTS)
    doubled = sum(times - 1 for times in made.values())
    print(  # noqa: T201 - a command
        f"django-q2 as it comes, {wanted.tasks} tasks, {kills} kills, seed {wanted.seed}: "
        f"{unfinished} unfinished, {doubled} doubled effects"
    )


if __name__ == "__main__":
    main()

"""What happens to the workers, and when: a list of moments, by how much of the work is done."""

import signal
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from django.db.models import Sum
from django.utils import timezone

from ops.clock import is_due
from ops.models import Job
from tests.chaos import fleet as fleets
from tests.chaos.faults import plan

AWAY_S = 4.0
CLOCK_OFF_S = 3600.0
CLOCK_OFF_FOR_S = 5.0
LOOK_S = 0.2
STUCK_S = 10.0  # without progress for so long the next disaster comes anyhow
# Of thirty kills; of fewer, the first so many of this order.
ROLES = (
    *("worker", "pusher", "main", "monitor", "supervisor", "sentinel"),
    *("worker", "worker", "worker", "pusher", "worker", "monitor"),
    *("worker", "sentinel", "worker", "main", "worker", "worker"),
    *("worker", "supervisor", "worker", "pusher", "worker", "monitor"),
    *("worker", "sentinel", "worker", "main", "worker", "worker"),
)


class Recovery:
    """How long nothing was claimed after a kill although work was due; by the harness's clock."""

    def __init__(self):
        self.longest_s = 0.0
        self._claims = -1
        self._since = None

    def struck(self):
        self._since = self._since or time.monotonic()

    def look(self):
        claims = Job.objects.aggregate(claims=Sum("token"))["claims"] or 0
        due = Job.objects.filter(is_due(timezone.now()), state="waiting")
        if claims != self._claims or not due.exists():
            self._claims, self._since = claims, None
        elif self._since is not None:
            self.longest_s = max(self.longest_s, time.monotonic() - self._since)


class Progress:
    """Which share of the work is done, and since when nothing moves."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.share = -1.0
        self._moved = time.monotonic()

    def look(self):
        done = Job.objects.exclude(state__in=("waiting", "running")).count()
        if done / self.jobs != self.share:
            self.share = done / self.jobs
            self.moved()

    def moved(self):
        self._moved = time.monotonic()

    def is_stuck(self):
        return time.monotonic() - self._moved > STUCK_S


@dataclass
class Storm:
    """Everything that can be struck, and what was."""

    fleet: fleets.Fleet
    postgres: object = None  # a tests.servers.Postgres
    redis: object = None
    sqlite_file: object = None
    lease_s: float = 6.0
    kills: list = field(default_factory=list)  # roles
    threads: list = field(default_factory=list)
    pending: int = 0  # deeds that are not done yet
    over: threading.Event = field(default_factory=threading.Event)
    notes: list = field(default_factory=list)
    zombies: set = field(default_factory=set)
    frozen: set = field(default_factory=set)  # pids
    recovery: object = field(default_factory=Recovery)

    def beside(self, deed):
        """Let a deed take its time while everything else goes on."""

        def act():
            try:
                deed()
            finally:
                self.pending -= 1
            # A server that this thread started would end with it: the kernel's signal of a parent's
            # death means the thread.
            self.over.wait()

        self.pending += 1
        thread = threading.Thread(target=act, daemon=True)
        self.threads.append(thread)
        thread.start()

    # --- deeds ----------------------------------------------------------------------------------
    def kill(self, role, rng):
        """SIGKILL one of a role; return whether there was one."""
        pids = self.fleet.roles()[role]
        if role == "worker":
            pids = [pid for pid in pids if pid not in doomed() | self.frozen]
        if not pids:
            return False
        if not fleets.end(rng.choice(pids)):
            return False
        self.kills.append(role)
        self.recovery.struck()
        return True

    def take_database_away(self):
        if self.postgres:
            self.postgres.stop(signal.SIGQUIT)  # at once: what was not committed is gone
            time.sleep(AWAY_S)
            self.postgres.start()
            self.notes.append(f"PostgreSQL was away for {AWAY_S:.0f} s")
            return
        with closing(sqlite3.connect(self.sqlite_file, timeout=60, isolation_level=None)) as other:
            other.execute("begin exclusive")
            time.sleep(AWAY_S)
            other.execute("rollback")
        self.notes.append(f"SQLite was locked for {AWAY_S:.0f} s")

    def take_redis_away(self):
        if self.redis:
            self.redis.stop(signal.SIGKILL)
            time.sleep(AWAY_S)
            self.redis.start()
            self.notes.append(f"Redis was away for {AWAY_S:.0f} s")

    def set_the_clock(self):
        plan.set_clock(CLOCK_OFF_S)
        time.sleep(CLOCK_OFF_FOR_S)
        plan.set_clock(0)
        self.notes.append(f"the workers' clock was {CLOCK_OFF_S:+.0f} s off, then right again")

    def look_for_zombies(self):
        """Stop a worker that lingers until its lease is over, then let it go on."""
        for mark in plan.folder().glob("zombie-*"):
            if mark.name in self.zombies:
                continue
            pid = int(mark.read_text() or 0)
            if fleets.is_ours(pid) and pid not in doomed():
                self.zombies.add(mark.name)
                self.beside(partial(self.freeze, mark.name, pid))

    def freeze(self, name, pid):
        self.frozen.add(pid)
        fleets.send(pid, signal.SIGSTOP)
        until = time.monotonic() + self.lease_s + 3
        while time.monotonic() < until and fleets.is_ours(pid):
            time.sleep(LOOK_S)
        if fleets.is_ours(pid) and fleets.send(pid, signal.SIGCONT):
            self.notes.append("a worker slept past its lease and went on")
        else:
            self.zombies.discard(name)  # it died with its group: the next attempt may be stopped
        self.frozen.discard(pid)


def doomed():
    """Pids of workers whose job would be taken for poison if they were killed once more."""
    twice = Job.objects.filter(state="running", crashes__gte=2)
    return {int(worker.split(":")[1]) for worker in twice.values_list("worker", flat=True)}


def moments(kills, storm, rng):
    """Return [(share of the work, name, deed)] in order."""
    order = [ROLES[number % len(ROLES)] for number in range(kills)]
    found = [
        ((number + 1) / (kills + 2), role, lambda role=role: storm.kill(role, rng))
        for number, role in enumerate(order)
    ]
    beside = [
        (0.25, "database away", storm.take_database_away),
        (0.5, "Redis away", storm.take_redis_away),
        (0.65, "clock set", storm.set_the_clock),
    ]
    found += [(at, name, lambda deed=deed: storm.beside(deed) or True) for at, name, deed in beside]
    return sorted(found, key=lambda moment: moment[0])

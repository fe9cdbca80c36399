"""Child processes of the supervisor: a cluster of workers per queue, and the web process."""

import logging
import os
import signal
import subprocess  # noqa: TID251 - this is a door: the supervisor's own children
import sys
import time
from datetime import datetime, timedelta

from django.conf import settings

from ops import processes
from ops.carrier import heartbeat_key
from ops.clock import is_due
from ops.models import Attempt, Job, WorkerHeartbeat
from ops.settle import give_back

logger = logging.getLogger(__name__)
STARTS_WITHIN_S = 30.0
QUICK_S = 10.0  # a child that ends sooner is started again with a growing pause
LONGEST_PAUSE_S = 10.0
DUE_S = 1.0  # age of a due job that a free worker should have taken


class Child:
    """A process of ours, in a group of its own: a terminal's Ctrl-C reaches only the supervisor."""

    def __init__(self, name: str, arguments: list[str]) -> None:
        self.name = name
        self.arguments = arguments
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = self.start_after = 0.0
        self._quick_ends = 0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def environment(self) -> dict[str, str]:
        """Return the environment the child gets."""
        return dict(os.environ)

    def start(self) -> None:
        """Start the process."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", "ops.launch", str(os.getpid()), *self.arguments],
            cwd=settings.BASE_DIR,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process is None or self.process.poll() is not None

    def ask_to_stop(self) -> None:
        """Let the process finish what it is at."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group, now."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            logger.debug("%s was gone already", self.name)
        self.process.wait()
        is_quick = time.monotonic() - self.started_at < QUICK_S
        self._quick_ends = self._quick_ends + 1 if is_quick else 0
        pause_s = min(LONGEST_PAUSE_S, 0.5 * 2**self._quick_ends) if is_quick else 0.0
        self.start_after = time.monotonic() + pause_s
        self.process = None


class Web(Child):
    """The one process that serves pages, REST and sockets."""

    def __init__(self) -> None:
        address = ["--host", settings.BIND, "--port", str(settings.PORT)]
        ways = ["--no-proxy-headers", "--no-server-header", "--log-level", "warning"]
        patience = ["--timeout-graceful-shutdown", "3"]  # open streams reconnect elsewhere
        app = ["uvicorn", "config.asgi:application"]
        super().__init__("web", [*app, *address, *ways, *patience])

    def trouble(self, now: datetime) -> str | None:  # noqa: ARG002 - as a cluster's
        """Return why the process must be started again, None if it is well."""
        if self.process is not None and self.process.poll() is not None:
            return f"it exited with {self.process.returncode}"
        return None

    def give_back_jobs(self) -> int:
        """Return 0: the web process works on no job."""
        return 0


class Companion(Child):
    """Another program that works need, such as an S3 server of our own (settings.COMPANIONS)."""

    def __init__(self, name: str, command: list[str]) -> None:
        super().__init__(name, ["--program", *command])

    def trouble(self, now: datetime) -> str | None:  # noqa: ARG002 - as a cluster's
        """Return why the program must be started again, None if it is well."""
        if self.process is not None and self.process.poll() is not None:
            return f"it exited with {self.process.returncode}"
        return None

    def ask_to_stop(self) -> None:
        """Ask nothing: others work with it to the end. Then it is killed, which it must stand."""

    def give_back_jobs(self) -> int:
        """Return 0: it works on no job."""
        return 0


class Cluster(Child):
    """One django-q2 cluster: main -> sentinel -> workers, pusher, monitor."""

    def __init__(self, queue: str) -> None:
        super().__init__(f"cluster {queue}", ["manage", "qcluster"])
        self.queue = queue
        alternative = settings.Q_CLUSTER["ALT_CLUSTERS"].get(queue, {})
        self.size: int = alternative.get("workers", settings.Q_CLUSTER["workers"])
        self._forget()

    def _forget(self) -> None:
        self._members: dict[int, str] = {}  # pid -> worker name
        self._staff: tuple[int, int] | None = None  # monitor and pusher, as first seen
        self._last_beat: datetime | None = None
        self._beat_seen = self._starved_since = 0.0
        self.sentinel_pid: int | None = None

    def environment(self) -> dict[str, str]:
        return {**os.environ, "Q_CLUSTER_NAME": self.queue}

    def start(self) -> None:
        self._forget()
        super().start()
        self._beat_seen = time.monotonic()

    def trouble(self, now: datetime) -> str | None:
        """Return why the cluster must be started again, None if it is well."""
        if self.process is None:
            return None
        if (code := self.process.poll()) is not None:
            return f"it exited with {code}"
        beat = WorkerHeartbeat.objects.filter(key=heartbeat_key(self.process.pid)).first()
        return self._silence(beat) or (beat and self._replaced(beat)) or self._starvation(now)

    def _silence(self, beat: WorkerHeartbeat | None) -> str | None:
        """Look whether it reports; by our own clock, since the wall clock may jump."""
        if beat is not None and beat.at != self._last_beat:
            self._last_beat, self._beat_seen = beat.at, time.monotonic()
            self.sentinel_pid = beat.sentinel_pid
            for pid in beat.worker_pids:
                if pid not in self._members:
                    self._members[pid] = processes.worker_name(pid)
        limit_s = settings.WATCHDOG_STALE_S if self._last_beat else STARTS_WITHIN_S
        silent_s = time.monotonic() - self._beat_seen
        return f"it is silent since {silent_s:.0f} s" if silent_s > limit_s else None

    def pardon_silence(self) -> None:
        """Count the silence from now: while the database is away nobody can report there."""
        self._beat_seen = time.monotonic()

    def _replaced(self, beat: WorkerHeartbeat) -> str | None:
        """Look whether monitor or pusher died: what they held in hand is lost."""
        if not (beat.monitor_pid and beat.pusher_pid):
            return None
        staff = (beat.monitor_pid, beat.pusher_pid)
        self._staff = self._staff or staff
        return "its monitor or pusher was replaced" if staff != self._staff else None

    def _starvation(self, now: datetime) -> str | None:
        """Look whether work is due, a worker is free, and still nothing is taken.

        A worker killed while it holds django-q2's queue lock freezes the whole cluster. One that
        has not reported yet is still starting: on a busy machine that takes longer than the
        watchdog's patience, and starting it again would never end.
        """
        of_queue = Job.objects.filter(queue=self.queue)
        late = now - timedelta(seconds=DUE_S)
        due = of_queue.filter(is_due(late), state=Job.State.WAITING)
        recently = now - timedelta(seconds=settings.WATCHDOG_STALE_S)
        # Not later than now: what began before the clock was set back is no news.
        taken = Attempt.objects.filter(started_at__gt=recently, started_at__lte=now)
        if (
            self._last_beat is None
            or not due.exists()
            or self._running() >= self.size
            or taken.filter(job__queue=self.queue).exists()
        ):
            self._starved_since = 0.0
            return None
        self._starved_since = self._starved_since or time.monotonic()
        starved_s = time.monotonic() - self._starved_since
        is_stuck = starved_s > settings.WATCHDOG_STALE_S
        return "work is due and nothing is taken" if is_stuck else None

    def _running(self) -> int:
        here = Job.objects.filter(state=Job.State.RUNNING, queue=self.queue)
        return here.filter(worker__startswith=f"{processes.HOST}:").count()

    def is_sentinel_dead(self) -> bool:
        """Whether the process above the workers is gone, so that they died through no fault."""
        if self.sentinel_pid is None:
            return False
        facts = processes.facts_of(self.sentinel_pid)
        return facts is None or facts.state in "ZX"

    def has_member(self, worker: str) -> bool:
        """Whether that worker is or was one of this cluster."""
        return worker in self._members.values()

    def kill(self) -> None:
        if self.process is not None:
            group = self.process.pid
            for facts in processes.every_process():
                if facts.group == group:
                    self._members[facts.pid] = processes.worker_name(facts.pid)
            super().kill()
            WorkerHeartbeat.objects.filter(key=heartbeat_key(group)).delete()

    def give_back_jobs(self) -> int:
        """Put back what the killed group was at, and what it was told of; return how many."""
        names = list(self._members.values())
        running = Job.objects.filter(state=Job.State.RUNNING, worker__in=names)
        given = sum(give_back(job) for job in running if not processes.is_worker_alive(job.worker))
        told = Job.objects.filter(queue=self.queue, state=Job.State.WAITING)
        told.exclude(dispatched_until=None).update(dispatched_until=None)
        return given

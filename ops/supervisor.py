"""Keeps the workers (and the web process) alive, and leaves no job and no process behind."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections

from ops import processes
from ops.clock import WallClock, database_now, follow_step, follow_unseen_step
from ops.clusters import Cluster, Companion, Web
from ops.defeats import lose
from ops.models import Job, WorkerHeartbeat
from ops.rounds import Rounds

logger = logging.getLogger(__name__)
TICK_S = 0.5
WEB_STARTS_WITHIN_S = 60.0
LAST_ENDS_WITHIN_S = 5.0


class AddressInUseError(Exception):
    """The web address cannot be had; the text says why, for people."""


class Supervisor:
    """Starts, watches and ends the processes of one Candor."""

    def __init__(self, queues: Sequence[str], *, with_web: bool = False) -> None:
        self.clusters = [Cluster(queue) for queue in queues]
        self.web = Web() if with_web else None
        self.companions = [Companion(*each) for each in settings.COMPANIONS if with_web]
        self.rounds = Rounds()
        self.clock = WallClock()
        self._stopping = threading.Event()

    @property
    def workers(self) -> list[Cluster | Web]:
        """The processes of ours, which need the companions."""
        return [*self.clusters, *([self.web] if self.web else [])]

    @property
    def children(self) -> list[Cluster | Web | Companion]:
        return [*self.companions, *self.workers]

    def run(self, announce: Callable[[str], None]) -> None:
        """Keep everything running until SIGTERM or SIGINT, then drain. Returns when all ended."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        processes.adopt_orphans()
        self._forget_the_dead()
        for child in self.children:
            child.start()
        self.rounds.start()
        if self.web:
            self._await_web(announce)
        while not self._stopping.wait(TICK_S):
            self._tick()
        self._drain()

    def _ask_to_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._stopping.set()

    def _forget_the_dead(self) -> None:
        """Remove the heartbeats of clusters that ended without removing their own."""
        for beat in WorkerHeartbeat.objects.filter(host=processes.HOST):
            if processes.facts_of(int(beat.key.rsplit(":", 1)[1])) is None:
                beat.delete()

    def _await_web(self, announce: Callable[[str], None]) -> None:
        until = time.monotonic() + WEB_STARTS_WITHIN_S
        while time.monotonic() < until and not self._stopping.wait(0.1):
            if self.web is None or self.web.has_ended():
                return  # the next tick starts it again
            if answers(settings.BIND, settings.PORT):
                announce(f"Candor is running at {settings.PUBLIC_URL} (Ctrl-C ends it)")
                return
        if not self._stopping.is_set():
            logger.error("The web process does not answer within %.0f s.", WEB_STARTS_WITHIN_S)

    def _tick(self) -> None:
        """Look after every child and every job of this host once."""
        self._end_orphans()
        try:
            if step_s := self.clock.step_s():
                moved = follow_step(step_s)
                logger.warning("The clock was set by %+.0f s; %d jobs moved with it", step_s, moved)
            now = database_now()
            follow_unseen_step(now)
            for child in self.children:
                if (reason := child.trouble(now)) is not None:
                    logger.error("%s is started again: %s", child.name, reason)
                    child.kill()
                    child.give_back_jobs()
                if child.process is None and time.monotonic() >= child.start_after:
                    child.start()
            self._take_back_lost_jobs()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The supervisor cannot reach the database: %s", error)
            for cluster in self.clusters:
                cluster.pardon_silence()
        finally:
            connections.close_all()

    def _take_back_lost_jobs(self) -> None:
        """Notice dead workers at once instead of when their leases run out."""
        prefix = f"{processes.HOST}:"
        running = Job.objects.filter(state=Job.State.RUNNING, worker__startswith=prefix)
        for job in running:
            if processes.is_worker_alive(job.worker):
                continue
            blameless = (c for c in self.clusters if c.has_ended() or c.is_sentinel_dead())
            if not any(cluster.has_member(job.worker) for cluster in blameless):
                lose(job)

    def _end_orphans(self) -> None:
        """Kill what dead workers had started; as their next of kin we are its parent now."""
        ours = {child.pid for child in self.children}
        for facts in processes.children_of(os.getpid()):
            if facts.pid in ours:
                continue
            if facts.state != "Z":
                logger.warning("Process %s outlived its worker and is killed", facts.pid)
                processes.kill_tree(facts.pid)
            try:
                os.waitpid(facts.pid, 0)
            except ChildProcessError:
                continue

    def _end_descendants(self) -> None:
        """Kill what is left below us: a process becomes our child only when its parent is gone."""
        until = time.monotonic() + LAST_ENDS_WITHIN_S
        while processes.children_of(os.getpid()) and time.monotonic() < until:
            self._end_orphans()
            time.sleep(0.02)

    def _drain(self) -> None:
        """Let everybody finish what they are at; kill who does not within DRAIN_S."""
        logger.info("Draining for up to %s s", settings.DRAIN_S)
        until = time.monotonic() + settings.DRAIN_S
        for child in self.children:
            child.ask_to_stop()
        self.rounds.stop(settings.DRAIN_S)
        while time.monotonic() < until and not all(c.has_ended() for c in self.workers):
            time.sleep(0.1)
        for child in (*self.workers, *self.companions):
            child.kill()
        self._end_descendants()
        try:
            given = sum(child.give_back_jobs() for child in self.children)
        finally:
            connections.close_all()
        if given:
            logger.warning("%d jobs were interrupted and wait for the next start", given)


def require_free_address(host: str, port: int) -> None:
    """Raise AddressInUseError if the web process could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressInUseError(
                f"Candor cannot listen on {host}:{port}: {error.strerror}.\n"
                f"Choose another port, for example: PORT={port + 1} make run"
            ) from error


def answers(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not a bind
    try:
        with socket.create_connection((reachable, port), timeout=1):
            return True
    except OSError:
        return False

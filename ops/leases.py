"""Who works on a job: the claim, the lease that proves it, and how a stage is told to stop."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from subprocess import Popen  # noqa: TID251 - the type only
from typing import Self

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from ops import processes, runs
from ops.clock import is_due
from ops.models import Attempt, Job

logger = logging.getLogger(__name__)
PULSE_S = 1.0  # how often a running job looks whether it may go on
KILL_GRACE_S = 10.0  # from "please stop" to SIGKILL of the worker that does not


class Stop(BaseException):
    """Raised in a stage that must not go on. Not an Exception: `except Exception` won't eat it."""


class LeaseLost(Stop):
    """Somebody else may have this job now: nothing of this attempt may be written."""


class Cancelled(Stop):
    """A person cancelled the job."""


class Overdue(Stop):
    """The stage took longer than it may."""


def lease_end() -> Combinable:
    """Return the end of a lease that starts now, by the database's clock: hosts' clocks differ."""
    return ExpressionWrapper(
        Now() + timedelta(seconds=settings.LEASE_S), output_field=DateTimeField()
    )


def claim(job_id: int, *, worker: str, now: datetime) -> Job | None:
    """Take a due job: waiting -> running, with the next token. None: somebody else has it."""
    due = Job.objects.filter(is_due(now), pk=job_id, state=Job.State.WAITING)
    run_id = due.values_list("run_id", flat=True).first()
    if run_id is None:
        return None
    with transaction.atomic():
        run = runs.lock_run(run_id)
        won = due.update(
            state=Job.State.RUNNING,
            token=F("token") + 1,
            attempts=F("attempts") + 1,
            worker=worker,
            lease_until=lease_end(),
            dispatched_until=None,
            progress=0,
            reason="",
            failure_code="",
        )
        if not won:
            return None
        job = Job.objects.select_related("run").get(pk=job_id)
        Attempt.objects.create(job=job, token=job.token, worker=worker, started_at=now)
        runs.tell_stage(job, "started")
        runs.refresh_progress(run, Job.objects.filter(run=run))
    return job


def held(job: Job) -> QuerySet[Job]:
    """Return the fence: every write of an attempt goes through this filter."""
    return Job.objects.filter(pk=job.pk, token=job.token, state=Job.State.RUNNING)


class Lease:
    """Keeps a claimed job ours while the stage works, in a thread with its own connection."""

    def __init__(self, job: Job, timeout: timedelta) -> None:
        self.job = job
        self.timeout_s = timeout.total_seconds()
        self.stop: type[Stop] | None = None
        self._children: set[Popen[bytes]] = set()
        self._guard = threading.Lock()
        self._ended = threading.Event()
        # Inside somebody's transaction nobody else sees the row, so there is nothing to renew.
        self._renews = not transaction.get_connection().in_atomic_block
        self._started = self._renewed = time.monotonic()
        self._thread = threading.Thread(target=self._watch, name=f"lease {job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what the stage was told to stop for, if it was."""
        if self.stop is not None:
            raise self.stop

    @contextmanager
    def child(self, process: Popen[bytes]) -> Iterator[None]:
        """End `process` and its group if the job is stopped in the meantime."""
        with self._guard:
            self._children.add(process)
        try:
            if self.stop is not None:
                processes.kill_tree(process.pid)
            yield
        finally:
            with self._guard:
                self._children.discard(process)

    def end(self, stop: type[Stop]) -> None:
        """Tell the stage to stop and kill what it started; the first reason stays."""
        if self.stop is None:
            self.stop = stop
            logger.warning("Stop of job %s: %s", self.job.public_id, stop.__name__)
        with self._guard:
            for process in self._children:
                if process.poll() is None:
                    processes.kill_tree(process.pid)

    def _watch(self) -> None:
        try:
            while not self._ended.wait(min(PULSE_S, settings.LEASE_BEAT_S)):
                self._watch_time()
                if self._renews:
                    self._watch_row()
        finally:
            connections.close_all()

    def _watch_time(self) -> None:
        over_s = time.monotonic() - self._started - self.timeout_s
        if over_s > 0:
            self.end(Overdue)
        is_worker = multiprocessing.parent_process() is not None
        if over_s > KILL_GRACE_S and is_worker:
            logger.critical("Job %s does not stop: its worker is killed.", self.job.public_id)
            try:
                held(self.job).update(failure_code="stage_timeout")
            finally:
                os.kill(os.getpid(), signal.SIGKILL)

    def _watch_row(self) -> None:
        since_s = time.monotonic() - self._renewed
        try:
            if since_s >= settings.LEASE_BEAT_S:
                is_ours = bool(held(self.job).update(lease_until=lease_end()))
                self._renewed = time.monotonic()
            else:
                is_ours = held(self.job).exists()
            if not is_ours:
                self.end(LeaseLost)
            elif Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
                self.end(Cancelled)
        except (DatabaseError, InterfaceError):
            # Tried again at the next pulse; without a renewal the lease runs out for all of us.
            connections.close_all()
            if since_s > settings.LEASE_S:
                self.end(LeaseLost)

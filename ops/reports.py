"""What a stage is given beside its subject: progress, cancellation, options, what is missing."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from subprocess import Popen  # noqa: TID251 - the type only
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections, transaction

from ops import leases, pipeline, runs
from ops.follow import RECORDING
from ops.models import Job
from ops.pipeline import Missing

logger = logging.getLogger(__name__)
LONGEST_SILENCE_S = 2.0  # a running stage's progress is told at least so often
SMALLEST_SHARE = 0.01


class JobReport:
    """The Report of ops.pipeline, for one claimed job."""

    def __init__(self, job: Job, lease: leases.Lease) -> None:
        self._job = job
        self._lease = lease
        self._told_share = 0.0
        self._told_at = time.monotonic()
        self._missing: tuple[Missing, ...] | None = None

    @property
    def run_id(self) -> UUID:
        return self._job.run_id

    @property
    def generation(self) -> int:
        return self._job.generation

    @property
    def options(self) -> Mapping[str, Any]:
        options: dict[str, Any] = self._job.run.options
        return options

    @property
    def missing(self) -> tuple[Missing, ...]:
        if self._missing is None:
            self._missing = tuple(_missing_before(self._job))
        return self._missing

    def check(self) -> None:
        self._lease.check()

    def child(self, process: Popen[bytes]) -> AbstractContextManager[None]:
        return self._lease.child(process)

    def progress(self, share: float) -> None:
        self._lease.check()
        share = min(1.0, max(self._told_share, share))
        silence_s = time.monotonic() - self._told_at
        step = SMALLEST_SHARE if silence_s < LONGEST_SILENCE_S else 1e-9
        if silence_s < settings.PROGRESS_MIN_INTERVAL_S or share - self._told_share < step:
            return
        self._told_share, self._told_at = share, time.monotonic()
        try:
            with transaction.atomic():
                run = runs.lock_run(self._job.run_id)
                if not leases.held(self._job).update(progress=share):
                    raise leases.LeaseLost
                runs.refresh_progress(run, Job.objects.filter(run=run))
        except (OperationalError, InterfaceError) as error:
            # The next report tells it: a database that is away is no reason to stop a stage.
            logger.warning("Progress of %s could not be written: %s", self._job, error)
            if not transaction.get_connection().in_atomic_block:
                connections.close_all()  # one that was cut would fail for ever


def _missing_before(job: Job) -> Iterator[Missing]:
    """Yield the ancestors of a job that ended without a result."""
    ended = Job.objects.filter(
        run_id=job.run_id,
        stage__in=pipeline.ancestors(job.stage),
        state__in=(Job.State.DEAD, Job.State.CANCELLED),
    ).order_by("pk")
    for row in ended:
        is_recording = row.subject_kind == RECORDING
        if job.subject_kind == RECORDING and row.subject_id != job.subject_id:
            continue
        if is_recording or row.generation == job.generation:
            yield Missing(row.stage, row.subject_id, row.failure_code or "cancelled")

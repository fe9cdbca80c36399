"""The only door to django-q2: hand a worker the number of a job that is due.

The Job table is the queue. django-q2 brings processes, and carries a number to one of them; of its
own queue, schedules, retries and results nothing is used (docs: each loses or doubles work).
"""

import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.db.models import Q
from django.utils import timezone
from django_q.brokers.orm import ORM  # noqa: TID251 - this is the door
from django_q.signing import SignedPackage  # noqa: TID251 - as above

from ops import pipeline, processes
from ops.clock import database_now, is_due
from ops.jobs import reap
from ops.leases import KILL_GRACE_S
from ops.models import Job, WorkerHeartbeat

logger = logging.getLogger(__name__)
WORK = "ops.jobs.execute"
EVERY_S = 1.0  # between two looks at expired leases, and between two heartbeats
AFTER_TROUBLE_S = 1.0
LAST_RESORT_S = 20  # on top of a stage's limit: the lease thread has killed the worker before

Hint = tuple[None, str]


class JobBroker(ORM):  # type: ignore[misc]  # untyped base
    """django-q2's broker, fed from our own Job table."""

    _reaped_at = 0.0
    _beat_at = 0.0

    def dequeue(self) -> list[Hint] | None:
        """Return hints for jobs of this queue that are due; wait a moment if there are none."""
        try:
            if time.monotonic() - self._reaped_at >= EVERY_S:
                self._reaped_at = time.monotonic()
                reap()
            hints = self._due_hints()
        except (DatabaseError, InterfaceError):
            # django-q2 would end the pusher and wait 10 s; the database may be back before.
            logger.warning("Queue %s: the database does not answer", self.list_key, exc_info=True)
            connections.close_all()
            time.sleep(AFTER_TROUBLE_S)
            return None
        if not hints:
            time.sleep(settings.Q_CLUSTER["poll"])
        return hints

    def set_stat(self, key: str, value: str, timeout: int) -> None:  # noqa: ARG002 - its signature
        """Write down what the sentinel reports: the health page and the supervisor read it."""
        if time.monotonic() - self._beat_at < EVERY_S:
            return
        stat = SignedPackage.loads(value)
        WorkerHeartbeat.objects.update_or_create(
            key=heartbeat_key(stat.pid),
            defaults={
                "queue": self.list_key,
                "host": processes.HOST,
                "sentinel_pid": stat.sentinel,
                "monitor_pid": stat.monitor or None,
                "pusher_pid": stat.pusher or None,
                "worker_pids": [pid for pid in stat.workers if pid],
                "status": str(stat.status),
                "at": timezone.now(),
            },
        )
        self._beat_at = time.monotonic()

    def _due_hints(self) -> list[Hint]:
        now = database_now()
        untold = Q(dispatched_until=None) | Q(dispatched_until__lt=now)
        waiting = Job.objects.filter(is_due(now), state=Job.State.WAITING, queue=self.list_key)
        if not waiting.exists():
            return []
        until = now + timedelta(seconds=settings.DISPATCH_S)
        hints: list[Hint] = []
        for priority in Job.Priority.values:
            # One by one: ordered by both, a database would read and sort all that is due.
            due = waiting.filter(untold, priority=priority).order_by("run_at", "pk")
            room = settings.Q_CLUSTER["bulk"] - len(hints)
            for job_id, stage in due.values_list("pk", "stage")[:room]:
                if waiting.filter(untold, pk=job_id).update(dispatched_until=until):
                    hints.append((None, SignedPackage.dumps(hint(job_id, stage))))
        return hints


def hint(job_id: int, stage: str) -> dict[str, Any]:
    """Return the task that makes a worker look at a job."""
    return {
        "id": f"job-{job_id}",
        "name": f"job-{job_id}",
        "func": WORK,
        "args": (job_id,),
        "kwargs": {},
        "started": timezone.now(),
        "save": False,
        "ack_failure": True,
        "timeout": int(_limit_s(stage) + KILL_GRACE_S) + LAST_RESORT_S,
    }


def heartbeat_key(main_pid: int) -> str:
    """Return the key of the heartbeat of the cluster with that main process on this host."""
    return f"{processes.HOST}:{main_pid}"


def _limit_s(stage: str) -> float:
    try:
        return pipeline.get(stage).timeout.total_seconds()
    except KeyError:  # execute() will say that there is no such stage
        return 0.0

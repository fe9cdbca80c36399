"""Celery with its setting for tasks that must not be lost: acknowledged after the work, by Redis.

celery --app benchmarks.noop.celery_app worker       python -m benchmarks.noop.celery_app COUNT
"""

import os
import sys

from celery import Celery

app = Celery("noop", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
DONE = "noop-done"


@app.task(name="noop")
def noop() -> None:
    """Count what is done: Celery keeps no row of it."""
    app.backend.client.incr(DONE)


def done() -> int:
    """Return how many tasks have been done."""
    return int(app.backend.client.get(DONE) or 0)


if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        noop.apply_async(ignore_result=True)

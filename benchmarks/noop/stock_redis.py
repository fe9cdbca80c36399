"""django-q2 as it comes, with its Redis broker."""

from benchmarks.noop.stock_orm import *  # noqa: F403

Q_CLUSTER = {key: value for key, value in Q_CLUSTER.items() if key != "orm"}  # noqa: F405
Q_CLUSTER["redis"] = REDIS_URL  # noqa: F405

"""How django-q2 carries hints to the workers."""

from typing import Any


def clusters(short_workers: int, long_workers: int, *, longest_stage_s: int) -> dict[str, Any]:
    """Return the settings of a cluster for each queue."""
    return {
        "name": "candor",
        "cluster_name": "short",
        "workers": short_workers,
        "ALT_CLUSTERS": {"long": {"workers": long_workers}},
        "broker_class": "ops.carrier.JobBroker",
        "orm": "default",
        "queue_limit": 1,  # a prefetched hint would block the free worker beside it
        "bulk": 1,
        "poll": 0.1,
        "max_attempts": 1,
        "ack_failures": True,
        "save_limit": -1,
        "guard_cycle": 0.5,
        "recycle": 500,
        "scheduler": False,
        "timeout": longest_stage_s,
        "retry": longest_stage_s + 60,
        "log_level": "WARNING",
    }

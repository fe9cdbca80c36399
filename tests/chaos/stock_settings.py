"""django-q2 with its own broker and its documented defaults for lasting tasks."""

from config.settings import *  # noqa: F403

Q_CLUSTER = {
    "name": "stock",
    "workers": 4,
    "orm": "default",
    "timeout": 20,
    "retry": 30,
    "max_attempts": 5,
    "poll": 0.1,
    "save_limit": 0,
    "ack_failures": True,
}

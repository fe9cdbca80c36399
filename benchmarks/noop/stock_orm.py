"""django-q2 as it comes, with its ORM broker, its documented settings for lasting tasks."""

from config.settings import *  # noqa: F403

Q_CLUSTER = {
    "name": "stock",
    "workers": SHORT_WORKERS,  # noqa: F405
    "orm": "default",
    "timeout": 20,
    "retry": 30,
    "max_attempts": 5,
    "save_limit": 0,
    "ack_failures": True,
}

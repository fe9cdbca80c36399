"""The only door to django-q2: hand a worker the number of a job that is due."""

from django_q.brokers.orm import ORM  # noqa: TID251 - this is the door


class JobBroker(ORM):  # type: ignore[misc]  # untyped base
    """django-q2's broker, fed from our own Job table."""

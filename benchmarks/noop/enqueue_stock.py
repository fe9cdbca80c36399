"""Enqueue tasks that do nothing with the django-q2 of these settings: python -m ... COUNT."""

import sys

import django

django.setup()

from django.db import transaction  # noqa: E402
from django_q.tasks import async_task  # noqa: E402

if __name__ == "__main__":
    with transaction.atomic():
        for _ in range(int(sys.argv[1])):
            async_task("benchmarks.noop.stages.noop.nothing")

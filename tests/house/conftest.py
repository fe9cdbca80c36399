"""The world of the matrix, for tests that ask many questions; how many they asked."""

from collections import Counter

import pytest
from django.db import transaction

from tests.house.world import World


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Built once: what each question changes is undone at once, and all of it at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def pytest_terminal_summary(terminalreporter):
    """Tell what the random requests of test_fuzz.py were answered."""
    answers = Counter()
    for report in terminalreporter.getreports("passed"):
        answers.update(dict(report.user_properties).get("fuzz", {}))
    if answers:
        told = ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
        terminalreporter.write_line(f"{answers.total()} random requests were answered: {told}")

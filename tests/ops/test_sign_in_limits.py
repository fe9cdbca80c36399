"""How often somebody may try to sign in: exact under threads, and not washed out by others."""

import threading

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.ops.test_sign_up import sign_in, text

WRONG, BLOCKED = "are not correct", "Too many failed login attempts"
AT_ONCE, ALLOWED = 8, 3


def tried(email):
    return text(sign_in(Client(), email, "a guess"))


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_never_more_than_allowed(alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": f"{ALLOWED}/5m/key"}
    start, answers = threading.Barrier(AT_ONCE), []

    def guess():
        start.wait()
        try:
            answers.append(tried(alice.email))
        finally:
            connection.close()

    guessers = [threading.Thread(target=guess) for _ in range(AT_ONCE)]
    for each in guessers:
        each.start()
    for each in guessers:
        each.join()
    assert len(answers) == AT_ONCE
    assert 1 <= sum(WRONG in answer for answer in answers) <= ALLOWED
    assert BLOCKED in tried(alice.email)


def test_a_flood_of_other_entries_does_not_forget_who_was_blocked(alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": f"{ALLOWED}/5m/key"}
    assert [WRONG in tried(alice.email) for _ in range(ALLOWED)] == [True] * ALLOWED
    assert BLOCKED in tried(alice.email)
    for n in range(400):
        cache.set(f"z{n}", n)  # sorts after what it would push out
    assert BLOCKED in tried(alice.email)

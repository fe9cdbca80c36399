"""Throttles count exactly, per principal and group of routes."""

import threading

import pytest
from django.db import OperationalError, connection
from django.test import Client
from rest_framework.settings import api_settings

from ops.models import ThrottleWindow
from ops.throttles import PrincipalThrottle, count_hit

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ops.doors")]


@pytest.fixture(autouse=True)
def _three_a_minute(monkeypatch):
    rates = {**api_settings.DEFAULT_THROTTLE_RATES, "orders": "3/min"}
    monkeypatch.setattr(PrincipalThrottle, "THROTTLE_RATES", rates)


@pytest.fixture(autouse=True)
def _early_in_a_minute(monkeypatch):
    monkeypatch.setattr("ops.throttles.time.time", lambda: 1_800_000_010.0)


def test_the_one_too_many_is_429_and_says_how_long_to_wait(alice, signed_in):
    client = signed_in(alice)
    answers = [client.get("/api/open") for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == "50"
    assert refused.json()["code"] == "throttled"
    assert refused.json()["retry_after_s"] == 50


def test_what_cannot_be_counted_is_let_through(alice, signed_in, monkeypatch):
    """Whatever needs the database fails by itself; the health page must say that it is away."""

    def away(*_):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("ops.throttles.count_hit", away)
    assert signed_in(alice).get("/api/open").status_code == 200


def test_the_next_window_begins_anew(alice, signed_in, monkeypatch):
    client = signed_in(alice)
    for _ in range(4):
        client.get("/api/open")
    monkeypatch.setattr("ops.throttles.time.time", lambda: 1_800_000_061.0)
    assert client.get("/api/open").status_code == 200


def test_each_principal_and_address_has_its_own_count(alice, bob, signed_in):
    def allowed(client, **extra):
        return [client.get("/api/open", **extra).status_code for _ in range(4)].count(200)

    assert allowed(signed_in(alice)) == 3
    assert allowed(signed_in(bob)) == 3
    assert allowed(Client()) == 3
    assert allowed(Client(), REMOTE_ADDR="192.0.2.7") == 3
    assert allowed(signed_in(alice)) == 0


def test_a_forwarded_address_is_believed_from_trusted_proxies_only(settings):
    def allowed(address):
        return Client().get("/api/open", headers={"X-Forwarded-For": address}).status_code == 200

    assert api_settings.NUM_PROXIES == 0
    assert [allowed(f"192.0.2.{n}") for n in range(4)] == [True, True, True, False]


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_are_all_counted():
    counts = []

    def hit():
        counts.extend(count_hit("test", 60) for _ in range(10))
        connection.close()

    threads = [threading.Thread(target=hit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 41))


def test_old_windows_are_forgotten():
    count_hit("old", 0)
    count_hit("new", 200_000)
    assert list(ThrottleWindow.objects.values_list("key", flat=True)) == ["new"]

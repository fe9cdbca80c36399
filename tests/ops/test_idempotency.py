"""A POST with an Idempotency-Key is carried out once, whatever the network does."""

import json
import threading

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from ops.idempotency import REMEMBERED_FOR, STUCK_AFTER
from ops.models import IdempotencyRecord, Organization
from tests.ops.doors import Creates

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ops.doors")]
PATHS = ["/api/creates", "/api/creates-at-once"]


@pytest.fixture(autouse=True)
def _calm(monkeypatch):
    monkeypatch.setattr(Creates, "waits", False)
    monkeypatch.setattr(Creates, "fails", False)
    Creates.entered.clear()
    Creates.may_go.clear()


@pytest.fixture
def client(alice, signed_in):
    return signed_in(alice)


def post(client, path, key="k1", name="Heron"):
    headers = {} if key is None else {"Idempotency-Key": key}
    body = json.dumps({"name": name})
    return client.post(path, body, content_type="application/json", headers=headers)


def made(name="Heron"):
    return Organization.objects.filter(name=name).count()


@pytest.mark.parametrize("path", PATHS)
def test_the_same_request_again_gets_the_same_answer(client, path):
    first, second = post(client, path), post(client, path)
    assert (first.status_code, second.status_code, made()) == (201, 201, 1)
    assert first.json() == second.json()
    assert first["Location"] == second["Location"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"


def test_without_a_key_every_request_counts(client):
    assert [post(client, PATHS[0], key=None).status_code for _ in range(2)] == [201, 201]
    assert made() == 2


def test_a_key_used_for_another_request_is_422(client):
    post(client, PATHS[0])
    for path, name in ((PATHS[0], "Wren"), (PATHS[1], "Heron")):
        answer = post(client, path, name=name)
        assert answer.status_code == 422
        assert answer.json()["code"] == "idempotency_key_reused"
    assert made() == 1


def test_two_people_may_use_the_same_key(client, bob, signed_in):
    assert post(client, PATHS[0]).json() != post(signed_in(bob), PATHS[0]).json()


@pytest.mark.parametrize("path", PATHS)
def test_what_failed_may_be_sent_again(client, path, monkeypatch):
    monkeypatch.setattr(Creates, "fails", True)
    assert post(client, path).status_code == 409
    assert not IdempotencyRecord.objects.exists()
    monkeypatch.setattr(Creates, "fails", False)
    assert post(client, path).status_code == 201


def test_an_atomic_request_that_failed_has_written_nothing(client, monkeypatch):
    monkeypatch.setattr(Creates, "fails", True)
    post(client, PATHS[1])
    assert made() == 0


@pytest.mark.parametrize("key", ["", "x" * 101, "k\u00e9", "a\tb"])
def test_a_nonsense_key_is_refused(client, key):
    answer = post(client, PATHS[0], key=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["errors"]


@pytest.mark.django_db(transaction=True)
def test_a_second_request_while_the_first_runs_is_409(client, bob, monkeypatch):
    monkeypatch.setattr(Creates, "waits", True)
    answers = []

    def first():
        answers.append(post(client, PATHS[0]))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert Creates.entered.wait(5)
    during = post(client, PATHS[0])
    Creates.may_go.set()
    thread.join()
    assert (during.status_code, during.json()["code"]) == (409, "request_in_progress")
    assert answers[0].status_code == 201
    assert post(client, PATHS[0]).json() == answers[0].json()
    assert made() == 1


def test_a_key_whose_process_died_is_free_again_after_a_while(client, alice):
    post(client, PATHS[0])
    IdempotencyRecord.objects.update(status=None, answer=None)
    assert post(client, PATHS[0]).status_code == 409
    with time_machine.travel(timezone.now() + STUCK_AFTER * 1.1, tick=False):
        assert post(client, PATHS[0]).status_code == 201


def test_a_key_is_remembered_for_a_day(client):
    post(client, PATHS[0])
    with time_machine.travel(timezone.now() + REMEMBERED_FOR * 1.1, tick=False):
        assert "Idempotency-Replayed" not in post(client, PATHS[0])
    assert made() == 2

"""What Prometheus is told, and who may ask."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from ops import workload
from ops.models import BreakerState, WorkerHeartbeat
from ops.sampling import take_samples
from tests.house.tree import doc

TOKEN = "t" * 40
UUID_OR_ADDRESS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|@|\d+\.\d+\.\d+\.\d+")


def told(client, **headers):
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_machine_room_is_told_as_the_database_has_it(lab, client):
    lab.line()
    lab.finished(recordings=2)
    lab.open(recordings=1)
    now = timezone.now()
    take_samples(now + timedelta(minutes=2))
    WorkerHeartbeat.objects.create(
        key="host9:77", queue="short", host="host9", sentinel_pid=1, status="Idle", at=now
    )
    BreakerState.objects.create(dependency="openai.chat", state="open", opened_at=now)
    found = told(client)
    assert found["candor_database_up",] == 1
    assert found["candor_jobs_due", "short"] == 1
    assert found["candor_jobs_completed_total", "short"] == 4
    assert found["candor_jobs_failed_total", "short"] == 0
    assert found["candor_breaker_open", "openai.chat"] == 1
    assert found["candor_breaker_state", "open", "openai.chat"] == 1
    assert found["candor_breaker_state", "closed", "openai.chat"] == 0
    assert found["candor_heartbeat_age_seconds", "short"] < 10
    assert found["candor_clusters_alive", "short"] == 1
    assert found["candor_health", "degraded"] == 1
    assert ("candor_oldest_dead_letter_seconds",) not in found  # there is none: no number


def test_requests_are_counted_by_the_name_of_their_route(db, client, acme):
    key = ("candor_http_requests_total", "200", "GET", "health")
    before = told(client).get(key, 0)
    client.get("/health")
    client.get("/interviews/secret-key-in-the-path/nothing/")
    client.generic("BREW", "/health")
    text = client.get("/metrics").content.decode()
    found = told(client)
    assert found[key] == before + 1
    assert found["candor_http_request_duration_seconds_count", "GET", "health"] >= before + 1
    assert "secret-key" not in text
    assert "BREW" not in text


def test_no_label_names_a_host_a_person_or_a_row(lab, client):
    lab.line()
    lab.finished(recordings=1)
    WorkerHeartbeat.objects.create(
        key="host9:77", queue="short", host="host9", sentinel_pid=1, status="", at=timezone.now()
    )
    for name, *labels in told(client):
        assert not any(UUID_OR_ADDRESS.search(label) for label in labels), (name, labels)
        assert not any("host9" in label for label in labels)


@pytest.mark.parametrize("given", ["", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "é"])
def test_with_a_token_nobody_else_reads_not_even_this_machine(db, client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    headers = {"HTTP_AUTHORIZATION": given} if given else {}
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 401
    assert b"candor_" not in answer.content


def test_with_the_token_anybody_reads_from_anywhere(db, client, settings):
    settings.METRICS_TOKEN = TOKEN
    authorized = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "REMOTE_ADDR": "192.0.2.7"}
    assert told(client, **authorized)["candor_database_up",] == 1


@pytest.mark.parametrize(
    "origin",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_without_a_token_only_this_machine_reads(db, client, origin):
    assert client.get("/metrics", **origin).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200


def test_behind_a_proxy_there_is_no_reading_without_a_token(db, client, settings):
    settings.TRUSTED_PROXIES = 1
    assert client.get("/metrics").status_code == 404


def test_a_database_that_fails_is_told_as_down_and_as_nothing_else(db, client, monkeypatch):
    def away(now, running):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(workload, "_queues", away)
    found = told(client)
    assert found["candor_database_up",] == 0
    assert not [name for name, *_ in found if name.startswith("candor_jobs")]


def test_the_operations_page_names_every_number(lab, client):
    lab.line()
    lab.finished(recordings=1)
    page = doc("operations.md")
    names = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name, *_ in told(client)}
    assert not [name for name in names if f"`{name}" not in page]

"""Whatever goes wrong, a program gets a problem document, and a person a page."""

import json

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client

from ops import failures, problems
from ops.problems import MEDIA_TYPE
from tests.ops.doors import ERRORS

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ops.doors")]


@pytest.fixture
def client(alice, signed_in):
    client = signed_in(alice)
    client.raise_request_exception = False
    return client


def problem_of(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == MEDIA_TYPE
    document = answer.json()
    assert document["status"] == status
    assert document["type"] == f"urn:candor:problem:{document['code']}"
    assert document["title"]
    assert isinstance(document["retryable"], bool)
    return document


def post(client, body, content_type="application/json"):
    return client.post("/api/orders", body, content_type=content_type)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("conflict", 409, "not_now"),
        ("state", 409, "already_sent"),
        ("large", 413, "too_large"),
        ("unprocessable", 422, "unprocessable"),
        ("missing", 404, "not_found"),
        ("media", 422, "no_audio_track"),
        ("provider", 503, "rate_limited"),
        ("busy", 503, "database_busy"),
    ],
)
def test_each_expected_error_has_its_status_and_code(client, name, status, code):
    assert problem_of(client.get(f"/api/raises/{name}"), status)["code"] == code


def test_a_failure_of_the_table_speaks_in_its_words(client):
    document = problem_of(client.get("/api/raises/media"), 422)
    failure = failures.by_code("no_audio_track")
    assert (document["detail"], document["suggestion"]) == (failure.message, failure.suggestion)
    assert document["retryable"] is False


def test_what_may_be_tried_again_says_when(client):
    answer = client.get("/api/raises/provider")
    document = problem_of(answer, 503)
    assert (document["retryable"], document["retry_after_s"]) == (True, 17)
    assert answer["Retry-After"] == "17"


def test_a_fault_is_a_500_with_a_reference_that_finds_the_log_line(client, caplog):
    document = problem_of(client.get("/api/raises/fault"), 500)
    assert "secret detail" not in json.dumps(document)
    (line,) = [r for r in caplog.records if hasattr(r, "support_reference")]
    assert line.support_reference == document["support_reference"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name"}),
        ({"name": "x" * 11}, {"name"}),
        ({"name": []}, {"name"}),
        ({"name": "\ud800"}, {"name"}),
        ({"name": "a\x00b"}, {"name"}),
        (
            {"name": "a", "items": [{"count": 1}, {"count": 0}, {}]},
            {"items.1.count", "items.2.count"},
        ),
        ({"name": "a", "items": {}}, {"items.non_field_errors"}),
        ([], {"non_field_errors"}),
        ("text", {"non_field_errors"}),
        (7, {"non_field_errors"}),
    ],
)
def test_wrong_input_is_400_with_messages_by_field(client, body, fields):
    document = problem_of(post(client, json.dumps(body)), 400)
    assert document["code"] == "invalid_input"
    assert set(document["errors"]) == fields
    assert all(isinstance(m, str) for messages in document["errors"].values() for m in messages)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"name": NaN}',
        b'{"name": 1e999999}x',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"name": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_json_is_400(client, body):
    problem_of(post(client, body), 400)


def test_no_body_at_all_is_wrong_input_not_a_fault(client):
    assert set(problem_of(post(client, b""), 400)["errors"]) == {"name"}


def test_too_long_a_body_is_413(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    problem_of(post(client, json.dumps({"name": "x" * 100})), 413)


def test_other_media_types_are_415_and_other_methods_405(client):
    problem_of(post(client, b"name=x", "application/x-www-form-urlencoded"), 415)
    answer = client.delete("/api/orders")
    problem_of(answer, 405)
    assert "POST" in answer["Allow"]


def test_a_client_that_takes_no_json_gets_406(client):
    problem_of(client.get("/api/v1/jobs", headers={"Accept": "image/png"}), 406)


def test_nobody_gets_401_with_the_way_in(client):
    answer = Client().get("/api/v1/jobs")
    document = problem_of(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert "api key" in document["suggestion"]


@pytest.mark.parametrize("path", ["/api/nothing", "/api/v1/jobs/not-an-id", "/api/v1/analysis/1"])
def test_unknown_addresses_are_problems_for_programs(client, path):
    problem_of(client.get(path), 404)


def test_people_get_pages(client):
    answer = client.get("/nothing/here/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("name", ["away", "cut", "busy"])
def test_a_page_without_its_database_asks_for_a_moment(client, name):
    answer = client.get(f"/pages/{name}")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "One moment" in answer.content.decode()
    assert client.get("/pages/fine").content == b"fine"


def test_middleware_without_its_database_asks_for_a_moment_too(client, monkeypatch):
    def load(_self):
        raise OperationalError("the database system is starting up")

    monkeypatch.setattr(SessionStore, "load", load)
    assert client.get("/").status_code == 503
    document = problem_of(client.get("/api/v1/jobs"), 503)
    assert document["code"] == "database_unavailable"
    assert document["retry_after_s"] == 5


def test_a_database_that_will_never_answer_is_a_fault(client, monkeypatch):
    monkeypatch.setitem(ERRORS, "away", OperationalError("attempt to write a readonly database"))
    assert client.get("/pages/away").status_code == 500


def test_what_django_refuses_early_is_a_problem_too(client, settings):
    settings.ALLOWED_HOSTS = ["candor.test"]
    problem_of(client.get("/api/v1/jobs", headers={"Host": "evil.example"}), 400)


def test_a_document_leaves_out_what_does_not_apply():
    assert set(problems.problem(404, detail="No.")) == {
        "type",
        "title",
        "status",
        "detail",
        "code",
        "retryable",
    }

"""Input that is wrong on purpose: a clear refusal at every door, never a fault of ours."""

import json

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db
JOBS = "/api/v1/jobs"
PROBLEM = "application/problem+json"
HUGE = "9" * 400


@pytest.fixture
def client(alice, signed_in):
    return signed_in(alice)


def start(client, body):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post("/api/v1/analysis", text, content_type="application/json")


def is_refused(answer, status):
    return (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)


@pytest.mark.parametrize(
    "body",
    [
        {"session_id": "not-an-id"},
        {"session_id": None},
        {"session_id": ["a"]},
        {"session_id": {"$ne": ""}},
        {"session_id": "\x00"},
        [],
        "text",
        None,
        7,
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"session_id": ' + HUGE + "}",
        b"\xff\xfe\x00",
        "{",
        "",
    ],
    ids=lambda body: str(body)[:20],
)
def test_a_body_of_the_wrong_shape_is_a_400(client, body):
    assert is_refused(start(client, body), 400)


def test_a_body_of_more_than_the_limit_is_a_413_and_a_megabyte_of_anything_is_read(client):
    padded = {"padding": "x" * 1_000_000}
    assert is_refused(start(client, padded), 400)
    padded["padding"] *= 3
    assert is_refused(start(client, padded), 413)


def test_unknown_fields_change_nothing(client, session):
    asked = {"session_id": str(session.pk), "organization_id": "another", "is_staff": True}
    known = start(client, {"session_id": str(session.pk)})
    assert start(client, asked).status_code == known.status_code


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "x"},
        {"cursor": "\x00"},
        {"cursor": "eyJvIjowfQ:1abc:forged"},
        {"page_size": "0"},
        {"page_size": "-1"},
        {"page_size": HUGE},
        {"page_size": "٣"},
        {"session": "\x00"},
        {"session": HUGE},
        {"state": "nonsense"},
        {"kind": "\x00"},
        {"kind": "x" * 5000},
    ],
    ids=lambda query: str(query)[:30],
)
def test_a_wrong_query_is_a_400(client, query):
    assert is_refused(client.get(JOBS, query), 400)


def test_a_cursor_opens_its_own_list_only(client, interview):
    for alias in ("Wren 1", "Wren 2"):
        factories.make_session(interview, alias=alias)
    results = "/api/v1/interviewer/interviews/{}/results/sessions"
    first = client.get(results.format(interview.key), {"page_size": 1}).json()["next"]
    assert client.get(first).status_code == 200
    query = first.partition("?")[2]
    assert is_refused(client.get(f"{JOBS}?{query}"), 400)


@pytest.mark.parametrize("key", ["", "x" * 101, "né", "a\tb"])
def test_an_idempotency_key_that_is_none_is_a_400(client, session, key):
    body = json.dumps({"session_id": str(session.pk)})
    answer = client.post(
        "/api/v1/analysis", body, content_type="application/json",
        headers={"Idempotency-Key": key},
    )  # fmt: skip
    assert is_refused(answer, 400)


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data"])
def test_another_content_type_is_a_415(client, content_type):
    answer = client.generic("POST", "/api/v1/analysis", b"a=1", content_type=content_type)
    assert is_refused(answer, 415)


# --- other sites ----------------------------------------------------------------------------------
SITE = "https://app.partner.example"


@pytest.fixture
def _partner(settings):
    settings.CORS_ALLOWED_ORIGINS = [SITE]


def asked_from(path, origin=SITE, method="get", **more):
    return getattr(Client(), method)(path, headers={"Origin": origin, **more})


def test_by_default_no_other_site_may_read_anything():
    assert "Access-Control-Allow-Origin" not in asked_from(JOBS)


@pytest.mark.usefixtures("_partner")
def test_an_allowed_site_may_read_routes_for_keys_and_never_with_cookies():
    answer = asked_from(JOBS)
    assert answer["Access-Control-Allow-Origin"] == SITE
    assert "Access-Control-Allow-Credentials" not in answer
    assert {"etag", "retry-after", "location"} == {
        name.strip() for name in answer["Access-Control-Expose-Headers"].lower().split(",")
    }
    preflight = asked_from(
        JOBS, method="options",
        **{"Access-Control-Request-Method": "GET",
           "Access-Control-Request-Headers": "authorization"},
    )  # fmt: skip
    assert preflight["Access-Control-Allow-Origin"] == SITE
    assert "authorization" in preflight["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in preflight


@pytest.mark.usefixtures("_partner")
@pytest.mark.parametrize(
    "path",
    ["/", "/accounts/login/", "/interview/", "/api/v1/candidate/session", "/api/health/workers"],
)
def test_pages_and_the_candidates_routes_are_closed_to_every_other_site(path):
    assert "Access-Control-Allow-Origin" not in asked_from(path)


@pytest.mark.usefixtures("_partner")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{SITE}.evil.example"])
def test_a_site_that_is_not_allowed_may_not_read_routes_for_keys(origin):
    assert "Access-Control-Allow-Origin" not in asked_from(JOBS, origin=origin)

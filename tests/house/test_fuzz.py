"""Whatever a client sends: no fault of ours, and no answer that the API's document does not name.

The ordinary tests send a few cases to each route, always the same ones; `make fuzz` sends thousands
that are new each time.
"""

import os
from collections import Counter

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.middleware.csrf import _get_new_csrf_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ops.problems import CODES, MEDIA_TYPE
from tests.house.matrix import ROUTES
from tests.house.routes import address_of, own_patterns
from tests.house.test_schema import SNAPSHOT

pytestmark = pytest.mark.django_db
ALWAYS_THE_SAME = 4
CASES = int(os.environ.get("FUZZ_CASES", ALWAYS_THE_SAME))  # per route and who it is for
CASES_AT_THE_DOOR = 2  # per route and whom it does not let in
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
UNFUZZED = {"analysis_stream"}  # an open stream is no answer to wait for; tests/ops/test_streams.py
schema = schemathesis.openapi.from_path(SNAPSHOT)
OPERATIONS = {
    found.ok().definition.raw["operationId"]: found.ok() for found in schema.get_all_operations()
}
PRINCIPALS = {
    "an owner's browser": "owner",
    "an API key": "key_all",
    "a candidate's browser": "candidate",
    "nobody": "anonymous",
}
MEMBERS = ("an owner's browser", "an API key")
CANDIDATES = ("a candidate's browser",)
ADDRESSES = {address_of(path): pattern for path, pattern in own_patterns()}


def known_in_path(operation, known):
    """Ids of things that are there, by the names in the operation's path (as the matrix does)."""
    means = ROUTES[ADDRESSES[operation.path].name].ids
    names = [each.name for each in operation.path_parameters]
    return {name: known[means.get(name, name)] for name in names}


def strategy_of(operation, known):
    """Right and wrong requests; about every second one names things that are there."""
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    named = known_in_path(operation, known)
    strategies = [operation.as_strategy(mode) for mode in modes]
    if named:
        strategies += [operation.as_strategy(mode, path_parameters=named) for mode in modes]
    return st.one_of(strategies)


def let_it_be_about(body, known):
    """Put known ids where a body names things; leave everything else as it came."""
    if isinstance(body, dict):
        for name in body.keys() & {"session_id", "token"}:
            body[name] = known[name]
        if isinstance(body.get("recording_ids"), list):
            body["recording_ids"] = [known["recording_id"], *body["recording_ids"][:1]]


@pytest.fixture
def application():
    """The product in this process. As in Django's test client the connection stays open."""
    handle = get_wsgi_application()

    def answer(environ, start_response):
        """Answer; what it changed is undone."""
        with transaction.atomic():
            body = handle(environ, start_response)
            transaction.set_rollback(True)
        return body

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield answer
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def identity_of(client):
    """What the client's requests carry, the CSRF token that our pages give out included."""
    token = _get_new_csrf_string()
    key = client.defaults.get("HTTP_AUTHORIZATION")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    return {
        "cookies": {**cookies, "csrftoken": token},
        "headers": {"X-CSRFToken": token} | ({"Authorization": key} if key else {}),
    }


@pytest.mark.parametrize("principal", PRINCIPALS)
@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - UNFUZZED))
def test_no_request_finds_a_fault_or_an_answer_that_is_not_documented(
    name, principal, world, application, record_property
):
    operation, known = OPERATIONS[name], world.own.values
    identity = identity_of(world.askers[PRINCIPALS[principal]])
    answers = Counter()
    doors = CANDIDATES if "/candidate/" in operation.path else MEMBERS

    @settings(
        max_examples=CASES if principal in doors else CASES_AT_THE_DOOR,
        derandomize=CASES == ALWAYS_THE_SAME,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy_of(operation, known), is_known=st.booleans())
    def send(case, is_known):
        if is_known:
            let_it_be_about(case.body, known)
        case.headers = {n: v for n, v in (case.headers or {}).items() if n != "Authorization"}
        case.cookies = {}
        answer = case.call(app=application, **identity)
        answers[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)
        assert_is_documented(answer, operation)

    send()
    record_property("fuzz", dict(answers))


def assert_is_documented(answer, operation):
    """A good answer has its own entry in the document; a problem has a status of our table."""
    documented = operation.definition.raw["responses"]
    if str(answer.status_code) in documented:
        return
    assert answer.status_code in CODES
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == [MEDIA_TYPE]
    assert answer.json()["status"] == answer.status_code

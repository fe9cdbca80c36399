"""What the service says of itself: health, the schema, its documentation."""

import json
import re

import pytest
from django.test import Client, RequestFactory
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from config import settings as product
from ops.api import service_index
from tests.ops.runs import make_job, make_run


def test_liveness_tells_status_and_version_to_anybody():
    answer = Client().get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": product.VERSION}


def test_worker_health_tells_strangers_a_status_and_staff_the_reasons(db, alice, sam, signed_in):
    public = {"status", "timestamp", "response_time_ms"}
    for client in (Client(), signed_in(alice)):
        answer = client.get("/api/health/workers")
        assert set(answer.json()) == public
        assert answer.status_code in (200, 503)
    full = signed_in(sam).get("/api/health/workers").json()
    assert public < set(full)
    assert {"queues", "workers", "dead_letters", "broker", "database", "reasons"} < set(full)
    assert full["redis"] is None


def test_unhealthy_workers_are_503(db, session):
    make_job(make_run(session))  # due, and nobody there to do it
    answer = Client().get("/api/health/workers")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")


def test_the_index_names_addresses_that_answer(db):
    index = json.loads(service_index(RequestFactory().get("/")).content)
    assert (index["name"], index["version"]) == ("Candor", product.VERSION)
    for name in ("docs", "schema", "health"):
        assert Client().get(index[name].removeprefix("http://testserver")).status_code == 200


def test_the_schema_is_valid_and_every_operation_answers_errors_as_problems(db):
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    names = set(schema["components"]["schemas"])
    assert {"Run", "Job", "Problem"} <= names
    assert schema["openapi"].startswith("3.1")
    operations = [
        operation
        for path in schema["paths"].values()
        for operation in path.values()
        if operation["operationId"] != "health"
    ]
    assert operations
    for operation in operations:
        content = operation["responses"]["default"]["content"]
        assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_documentation_loads_nothing_from_outside_and_nothing_inline(db, path):
    answer = Client().get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses
    assert all(address.startswith("/") for address in addresses)
    assert not re.search(r"<style|<script(?![^>]*src=)| style=", page)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy

"""The OpenAPI document is a promise to programs: it changes on purpose only (`make schema`)."""

from io import StringIO

import yaml
from django.core.management import call_command

from tests.house.test_words import INFERRED
from tests.house.tree import ROOT

SNAPSHOT = ROOT / "tests/house/schema.yml"
NAMED = {
    "RecordingDataOnly",
    "SessionDataOnly",
    "BatchProcessRequest",
    "BatchProcessResponse",
    "RecordingUrlRequest",
    "RecordingUrlResponse",
    "Run",
    "Problem",
}


def document():
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=out)
    return out.getvalue()


def test_the_api_is_as_promised():
    assert document() == SNAPSHOT.read_text(), "If this change is meant: make schema"


def test_the_schemas_that_clients_name_are_there():
    schemas = yaml.safe_load(SNAPSHOT.read_text())["components"]["schemas"]
    assert set(schemas) >= NAMED


def test_nothing_the_api_says_pretends_to_read_minds():
    schemas = yaml.safe_load(SNAPSHOT.read_text())["components"]["schemas"]
    names = [*schemas, *(name for each in schemas.values() for name in each.get("properties", ()))]
    assert len(names) > 100
    assert not [name for name in names if INFERRED.search(name)]


def test_every_route_has_an_id_of_its_own_and_says_what_it_does():
    paths = yaml.safe_load(SNAPSHOT.read_text())["paths"]
    routes = [route for methods in paths.values() for route in methods.values()]
    ids = [route["operationId"] for route in routes]
    assert len(ids) > 20
    assert len(set(ids)) == len(ids)
    assert all(route.get("description") for route in routes)

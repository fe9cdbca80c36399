"""Every read of the product without storage: a door that raises, for all routes and pages.

A new route is asked here by itself. What gives out URLs says so in GIVES_URLS.
"""

from copy import deepcopy

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from ops.models import User
from recordings.models import Recording, UrlGrant
from recordings.storage import forbidden_storage
from tests.house.matrix import OK, ROUTES
from tests.house.test_matrix import ask

pytestmark = pytest.mark.django_db
ASKERS = ("interviewer", "assigned", "candidate", "late_candidate", "staff", "key_all", "anonymous")
# Reads whose purpose is a URL, or what the store has of an upload.
GIVES_URLS = {
    "api_recording_play",
    "api_recording_download",
    "api_recording_download_old",
    "api_candidate_upload_status",
}
READS = sorted(name for name, route in ROUTES.items() if "GET" in route.methods)
PLACES = {"local": "", "s3": "candor-test"}


@pytest.fixture(params=PLACES)
def kept_at(request, settings, world):
    """All recordings are at one kind of store, and new ones would go there."""
    settings.STORAGE, settings.S3_BUCKET = request.param, PLACES[request.param]
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = "test"
    Recording.objects.update(storage_type=request.param, bucket=PLACES[request.param])
    return request.param


def those_who_may(world, name):
    policy = ROUTES[name].meant_for("GET")
    return {asker: world.askers[asker] for asker in ASKERS if policy[asker] == OK}


def told(answer):
    """The body; of an event stream nothing, as its events come from rows that pages read too."""
    if not answer.streaming:
        return answer.content
    return b"" if answer.is_async else b"".join(answer.streaming_content)


@pytest.mark.usefixtures("kept_at")
@pytest.mark.parametrize("name", [name for name in READS if name not in GIVES_URLS])
def test_a_read_touches_no_storage_and_signs_nothing(name, world):
    grants = UrlGrant.objects.count()
    for asker, client in those_who_may(world, name).items():
        with forbidden_storage() as tried:
            answer = ask(client, name, "GET", world.own.values)
            text = told(answer)
        assert answer.status_code == ROUTES[name].methods["GET"], asker
        assert tried == [], asker
        assert b"/transfer/" not in text, asker
        assert b"X-Amz-Signature" not in text, asker
    assert UrlGrant.objects.count() == grants


@pytest.mark.usefixtures("kept_at")
@pytest.mark.parametrize("name", sorted(GIVES_URLS))
def test_what_gives_urls_is_stopped_by_that_door(name, world):
    (asker, client), *_ = those_who_may(world, name).items()
    client = deepcopy(client)
    client.raise_request_exception = False
    with forbidden_storage() as tried:
        answer = ask(client, name, "GET", world.own.values)
    assert tried, asker
    assert answer.status_code == 500


@pytest.fixture
def root():
    client = Client()
    client.force_login(User.objects.create_superuser("root@staff.test", "p"))
    return client


@pytest.mark.usefixtures("kept_at")
@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model.__name__))
def test_an_admin_page_touches_no_storage_and_signs_nothing(model, root):
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    addresses = [reverse(f"{base}_changelist")]
    row = model._default_manager.first()
    if row is not None:
        addresses.append(reverse(f"{base}_change", args=[row.pk]))
    for address in addresses:
        with forbidden_storage() as tried, transaction.atomic():
            answer = root.get(address)
        assert answer.status_code == 200, address
        assert tried == [], address

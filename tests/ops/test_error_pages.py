"""Where no view could answer: every page says what to do and has a reference that finds its log."""

import logging
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.test import Client

from ops import error_pages

REFERENCE = re.compile(r"<strong>([0-9a-f]{12})</strong>")


def nothing_here(_settings, _rf):
    return Client().get("/nothing/here/")


def foreign_host(_settings, _rf):
    return Client().get("/", headers={"Host": "evil.example"})


def old_form(_settings, _rf):
    return Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a"})


def too_often(settings, _rf):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client = Client()
    client.post("/accounts/login/", {"login": "a@b.test", "password": "x"})
    return client.post("/accounts/login/", {"login": "a@b.test", "password": "x"})


def not_allowed(_settings, rf):
    request = rf.get("/interviews/")
    request.user = AnonymousUser()
    request.session = {}
    return error_pages.forbidden(request, PermissionDenied())


KINDS = {
    nothing_here: 404,
    foreign_host: 400,
    old_form: 403,
    too_often: 429,
    not_allowed: 403,
}


@pytest.mark.parametrize("met", KINDS, ids=lambda met: met.__name__)
def test_an_error_page_says_what_to_do_and_its_reference_finds_the_log(
    db, settings, rf, caplog, met
):
    with caplog.at_level(logging.INFO, "ops.error_pages"):
        answer = met(settings, rf)
    page = answer.content.decode()
    status = KINDS[met]
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    assert 'class="button" href="/"' in page
    assert 'class="wordmark"' in page
    assert "img/favicon.svg" in page
    (reference,) = REFERENCE.findall(page)
    (line,) = [each for each in caplog.records if each.name == "ops.error_pages"]
    assert line.support_reference == reference
    assert line.getMessage().startswith(str(status))


def test_each_error_has_a_reference_of_its_own(client, db):
    pages = [client.get("/nothing/here/").content.decode() for _ in range(2)]
    assert len({REFERENCE.search(page)[1] for page in pages}) == 2


def test_a_program_whose_form_was_refused_gets_a_problem():
    answer = Client(enforce_csrf_checks=True).post("/api/nothing", {})
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["img/favicon.svg", "img/wordmark.svg"])
def test_the_pictures_of_the_brand_are_there(name):
    assert finders.find(name)

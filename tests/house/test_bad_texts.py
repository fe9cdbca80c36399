"""Texts that break careless pages: kept whole or refused by field, and never run."""

import json

import pytest
from django.urls import reverse
from django.utils.html import escape

from interviews.models import Interview
from interviews.services import designing

pytestmark = pytest.mark.django_db
REST = "/api/v1/interviewer"
TEXTS = {
    "emoji": "Zoë 👩🏽‍🚀 O'Neil 🦉",
    "right to left": "محمد بن سلمان \u202egnp.exe",
    "long": "é" * 500,
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{ 7*7 }}{% debug %} %s %(x)s",
    "end of a field": "</textarea></title>]]>\"'",
}
RUN = ("<script>alert", "<img src=x", "</textarea></title>", "49{%")
# Where the text is sent, and as which field.
DOORS = {
    "a title": ("/interviews", "title"),
    "a question": ("/interviews/{key}/questions", "text"),
    "a competency": ("/competencies", "name"),
    "a candidate": ("/interviews/{key}/invitations", "name"),
    "her number": ("/interviews/{key}/invitations", "external_id"),
    "a link for many": ("/interviews/{key}/invitations", "label"),
}
MORE = {"external_id": {"name": "Carol"}, "label": {"kind": "open", "max_uses": 2}}
PAGES = ("home", "competencies", "interview_edit", "interview_preview", "invitations", "board")


@pytest.fixture
def client(alice, signed_in):
    return signed_in(alice)


@pytest.fixture
def drafted(interview):
    """A published interview with the draft of its next version: it takes questions and people."""
    designing.begin_draft(interview=interview)
    return interview


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("door", DOORS)
def test_a_text_is_kept_whole_or_refused_by_its_field_and_never_run(client, drafted, door, text):
    path, field = DOORS[door]
    body = {field: text, **MORE.get(field, {})}
    address = REST + path.format(key=drafted.key)
    answer = client.post(address, json.dumps(body), content_type="application/json")
    if answer.status_code == 400:
        assert len(text) > 100, answer.json()
        assert list(answer.json()["errors"]) == [field]
    else:
        assert answer.status_code == 201
        assert answer.json()[field] == text
    shown = "".join(
        page_of(client, name, key=each.key) for each in Interview.objects.all() for name in PAGES
    )
    assert not [each for each in RUN if each in shown]
    is_shown = answer.status_code == 201 and field != "external_id"
    assert (escape(text) in shown) == is_shown


def page_of(client, name, key):
    page = client.get(
        reverse(name, kwargs={} if name in ("home", "competencies") else {"key": key})
    )
    assert page.status_code == 200
    return page.content.decode()

"""The library of competencies, on its page and by REST."""

import pytest

from analysis import question_bank
from interviews.models import Anchor, Competency

pytestmark = pytest.mark.django_db
PAGE, REST = "/competencies/library/", "/api/v1/interviewer/competencies/library"


@pytest.fixture
def browser(alice, signed_in):
    return signed_in(alice)


def test_the_page_shows_every_competency_with_its_levels(browser):
    html = browser.get(PAGE).content.decode()
    for each in question_bank.bank().competencies:
        assert each.name["en"] in html
        assert each.anchors[4]["en"][:30] in html.replace("&#x27;", "'")


@pytest.mark.parametrize(("asked", "told"), [("de", "de"), ("de-AT", "de"), ("fr", "en")])
def test_the_page_speaks_the_librarys_languages(browser, asked, told):
    html = browser.get(PAGE, {"locale": asked}).content.decode()
    assert question_bank.bank().competencies[0].name[told] in html


def test_adopting_copies_everything_in_the_chosen_language(browser, acme):
    answer = browser.post(PAGE, {"key": "collaboration", "locale": "es"})
    own = Competency.objects.get(organization=acme)
    source = question_bank.bank().competency("collaboration")
    assert answer["Location"] == f"/competencies/{own.pk}/"
    assert own.name == source.name["es"]
    assert own.definition.startswith(source.definition["es"])
    assert all(each["es"] in own.definition for each in source.behaviours)
    anchors = dict(Anchor.objects.filter(rubric__competency=own).values_list("level", "text"))
    wanted = {n: each["es"] for n, each in enumerate(source.anchors, start=1)}
    assert anchors == wanted


def test_what_is_ones_own_already_is_marked_in_any_language_and_not_doubled(browser, acme):
    browser.post(PAGE, {"key": "collaboration", "locale": "de"})
    assert ">yours<" in browser.get(PAGE, {"locale": "en"}).content.decode()
    again = browser.post(PAGE, {"key": "collaboration", "locale": "de"})
    assert again.status_code == 200
    assert "already a competency of this name" in again.content.decode()
    assert Competency.objects.filter(organization=acme).count() == 1


@pytest.mark.parametrize("body", [{}, {"key": "charm", "locale": "en"}, {"key": "collaboration"}])
def test_what_is_not_in_the_library_is_refused(browser, body):
    assert browser.post(PAGE, body).status_code in (400, 404)
    assert not Competency.objects.exists()


def test_rest_lists_and_adopts(browser, acme):
    listed = browser.get(REST, {"locale": "de"}).json()
    assert [each["key"] for each in listed] == [c.key for c in question_bank.bank().competencies]
    assert {each["competency_id"] for each in listed} == {None}
    assert len(listed[0]["anchors"]) == 5
    body = {"key": listed[0]["key"], "locale": "de"}
    made = browser.post(REST, body, content_type="application/json")
    assert made.status_code == 201
    own = Competency.objects.get(organization=acme)
    assert made["Location"].endswith(str(own.pk))
    assert made.json()["name"] == listed[0]["name"]
    assert browser.get(REST).json()[0]["competency_id"] == str(own.pk)
    taken = browser.post(REST, body, content_type="application/json")
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "key"), ({"key": "charm"}, "key"), ({"key": "collaboration", "locale": "fr"}, "locale")],
)
def test_rest_names_what_is_wrong(browser, body, field):
    answer = browser.post(REST, body, content_type="application/json")
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_each_organization_has_its_own_copy(browser, charlie, signed_in):
    other = signed_in(charlie)
    browser.post(PAGE, {"key": "collaboration", "locale": "en"})
    assert {each["competency_id"] for each in other.get(REST).json()} == {None}
    assert other.post(PAGE, {"key": "collaboration", "locale": "en"}).status_code == 302
    assert Competency.objects.count() == 2

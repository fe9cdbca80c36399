"""The panel of suggestions: in the editor by htmx, as a page without script."""

import re

import pytest
from django.core.cache import cache

from interviews.models import Competency, InterviewQuestion, Question
from interviews.services import designing
from ops.throttles import PrincipalThrottle
from tests.analysis.question_replies import chat_reply, numbered, question

pytestmark = pytest.mark.django_db
WISH = {"kind": "behavioural", "difficulty": "medium", "locale": "en"}
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _no_model(settings):
    settings.OPENAI_API_KEY = ""


@pytest.fixture
def draft(interview):
    designing.begin_draft(interview=interview)
    return interview


@pytest.fixture
def page(alice, signed_in, draft):
    """page(**what is asked) -> html of an answer to htmx; without anything: the form."""
    client = signed_in(alice)
    url = f"/interviews/{draft.key}/suggestions/"

    def ask(headers=HTMX, **wish):
        if not wish:
            return client.get(url, headers=headers)
        return client.post(url, WISH | wish, headers=headers)

    ask.client, ask.url = client, url
    return ask


def hidden(html):
    """The hidden fields of the first card's form."""
    card = html[html.index("suggestions/take/") :]
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', card))
    return {k: v.replace("&#x27;", "'") for k, v in found.items() if k != "csrfmiddlewaretoken"}


def test_the_editor_offers_suggestions_and_the_library(page, draft):
    html = page.client.get(f"/interviews/{draft.key}/edit/").content.decode()
    assert page.url in html
    assert "/competencies/library/" in html


def test_the_panel_is_a_part_for_htmx_and_a_page_without(page):
    assert "<html" not in page().content.decode()
    assert "<html" in page(headers={}).content.decode()


def test_a_card_says_what_a_good_answer_shows_and_that_the_bank_is_free(page):
    html = page(competency="problem_solving").content.decode()
    assert "<html" not in html
    assert "A good answer shows" in html
    assert "From the built-in bank. Cost nothing." in html
    assert "Add to interview" in html
    assert "Another one" in html


def test_without_script_the_card_stands_below_the_form(page):
    html = page(headers={}, competency="problem_solving").content.decode()
    assert "<html" in html
    assert "Add to interview" in html


def test_a_card_says_what_a_model_took_and_that_a_kept_one_took_nothing(page, stub_openai):
    stub_openai(numbered())
    html = page(topic="night").content.decode()
    assert "Written by stub-model-1 just now." in html
    assert "Cost 1280 tokens; nobody knows its price." in html
    for _ in range(9):
        page(topic="night")
    html = page(topic="night").content.decode()
    assert "within the last seven days" in html
    assert "Cost nothing." in html


def test_a_card_says_what_is_worth_a_second_look(page, stub_openai):
    stub_openai(chat_reply(question(text="What did you see? And what did you do about it then?")))
    assert "it may ask two things at once" in page(topic="night").content.decode()


def test_a_card_says_why_the_model_was_passed_over(page, stub_openai):
    stub_openai(chat_reply("no JSON"))
    html = page(topic="night").content.decode()
    assert "The language model was not used" in html
    assert "The reply that was of no use: Cost 1280 tokens" in html
    assert "Cost nothing" not in html


def test_what_the_page_shows_is_not_suggested_again(page):
    shown = []
    for _ in range(4):
        html = page(competency="collaboration", shown=shown).content.decode()
        (one,) = re.findall(r'name="shown" value="(\w+)"', html)
        assert one not in shown
        shown.append(one)


def test_adding_puts_the_question_into_the_draft_and_adopts_its_competency(page, draft):
    fields = hidden(page(competency="collaboration").content.decode())
    taken = page.client.post(f"{page.url}take/", fields | {"with_competency": "on"})
    added = InterviewQuestion.objects.get(version__interview=draft, order=3, version__number=2)
    assert taken["Location"].endswith(f"#question-{added.pk}")
    assert added.text == fields["text"]
    assert added.question.origin == Question.Origin.HUMAN
    assert added.question.difficulty == fields["difficulty"]
    pin = added.competencies.get()
    assert pin.rubric.competency.organization == draft.organization
    assert pin.rubric.anchors.count() == 5


def test_an_own_competency_of_that_name_is_used_and_not_doubled(page, draft):
    fields = hidden(page(competency="problem_solving").content.decode())
    before = Competency.objects.count()
    page.client.post(f"{page.url}take/", fields | {"with_competency": "on"})
    added = InterviewQuestion.objects.get(version__interview=draft, order=3, version__number=2)
    assert added.competencies.get().rubric.competency.name == "Problem solving"
    assert Competency.objects.count() == before


def test_without_the_tick_no_competency_comes_along(page, draft):
    fields = hidden(page(competency="collaboration").content.decode())
    page.client.post(f"{page.url}take/", fields)
    added = InterviewQuestion.objects.get(version__interview=draft, order=3, version__number=2)
    assert not added.competencies.exists()
    assert not Competency.objects.filter(name="Collaboration").exists()


def test_what_a_model_wrote_is_remembered_as_generated(page, draft, stub_openai):
    stub_openai(numbered())
    fields = hidden(page(topic="night").content.decode())
    page.client.post(f"{page.url}take/", fields)
    added = InterviewQuestion.objects.get(version__interview=draft, order=3, version__number=2)
    assert added.question.origin == Question.Origin.GENERATED
    assert added.question.topic == "night"


def test_a_published_version_takes_no_suggestion_and_says_so(page, draft):
    fields = hidden(page(competency="collaboration").content.decode())
    designing.discard_draft(interview=draft)
    answer = page.client.post(f"{page.url}take/", fields, follow=True)
    assert "This version was published" in answer.content.decode()
    assert InterviewQuestion.objects.filter(version__interview=draft).count() == 2


def test_a_tampered_suggestion_is_refused(page, draft):
    fields = hidden(page(competency="collaboration").content.decode())
    answer = page.client.post(f"{page.url}take/", fields | {"kind": "coding"}, follow=True)
    assert "could not be read" in answer.content.decode()
    assert not InterviewQuestion.objects.filter(version__number=2, order=3).exists()


def test_an_exhausted_bank_is_a_sentence_and_no_error(page):
    shown = []
    while True:
        html = page(competency="problem_solving", kind="situational", shown=shown).content.decode()
        found = re.findall(r'name="shown" value="(\w+)"', html)
        if not found:
            break
        shown += found
    assert shown
    assert "There is no other question like this." in html


def test_asking_without_end_is_slowed_down(page, monkeypatch):
    cache.clear()
    monkeypatch.setitem(PrincipalThrottle.THROTTLE_RATES, "questions", "2/hour")
    answers = [page(topic="night").content.decode() for _ in range(3)]
    assert ["That was very often" in html for html in answers] == [False, False, True]


def test_a_question_in_the_interviews_language(page, draft):
    draft.locale = "de"
    draft.save()
    html = page().content.decode()
    assert '<option value="de" selected>' in html
    html = page(locale="de", competency="collaboration").content.decode()
    assert 'lang="de"' in html


def test_a_language_that_the_bank_does_not_speak_is_said(page):
    html = page(locale="fr", competency="collaboration").content.decode()
    assert "here it is in English" in html


def test_strangers_and_reviewers_find_nothing(page, charlie, rita, signed_in):
    for user in (charlie, rita):
        client = signed_in(user)
        assert client.get(page.url).status_code == 404
        assert client.post(page.url, WISH).status_code == 404
        assert client.post(f"{page.url}take/", {}).status_code == 404

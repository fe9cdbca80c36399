"""One candidate in two tabs, or pressing twice: one clear answer, and no word of hers is lost."""

import pytest
from django.test import Client
from django.utils import timezone

from interviews import services
from interviews.models import Invitation, Response, Session
from interviews.notices import consent_notice
from recordings.services import start_take


@pytest.fixture
def tabs(carol, interview):
    """Two tabs of carol's browser, which has one cookie jar; she has agreed."""
    notice = {"granted": ["recording", "ai_analysis"]}
    carol.post(
        "/interview/consent/", notice | {"notice_hash": consent_notice(interview).content_hash}
    )
    other = Client()
    other.cookies = carol.cookies
    return carol, other


def typed(tab, text, order=1):
    return tab.post(f"/interview/questions/{order}/text/", {"text": text}, follow=True)


def text_of(order=1):
    return Response.objects.get(question__order=order).text


def page(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_typed_in_two_tabs_last_counts_and_is_what_both_show(tabs):
    first, second = tabs
    typed(first, "First words")
    typed(second, "Second words")
    assert text_of() == "Second words"
    assert "Second words" in page(first.get("/interview/questions/1/?mode=text"))


def test_handed_in_in_one_tab_the_other_is_told_and_changes_nothing(tabs):
    first, second = tabs
    typed(first, "One")
    typed(first, "Two", order=2)
    first.post("/interview/submit/")
    told = page(typed(second, "Too late"))
    assert text_of() == "One"
    assert "handed in" in told
    again = second.post("/interview/submit/", follow=True)
    assert again.redirect_chain[-1][0] == "/interview/done/"
    assert "handed in" in page(again)
    assert Session.objects.get().state == "submitted"


def test_a_take_in_each_of_two_tabs_counts_once_each_and_no_more_than_allowed(tabs):
    answer = Response.objects.get(question__order=1)
    for _ in range(answer.question.max_takes):
        start_take(response=answer, mode="audio", now=timezone.now())
    for tab in tabs:
        refused = tab.post(
            f"/api/v1/candidate/responses/{answer.pk}/takes",
            {"mode": "audio"},
            content_type="application/json",
        )
        assert refused.status_code == 409
        assert refused.json()["detail"]
    assert answer.takes.count() == answer.question.max_takes


@pytest.mark.parametrize("text", ["x" * 20_001, "", "   "], ids=["long", "empty", "blank"])
def test_an_answer_that_is_refused_is_told_why_and_comes_back_as_typed(tabs, text):
    told = page(typed(tabs[0], text))
    assert ("Shorten your answer" if text.strip() else "Write your answer") in told
    assert text.strip() in told
    assert text_of() == ""


def test_line_breaks_of_a_browser_count_once(tabs):
    typed(tabs[0], "a\r\n" * 10_000)
    assert len(text_of()) == len("a\n" * 10_000) - 1


def test_revoked_while_she_typed_the_tab_is_told_and_nothing_is_kept(tabs):
    services.revoke_invitation(
        invitation=Invitation.objects.get(), actor="test", now=timezone.now()
    )
    answer = typed(tabs[0], "In the middle of it")
    assert answer.status_code in (404, 410)
    assert text_of() == ""

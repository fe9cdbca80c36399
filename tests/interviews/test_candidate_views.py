"""The candidate's pages, as her browser asks for them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from interviews import candidate_cookie, services
from interviews.models import InterviewQuestion, Invitation, Response, Session
from interviews.notices import NOTICE_VERSION
from interviews.permissions import TAKE_GRACE
from interviews.selectors import granted_scopes
from recordings.services import start_take
from tests import factories
from tests.ops.test_error_pages import REFERENCE

NOTICE = {"granted": ["recording", "ai_analysis"]}


@pytest.fixture
def agreeing(carol, interview):
    """Carol's browser after she agreed."""
    from interviews.notices import consent_notice  # noqa: PLC0415 - needs the database

    data = NOTICE | {"notice_hash": consent_notice(interview).content_hash}
    carol.post("/interview/consent/", data)
    return carol


def text(response):
    return response.content.decode()


def test_the_landing_page_tells_the_exact_settings(client, invitation):
    InterviewQuestion.objects.filter(order=2).update(
        think_time_s=45, answer_limit_s=90, max_takes=3, required=False
    )
    page = text(client.get(f"/i/{invitation[1]}/"))
    for words in (
        "Support engineer",
        "Acme",
        "45 s to think",
        "up to 90 s",
        "2 retakes",
        "optional",
    ):
        assert words in page
    assert "up to 6 minutes" in page  # 60 + 120 and 45 + 90 seconds, rounded up
    assert invitation[0].expires_at.strftime("%Y-%m-%dT%H:%M") in page


def test_looking_at_the_landing_page_changes_nothing(client, invitation):
    for _ in range(2):
        response = client.get(f"/i/{invitation[1]}/")
    assert candidate_cookie.NAME not in response.cookies
    assert not Session.objects.exists()
    assert Invitation.objects.get().opened_at is None


def test_the_browser_that_shows_the_landing_page_says_so_and_the_first_time_counts(
    client, invitation
):
    opened = f"/i/{invitation[1]}/opened/"
    assert f'data-opened="{opened}"' in client.get(f"/i/{invitation[1]}/").content.decode()
    assert client.post(opened).status_code == 204
    at = Invitation.objects.get().opened_at
    client.post(opened)
    client.post(f"/i/{invitation[1]}/start/")
    assert Invitation.objects.get().opened_at == at
    assert client.post("/i/no-such-link/opened/").status_code == 404


def test_a_start_without_script_counts_as_opened(client, invitation):
    client.post(f"/i/{invitation[1]}/start/")
    assert Invitation.objects.get().opened_at is not None


def test_pages_of_a_candidate_are_not_kept_and_do_not_refer(client, invitation):
    response = client.get(f"/i/{invitation[1]}/")
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "strict-origin"
    assert "microphone=(self)" in response["Permissions-Policy"]


def test_no_page_makes_browsers_hide_where_its_forms_come_from(carol):
    # Under "no-referrer" a browser sends `Origin: null`, and every form would be refused.
    assert carol.get("/interview/consent/")["Referrer-Policy"] == "same-origin"


def test_start_exchanges_the_token_for_a_cookie_and_a_page_without_it(client, invitation):
    response = client.post(f"/i/{invitation[1]}/start/")
    assert response["Location"] == "/interview/"
    cookie = response.cookies[candidate_cookie.NAME]
    assert cookie["httponly"]
    assert invitation[1] not in cookie.value
    assert Session.objects.get().state == "invited"


def test_starting_again_resumes(carol, invitation):
    again = Client()
    again.post(f"/i/{invitation[1]}/start/")
    assert Session.objects.count() == 1
    assert again.get("/interview/consent/").status_code == 200


def bad_tokens(interview, now):
    """One token of each kind that opens nothing."""
    revoked, revoked_token = factories.make_invitation(interview, alias="Tern 11")
    Invitation.objects.filter(pk=revoked.pk).update(revoked_at=now)
    _, expired_token = factories.make_invitation(
        interview, alias="Tern 12", expires_in=timedelta(seconds=-1)
    )
    return {
        "wrong": "x" * 43,
        "short": "x",
        "revoked": revoked_token,
        "expired": expired_token,
        "strange": "%00%F0%9F%98%80",
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_bad_token_gets_the_same_page(client, interview, now, method):
    bodies = set()
    for token in bad_tokens(interview, now).values():
        path = f"/i/{token}/" if method == "get" else f"/i/{token}/start/"
        response = getattr(client, method)(path)
        assert response.status_code == 404
        bodies.add(REFERENCE.sub("", text(response)))
    assert len(bodies) == 1  # but for the support reference, which is drawn by lot


def test_a_token_is_not_started_by_looking(client, invitation):
    assert client.get(f"/i/{invitation[1]}/start/").status_code == 405


def test_an_interview_that_closed_says_so(client, invitation, interview):
    interview.versions.update(state="closed")
    response = client.post(f"/i/{invitation[1]}/start/", follow=True)
    assert "takes no more answers" in text(response)


def test_csrf_is_enforced_on_every_step(invitation):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/i/{invitation[1]}/start/").status_code == 403
    assert not Session.objects.exists()


def test_without_a_cookie_there_is_no_interview(db, client):
    for path in ("", "consent/", "check/", "questions/1/", "done/"):
        assert client.get(f"/interview/{path}").status_code == 404


def test_a_members_sign_in_is_no_way_into_a_candidates_pages(session, alice, signed_in):
    assert signed_in(alice).get("/interview/").status_code == 404


def test_the_notice_comes_first(carol):
    for path in ("", "check/", "questions/1/"):
        assert carol.get(f"/interview/{path}")["Location"] == "/interview/consent/"


def test_no_box_of_the_notice_is_ticked_beforehand(carol):
    page = text(carol.get("/interview/consent/"))
    assert page.count('type="checkbox"') == 3
    assert "checked" not in page.replace("input:checked", "")


def test_agreeing_leads_to_the_device_check(carol, interview):
    from interviews.notices import consent_notice  # noqa: PLC0415 - needs the database

    data = NOTICE | {"notice_hash": consent_notice(interview).content_hash}
    assert carol.post("/interview/consent/", data)["Location"] == "/interview/check/"
    assert Session.objects.get().state == "consented"


def test_declining_explains_and_offers_the_way_back(carol, interview):
    from interviews.notices import consent_notice  # noqa: PLC0415 - needs the database

    data = {"notice_hash": consent_notice(interview).content_hash}
    page = text(carol.post("/interview/consent/", data, follow=True))
    assert Session.objects.get().state == "declined"
    assert "You said no to being recorded" in page


def test_a_notice_that_changed_is_shown_again(carol):
    response = carol.post("/interview/consent/", NOTICE | {"notice_hash": "0" * 64}, follow=True)
    assert response.redirect_chain == [("/interview/consent/", 302)]
    assert "The notice has changed" in text(response)


def test_an_interview_of_typed_answers_needs_no_device_check(agreeing):
    assert agreeing.get("/interview/check/").status_code == 200
    InterviewQuestion.objects.update(modes=["text"])
    assert agreeing.get("/interview/check/")["Location"] == "/interview/"


def test_typed_answers_work_without_script(agreeing):
    first = agreeing.post("/interview/questions/1/text/", {"text": "I asked."})
    assert first["Location"] == "/interview/questions/2/"
    last = agreeing.post("/interview/questions/2/text/", {"text": "We talked."})
    assert last["Location"] == "/interview/"
    assert "Hand in my interview" in text(agreeing.get("/interview/"))
    done = agreeing.post("/interview/submit/", follow=True)
    assert done.redirect_chain[-1][0] == "/interview/done/"
    assert "handed in" in text(done)
    assert Session.objects.get().state == "submitted"


def test_an_empty_answer_comes_back_with_its_reason(agreeing):
    response = agreeing.post("/interview/questions/1/text/", {"text": "  "}, follow=True)
    assert response.redirect_chain == [("/interview/questions/1/", 302)]
    assert "Write your answer" in text(response)


def test_the_sent_text_is_shown_escaped(agreeing):
    agreeing.post("/interview/questions/1/text/", {"text": "</textarea><script>1</script>"})
    page = text(agreeing.get("/interview/questions/1/?mode=text"))
    assert "<script>1" not in page
    assert "&lt;script&gt;1" in page


def test_submitting_too_early_names_the_question(agreeing):
    page = text(agreeing.post("/interview/submit/", follow=True))
    assert "Question 1 still needs an answer" in page


def test_an_optional_question_can_be_skipped(agreeing):
    InterviewQuestion.objects.filter(order=1).update(required=False)
    assert "Skip this question" in text(agreeing.get("/interview/questions/1/"))
    response = agreeing.post("/interview/questions/1/skip/")
    assert response["Location"] == "/interview/questions/2/"
    assert Response.objects.get(question__order=1).state == "skipped"


def test_a_question_that_is_not_asked_is_a_404(agreeing):
    assert agreeing.get("/interview/questions/9/").status_code == 404
    assert agreeing.get("/interview/questions/1/?mode=smell").status_code == 200


def test_the_recorder_knows_its_limits(agreeing):
    session = Session.objects.get()
    session.accommodations.create(time_multiplier=1.5, extra_takes=1)
    page = text(agreeing.get("/interview/questions/1/?mode=audio"))
    assert 'data-limit-s="180"' in page
    assert 'data-think-s="90"' in page
    assert 'data-takes-left="3"' in page


def test_after_the_deadline_every_page_leads_to_the_last_one(agreeing):
    Session.objects.update(deadline_at=timezone.now())
    for path in ("", "check/", "practice/", "questions/1/"):
        assert agreeing.get(f"/interview/{path}")["Location"] == "/interview/done/"
    response = agreeing.post("/interview/questions/1/text/", {"text": "Late."})
    assert response["Location"] == "/interview/done/"
    assert "The time for this interview is over" in text(agreeing.get("/interview/done/"))


def test_a_revoked_link_closes_every_page_and_says_so(agreeing):
    Invitation.objects.update(revoked_at=timezone.now())
    for path in ("", "consent/", "withdraw/", "check/", "practice/", "questions/1/", "done/"):
        response = agreeing.get(f"/interview/{path}")
        assert response.status_code == 410
        assert "Your link was closed" in text(response)


def begin_take(now):
    response = Response.objects.get(question__order=1)
    return start_take(response=response, mode="audio", now=now)


def test_a_recording_that_was_begun_in_time_may_be_sent_after_the_deadline(agreeing):
    now = timezone.now()
    begin_take(now - timedelta(minutes=1))
    Session.objects.update(deadline_at=now)
    assert agreeing.get("/interview/questions/1/").status_code == 200
    assert agreeing.get("/interview/questions/2/")["Location"] == "/interview/done/"
    page = text(agreeing.get("/interview/done/"))
    assert "Send the recording of question 1" in page
    assert (now + TAKE_GRACE).strftime("%Y-%m-%dT%H:%M") in page


def test_but_not_once_its_grace_is_over(agreeing):
    now = timezone.now()
    begin_take(now - timedelta(minutes=1))
    Session.objects.update(deadline_at=now - TAKE_GRACE)
    assert agreeing.get("/interview/questions/1/")["Location"] == "/interview/done/"
    assert "Send the recording" not in text(agreeing.get("/interview/done/"))


def consent(client, interview, *granted):
    from interviews.notices import consent_notice  # noqa: PLC0415 - needs the database

    data = {"granted": granted, "notice_hash": consent_notice(interview).content_hash}
    return client.post("/interview/consent/", data)


def hand_in(client):
    for order in (1, 2):
        client.post(f"/interview/questions/{order}/text/", {"text": "I asked."})
    client.post("/interview/submit/")


def test_after_handing_in_a_yes_can_be_taken_back(agreeing, interview):
    hand_in(agreeing)
    page = text(agreeing.get("/interview/consent/"))
    assert "nothing new can be agreed to" in page
    assert page.count("disabled") == 1  # the one that she had refused
    assert consent(agreeing, interview, "recording")["Location"] == "/interview/"
    session = Session.objects.get()
    assert (session.state, session.ai_mode) == ("submitted", "off")
    assert granted_scopes(session.pk) == {"recording"}


def test_after_handing_in_no_new_yes_can_be_given(agreeing, interview):
    hand_in(agreeing)
    response = consent(agreeing, interview, "recording", "ai_analysis", "long_retention")
    assert response.status_code == 302
    assert "consent can only be taken back" in text(agreeing.get("/interview/done/"))
    assert "long_retention" not in granted_scopes(Session.objects.get().pk)


def test_the_last_page_tells_what_was_written_and_agreed(agreeing):
    agreeing.post("/interview/questions/1/text/", {"text": "I asked <b>everybody</b>."})
    agreeing.post("/interview/questions/2/text/", {"text": "We talked."})
    agreeing.post("/interview/submit/")
    page = text(agreeing.get("/interview/done/"))
    assert "I asked &lt;b&gt;everybody&lt;/b&gt;." in page
    assert "Record and store my answers" in page
    assert f"version {NOTICE_VERSION} of the notice" in page


def test_withdrawing_asks_first(agreeing):
    assert "Withdraw from this interview?" in text(agreeing.get("/interview/withdraw/"))
    assert Session.objects.get().state == "consented"


@pytest.mark.parametrize("is_handed_in", [False, True])
def test_withdrawing_ends_on_a_page_that_says_so(agreeing, is_handed_in):
    if is_handed_in:
        hand_in(agreeing)
    page = text(agreeing.post("/interview/withdraw/", follow=True))
    assert Session.objects.get().state == "withdrawn"
    assert "You have withdrawn from this interview" in page
    for path in ("", "consent/", "withdraw/", "check/", "practice/", "questions/1/"):
        assert agreeing.get(f"/interview/{path}")["Location"] == "/interview/done/"


def test_the_link_of_a_withdrawn_interview_opens_its_last_page(agreeing, invitation):
    agreeing.post("/interview/withdraw/")
    again = Client()
    response = again.post(f"/i/{invitation[1]}/start/", follow=True)
    assert response.redirect_chain[-1][0] == "/interview/done/"


def test_after_a_decision_there_is_no_way_to_withdraw_but_to_take_back(agreeing):
    hand_in(agreeing)
    Session.objects.update(state="decided")
    assert agreeing.post("/interview/withdraw/")["Location"] == "/interview/done/"
    assert Session.objects.get().state == "decided"
    assert agreeing.get("/interview/consent/").status_code == 200


def test_the_practice_question_is_never_sent_and_offers_the_modes_of_the_interview(agreeing):
    page = text(agreeing.get("/interview/practice/"))
    assert "nothing of it is sent" in page
    assert 'data-mode="audio"' in page
    assert 'data-mode="video"' in text(agreeing.get("/interview/practice/?mode=video"))
    assert 'data-mode="audio"' in text(agreeing.get("/interview/practice/?mode=smell"))
    InterviewQuestion.objects.update(modes=["text"])
    assert agreeing.get("/interview/practice/")["Location"] == "/interview/"


def test_without_a_camera_the_device_check_offers_what_every_question_takes(agreeing):
    assert "Try with sound only" in text(agreeing.get("/interview/check/"))
    assert "Go on and type my answers" in text(agreeing.get("/interview/check/"))
    InterviewQuestion.objects.filter(order=1).update(modes=["video"])
    page = text(agreeing.get("/interview/check/"))
    assert "Try with sound only" not in page
    assert "Go on and type my answers" not in page


def test_the_cookie_outlives_the_deadline_so_that_the_last_page_can_be_read(invitation):
    response = Client().post(f"/i/{invitation[1]}/start/")
    days = response.cookies[candidate_cookie.NAME]["max-age"] / 86_400
    assert 36 < days < 38


def test_no_page_carries_script_or_style_of_its_own(agreeing, invitation):
    paths = [
        "/interview/",
        "/interview/consent/",
        "/interview/check/",
        "/interview/practice/",
        "/interview/withdraw/",
        "/interview/questions/1/?mode=text",
        "/interview/questions/1/?mode=video",
        f"/i/{invitation[1]}/",
    ]
    for path in paths:
        page = text(agreeing.get(path))
        assert 'style="' not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert " onclick" not in page


@pytest.mark.parametrize(
    "path", ["/interview/", "/interview/consent/", "/interview/questions/1/", "/interview/check/"]
)
def test_a_page_asks_the_database_the_same_for_two_questions_as_for_ten(
    agreeing, path, django_assert_max_num_queries, django_assert_num_queries
):
    with django_assert_max_num_queries(14) as counted:
        agreeing.get(path)
    session = Session.objects.get()
    for order in range(3, 11):
        question = InterviewQuestion.objects.create(
            version=session.version, order=order, kind="text", text="Why?", modes=["audio", "text"]
        )
        response = Response.objects.create(session=session, question=question)
        factories.make_recording(response)
    with django_assert_num_queries(len(counted)):
        assert agreeing.get(path).status_code == 200


def test_the_done_page_shows_how_far_it_is(agreeing, responses_of_carol):
    for response in responses_of_carol:
        services.submit_text(response=response, text="I asked.", now=timezone.now())
    agreeing.post("/interview/submit/")
    page = text(agreeing.get("/interview/done/"))
    assert "data-processing" in page
    assert page.count("Saved") == 2


@pytest.fixture
def responses_of_carol(agreeing):
    return list(Response.objects.select_related("question").all())

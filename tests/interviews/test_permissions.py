from datetime import timedelta

import pytest
from django.core import signing
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from interviews import candidate_cookie, permissions, subjects
from interviews.models import Assignment, Invitation, Session
from ops.principals import NOBODY
from tests import factories


def asking(session, now):
    """A request that carries the session's cookie."""
    response = HttpResponse()
    candidate_cookie.set_cookie(response, session, now=now)
    request = RequestFactory().get("/interview/")
    request.COOKIES[candidate_cookie.NAME] = response.cookies[candidate_cookie.NAME].value
    return request


def test_members_reach_their_own_interview_and_session(interview, session, alice, bob, principal):
    for member in (alice, bob):
        assert permissions.access_interview(principal(member), interview.key) == interview
        found = permissions.access_session(principal(member), interview.key, session.pk)
        assert found == session


def test_strangers_find_nothing(interview, session, charlie, principal):
    for who in (principal(charlie), NOBODY, permissions.candidate_principal(session)):
        with pytest.raises(Http404):
            permissions.access_interview(who, interview.key)
    with pytest.raises(Http404):
        permissions.access_session(principal(charlie), interview.key, session.pk)


def test_a_reviewer_reaches_what_is_assigned_and_may_not_design(
    interview, session, rita, principal
):
    with pytest.raises(Http404):
        permissions.access_interview(principal(rita), interview.key)
    Assignment.objects.create(session=session, member=rita.membership)
    assert permissions.access_interview(principal(rita), interview.key) == interview
    assert permissions.access_session(principal(rita), interview.key, session.pk) == session
    with pytest.raises(Http404):
        permissions.access_design(principal(rita), interview.key)


@pytest.mark.parametrize("session_id", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_session_that_does_not_exist_is_a_404(interview, alice, principal, session_id):
    with pytest.raises(Http404):
        permissions.access_session(principal(alice), interview.key, session_id)


def test_a_session_is_found_only_under_its_own_interview(interview, session, alice, principal):
    with pytest.raises(Http404):
        permissions.access_session(principal(alice), "other-key", session.pk)


def test_the_cookie_opens_its_session_and_no_other(session, now):
    assert permissions.candidate_session(asking(session, now)) == session


def test_the_cookie_is_closed_to_scripts_and_other_sites(session, now, settings):
    settings.PRODUCTION = True
    response = HttpResponse()
    candidate_cookie.set_cookie(response, session, now=now)
    cookie = response.cookies[candidate_cookie.NAME]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"


def forged(session):
    pair = [str(session.pk), str(session.invitation_id)]
    return {
        "empty": "",
        "words": "hello",
        "another salt": signing.dumps(pair, salt="another"),
        "another session": signing.dumps(
            [str(session.invitation_id), str(session.pk)], salt=candidate_cookie.SALT
        ),
        "another shape": signing.dumps({"a": 1}, salt=candidate_cookie.SALT),
        "no ids": signing.dumps(["x", "y"], salt=candidate_cookie.SALT),
        "a pair of nothing": signing.dumps([None, None], salt=candidate_cookie.SALT),
        "cut": signing.dumps(pair, salt=candidate_cookie.SALT)[:-2],
    }


@pytest.mark.parametrize(
    "kind",
    [
        "empty",
        "words",
        "another salt",
        "another session",
        "another shape",
        "no ids",
        "a pair of nothing",
        "cut",
    ],
)
def test_a_forged_cookie_opens_nothing(session, kind):
    request = RequestFactory().get("/interview/")
    request.COOKIES[candidate_cookie.NAME] = forged(session)[kind]
    with pytest.raises(Http404):
        permissions.candidate_session(request, may_be_over=True)


def test_a_cookie_of_another_link_does_not_open_the_session(interview, session):
    other, _ = factories.make_invitation(interview, alias="Tern 11")
    request = RequestFactory().get("/interview/")
    pair = [str(session.pk), str(other.pk)]
    request.COOKIES[candidate_cookie.NAME] = signing.dumps(pair, salt=candidate_cookie.SALT)
    with pytest.raises(Http404):
        permissions.candidate_session(request)


def test_no_cookie_opens_nothing(db):
    with pytest.raises(Http404):
        permissions.candidate_session(RequestFactory().get("/interview/"))


def test_a_revoked_link_closes_its_cookie(session, now):
    request = asking(session, now)
    Invitation.objects.update(revoked_at=now)
    with pytest.raises(Http404):
        permissions.candidate_session(request, may_be_over=True)


def test_after_the_deadline_the_cookie_opens_the_last_page_only(session, now):
    request = asking(session, now)
    later = session.deadline_at + timedelta(seconds=1)
    with pytest.raises(Http404):
        permissions.candidate_session(request, now=later)
    assert permissions.candidate_session(request, now=later, may_be_over=True) == session


def test_an_erased_session_is_gone(session, now):
    request = asking(session, now)
    Session.objects.update(state="erased")
    with pytest.raises(Http404):
        permissions.candidate_session(request, may_be_over=True)


def test_sockets_know_who_may_follow_what(interview, session, alice, charlie, principal):
    carol = permissions.candidate_principal(session)
    assert subjects.can_follow_session(principal(alice), str(session.pk))
    assert subjects.can_follow_session(carol, str(session.pk))
    assert not subjects.can_follow_session(principal(charlie), str(session.pk))
    assert not subjects.can_follow_session(principal(alice), "nonsense")
    assert subjects.can_follow_interview(principal(alice), interview.key)
    assert not subjects.can_follow_interview(principal(charlie), interview.key)
    assert not subjects.can_follow_interview(carol, interview.key)


def test_sockets_know_a_candidate_by_her_cookie(session, now):
    cookies = asking(session, now).COOKIES
    assert subjects.candidate_of(cookies) == permissions.candidate_principal(session)
    Session.objects.update(deadline_at=now)
    assert subjects.candidate_of(cookies) is None
    assert subjects.candidate_of({}) is None


def test_a_stage_may_ask_for_consent(session):
    assert subjects.has_consent(session.pk, "ai_analysis")
    assert not subjects.has_consent(session.pk, "video_metrics")

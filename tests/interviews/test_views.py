"""Members' pages: the list of interviews and a link for a candidate."""

import re

import pytest
from django.urls import include, path

from interviews.models import Assignment, Candidate, Interview, Invitation
from tests import factories


def text(response):
    return response.content.decode()


def test_a_program_is_told_where_the_rest_is(db, client):
    answer = client.get("/", headers={"Accept": "application/json"})
    assert set(answer.json()) == {"name", "version", "docs", "schema", "health"}


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_a_visitor_is_welcomed_and_shown_the_sign_in(db, client, accept):
    answer = client.get("/", headers={"Accept": accept})
    assert answer["Content-Type"].startswith("text/html")
    assert "/accounts/login/" in text(answer)


def test_an_empty_list_says_what_comes_next(alice, signed_in):
    assert "No interviews yet" in text(signed_in(alice).get("/"))


def test_a_reviewer_sees_what_is_assigned_and_no_way_to_invite(session, interview, rita, signed_in):
    client = signed_in(rita)
    assert client.get("/").context["page"].cards == ()
    Assignment.objects.create(session=session, member=rita.membership)
    page = client.get("/")
    assert [card.key for card in page.context["page"].cards] == [interview.key]
    assert f"/interviews/{interview.key}/invite/" not in text(page)


def invite(client, interview, **changes):
    data = {"name": "Carol", "email": "carol@example.org", "days": 7} | changes
    return client.post(f"/interviews/{interview.key}/invite/", data)


def test_an_invitation_shows_its_link_once_and_it_works(interview, alice, signed_in, client):
    answer = invite(signed_in(alice), interview)
    link = re.search(r'value="(http[^"]+/i/([^"/]+)/)"', text(answer))
    assert link
    assert "no-store" in answer["Cache-Control"]
    assert Candidate.objects.get().alias in text(answer)
    assert client.get(f"/i/{link[2]}/").status_code == 200
    assert link[2] not in text(signed_in(alice).get(f"/interviews/{interview.key}/invite/"))


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"email": "nobody"}, {"days": 0}, {"days": 999}, {"days": "soon"}]
)
def test_a_wrong_invitation_is_explained_beside_its_field(interview, alice, signed_in, changes):
    answer = invite(signed_in(alice), interview, **changes)
    assert answer.status_code == 200
    assert "errorlist" in text(answer)
    assert not Invitation.objects.exists()


def test_a_draft_can_not_be_answered_and_says_so(interview, alice, signed_in):
    Interview.objects.update(state="draft")
    assert "Publish the interview" in text(invite(signed_in(alice), interview))


def test_only_designers_of_the_organization_invite(interview, rita, charlie, signed_in, client):
    for user in (rita, charlie):
        assert invite(signed_in(user), interview).status_code == 404
    answer = invite(client, interview)
    assert answer["Location"].startswith("/accounts/login/")
    assert not Invitation.objects.exists()


def test_signing_in_looks_like_ours(db, client):
    for name in ("login", "password/reset"):
        page = text(client.get(f"/accounts/{name}/"))
        assert "css/tokens.css" in page
        assert 'style="' not in page


def test_signing_in_and_out_works(alice, client):
    data = {"login": alice.email, "password": factories.PASSWORD}
    assert client.post("/accounts/login/", data)["Location"] == "/"
    assert client.get("/").wsgi_request.user.is_authenticated
    client.post("/accounts/logout/")
    assert not client.get("/").wsgi_request.user.is_authenticated


def test_an_unknown_address_says_what_to_do(db, client):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here for you" in text(answer)


def fail(request):
    raise RuntimeError("a fault on purpose")


urlpatterns = [path("fail/", fail), path("", include("config.urls"))]
handler500 = "ops.problems.server_error"


@pytest.mark.urls("tests.interviews.test_views")
def test_a_fault_shows_a_support_reference_and_nothing_of_itself(db, client, caplog):
    client.raise_request_exception = False
    answer = client.get("/fail/")
    assert answer.status_code == 500
    reference = re.search(r"<strong>([0-9a-f]{12})</strong>", text(answer))
    assert reference
    assert reference[1] in caplog.text
    assert "on purpose" not in text(answer)

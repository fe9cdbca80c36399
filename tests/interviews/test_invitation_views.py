"""Members' pages about links, and coming in by an open one."""

import base64
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from interviews import services
from interviews.models import Candidate, Invitation, Session
from tests import factories

HEAD = "name,email,external_id\n"
LINK = re.compile(r'value="http[^"]+(/i/[^"/]+/)"')


def text(response):
    return response.content.decode()


@pytest.fixture
def base(interview):
    return f"/interviews/{interview.key}/invitations/"


@pytest.fixture
def client(alice, signed_in):
    return signed_in(alice)


def upload(client, base, data, **fields):
    file = SimpleUploadedFile("people.csv", data if isinstance(data, bytes) else data.encode())
    return client.post(f"{base}csv/", {"sheet": file, "days": 7, **fields})


def test_the_list_is_searched_by_name_address_and_alias(client, base, interview):
    factories.make_invitation(interview, alias="Tern 11")
    for wanted in ("Carol", "carol@EXAMPLE", "tern 11"):
        assert "Tern 11" in text(client.get(base, {"q": wanted}))
    page = text(client.get(base, {"q": "nobody"}))
    assert "Nobody fits" in page
    assert "Tern 11" in text(client.get(base, {"state": "invited"}))
    assert "Tern 11" not in text(client.get(base, {"state": "revoked"}))


@pytest.mark.parametrize("query", [{"state": "x"}, {"before": "x"}, {"q": "x" * 300}, {"q": "%"}])
def test_a_senseless_search_is_no_fault(client, base, query):
    assert client.get(base, query).status_code == 200


def test_an_empty_list_says_what_comes_next(client, base):
    assert "Nobody is invited yet" in text(client.get(base))


def test_names_are_shown_as_they_are_and_run_nothing(client, base, interview):
    invitation, _ = factories.make_invitation(interview)
    Candidate.objects.update(name="<script>alert(1)</script> محمد 🦊")
    for path in (base, f"{base}{invitation.pk}/", f"{base}{invitation.pk}/revoke/"):
        page = text(client.get(path))
        assert "<script>alert" not in page
        assert "محمد 🦊" in page


def test_an_invitation_is_mailed_and_says_so(client, interview):
    data = {"name": "Carol", "email": "carol@example.org", "days": 7, "sends_mail": "on"}
    page = text(client.post(f"/interviews/{interview.key}/invite/", data))
    assert "It was sent to carol@example.org" in page
    assert LINK.search(page)[1] in mail.outbox[0].body


def test_a_mail_that_fails_is_told_and_can_be_sent_again(client, interview, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    data = {"name": "Carol", "email": "carol@example.org", "days": 7, "sends_mail": "on"}
    page = text(client.post(f"/interviews/{interview.key}/invite/", data))
    assert "The e-mail could not be sent" in page
    again = re.search(r'action="([^"]+/link/)"', page)[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page = text(client.post(again, {"mail": "1"}))
    assert "It was sent to" in page
    assert LINK.search(page)[1] in mail.outbox[0].body
    assert Invitation.objects.get().mail_state == "sent"


def test_a_file_is_reported_row_by_row_with_a_file_of_links(client, base):
    page = text(upload(client, base, HEAD + "Carol,c@example.org,\nDora,nobody,\n"))
    assert "1 person was invited" in page
    assert "1 row was not" in page
    assert "not an e-mail address" in page
    report = base64.b64decode(re.search(r"base64,([^\"]+)", page)[1]).decode("utf-8-sig")
    path = re.search(r"/i/[^/]+/", report)[0]
    assert Client().get(path).status_code == 200
    assert path not in text(client.get(base))
    assert not mail.outbox


def test_a_file_is_mailed_where_that_is_wanted(client, base):
    page = text(upload(client, base, HEAD + "Carol,c@example.org,\n", sends_mail="on"))
    assert "Everybody was sent the link" in page
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,b\n1,2\n",
        b"\xff\xfe\x00",
        HEAD + "".join(f"P {n},p{n}@example.org,\n" for n in range(1_001)),
    ],
)
def test_a_file_that_can_not_be_read_invites_nobody_and_says_why(client, base, data):
    page = upload(client, base, data)
    assert page.status_code == 200
    assert "errorlist" in text(page)
    assert not Invitation.objects.exists()


def test_no_file_at_all_is_explained(client, base):
    assert "errorlist" in text(client.post(f"{base}csv/", {"days": 7}))


def test_an_open_link_lets_people_in_who_keep_a_link_of_their_own(client, base):
    page = text(client.post(f"{base}open/", {"label": "Our page", "max_uses": 5, "days": 7}))
    path = LINK.search(page)[1]
    nora = Client()
    assert 'name="name"' in text(nora.get(path))
    assert not Candidate.objects.exists()
    page = text(nora.post(f"{path}start/", {"name": "Nora", "email": "nora@example.org"}))
    own = LINK.search(page)[1]
    assert own != path
    assert own in mail.outbox[0].body
    assert nora.get("/interview/consent/").status_code == 200
    elsewhere = Client()
    elsewhere.post(f"{own}start/")
    assert elsewhere.get("/interview/consent/").status_code == 200
    assert Session.objects.count() == 1
    assert nora.post(f"{path}start/", {"name": "Nora"})["Location"] == "/interview/"
    assert Candidate.objects.count() == 1


@pytest.mark.parametrize(
    "data", [{}, {"name": ""}, {"name": "x" * 500}, {"name": "N", "email": "x"}]
)
def test_who_comes_by_an_open_link_says_who_she_is(client, base, interview, data, now):
    link = services.create_open_link(
        interview=interview, label="x", max_uses=5, expires_at=now + timedelta(days=1), now=now
    )
    page = Client().post(f"/i/{link.token}/start/", data)
    assert "errorlist" in text(page)
    assert not Candidate.objects.exists()


@pytest.mark.parametrize(
    "data", [{"max_uses": 0}, {"max_uses": 10_001}, {"label": ""}, {"days": 0}]
)
def test_a_wrong_open_link_is_explained(client, base, data):
    page = client.post(f"{base}open/", {"label": "x", "max_uses": 5, "days": 7} | data)
    assert "errorlist" in text(page)
    assert not Invitation.objects.exists()


def test_a_deadline_is_changed_on_the_invitation_s_page(client, base, invitation):
    path = f"{base}{invitation[0].pk}/"
    assert "The deadline was changed" in text(
        client.post(f"{path}extend/", {"days": 30}, follow=True)
    )
    assert "errorlist" in text(client.post(f"{path}extend/", {"days": "soon"}))
    Invitation.objects.update(revoked_at=invitation[0].created_at)
    assert "was revoked" in text(client.post(f"{path}extend/", {"days": 30}, follow=True))


def test_revoking_asks_first(client, base, invitation):
    path = f"{base}{invitation[0].pk}/revoke/"
    assert "Revoke this invitation?" in text(client.get(path))
    assert Invitation.objects.get().revoked_at is None
    assert "opens nothing any more" in text(client.post(path, follow=True))
    assert Client().get(f"/i/{invitation[1]}/").status_code == 404
    page = client.post(f"{base}{invitation[0].pk}/link/", follow=True)
    assert "was revoked" in text(page)


def test_strangers_and_reviewers_find_nothing(base, invitation, rita, charlie, signed_in):
    detail = f"{base}{invitation[0].pk}/"
    for user in (rita, charlie):
        there = signed_in(user)
        for path in (base, f"{base}open/", f"{base}csv/", detail, f"{detail}revoke/"):
            assert there.get(path).status_code == 404
        for path in ("link/", "extend/", "revoke/"):
            assert there.post(detail + path, {"days": 3}).status_code == 404
    assert Client().get(base)["Location"].startswith("/accounts/login/")
    assert not Invitation.objects.exclude(revoked_at=None).exists()


def test_an_invitation_is_found_in_its_own_interview_only(client, acme, invitation):
    other = acme.interviews.create(title="Other")
    path = f"/interviews/{other.key}/invitations/{invitation[0].pk}/"
    assert client.get(path).status_code == 404

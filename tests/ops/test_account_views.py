"""Pages of accounts, the organization, keys, invitations."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from ops import members, services
from ops.models import ApiKey, AuditEntry, MemberInvitation, Membership, User

OWNERS = ("/organization/", "/organization/audit/")


def text(answer):
    return answer.content.decode()


def shown(answer):
    """Return the path of the link that the page shows."""
    return re.search(r'value="https?://[^/"]+(/join/[^"]+)"', text(answer))[1]


def invite(client, email="dora@acme.test", role="reviewer"):
    return client.post("/organization/", {"email": email, "role": role})


def test_pages_of_the_organization_are_for_its_owners(acme, alice, bob, rita, signed_in, client):
    for path in OWNERS:
        assert signed_in(alice).get(path).status_code == 200
        for other in (bob, rita):
            assert signed_in(other).get(path).status_code == 404
        assert client.get(path)["Location"].startswith("/accounts/login/")
    assert invite(signed_in(bob)).status_code == 404
    assert not MemberInvitation.objects.exists()


def test_strangers_find_nothing_to_change(acme, alice, bob, charlie, signed_in):
    invitation, _ = members.invite_member(
        organization=acme, email="x@y.test", role="owner", actor="a", now=timezone.now()
    )
    key, _ = services.create_api_key(user=alice, name="k", scopes=[], now=timezone.now())
    paths = [
        f"/organization/members/{bob.membership.pk}/role/",
        f"/organization/members/{bob.membership.pk}/remove/",
        "/organization/members/99999999999999999999999/remove/",
        f"/organization/invitations/{invitation.pk}/revoke/",
        f"/organization/keys/{key.pk}/revoke/",
    ]
    for user in (charlie, bob):
        client = signed_in(user)
        assert {client.post(path, {"role": "owner"}).status_code for path in paths} == {404}
    assert signed_in(alice).post(paths[2]).status_code == 404
    bob.membership.refresh_from_db()
    invitation.refresh_from_db()
    key.refresh_from_db()
    assert (bob.membership.role, bob.membership.removed_at) == ("interviewer", None)
    assert (invitation.revoked_at, key.revoked_at) == (None, None)


def test_changes_need_a_post_with_the_csrf_token(acme, alice, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    paths = [
        "/organization/",
        "/organization/keys/",
        "/organization/new/",
        f"/organization/members/{bob.membership.pk}/role/",
        f"/organization/members/{bob.membership.pk}/remove/",
    ]
    assert {client.post(path, {"role": "owner"}).status_code for path in paths} == {403}
    assert {client.get(path).status_code for path in paths[3:]} == {405}


def test_an_invitation_is_mailed_shown_once_and_accepted(acme, alice, signed_in):
    owner = signed_in(alice)
    link = shown(invite(owner))
    assert link in mail.outbox[-1].body
    assert mail.outbox[-1].to == ["dora@acme.test"]
    assert "Acme" in mail.outbox[-1].subject
    assert link not in text(owner.get("/organization/"))
    dora = User.objects.create_user("dora@acme.test", "x", name="Dora")
    hers = signed_in(dora)
    assert hers.get("/join/").status_code == 404  # nothing was opened yet
    assert "Acme" in text(hers.get(link))
    assert not hers.session.get("joining")  # looking changes nothing
    assert hers.post(link)["Location"] == "/join/"
    assert hers.post("/join/")["Location"] == "/"
    assert Membership.objects.get(user=dora).role == "reviewer"
    assert hers.get(link).status_code == 404


def test_wrong_expired_revoked_and_foreign_links_are_one_answer(acme, alice, signed_in, client):
    owner = signed_in(alice)
    made = [shown(invite(owner, email)) for email in ("a@x.test", "b@x.test")]
    links = ["/join/wrong/", *made]
    MemberInvitation.objects.filter(email="a@x.test").update(expires_at=timezone.now())
    revoked = MemberInvitation.objects.get(email="b@x.test")
    owner.post(f"/organization/invitations/{revoked.pk}/revoke/")
    answers = [client.get(link) for link in links] + [client.post(link) for link in links]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "no-store" in answers[0]["Cache-Control"]


def test_somebody_elses_invitation_is_not_accepted(acme, alice, charlie, signed_in):
    link = shown(invite(signed_in(alice)))
    his = signed_in(charlie)
    his.post(link)
    assert "dora@acme.test" in text(his.get("/join/"))
    his.post("/join/")
    assert MemberInvitation.objects.get().accepted_at is None
    assert Membership.objects.get(user=charlie).organization.name == "Rival"


@pytest.mark.parametrize(
    "data", [{"email": "nobody", "role": "owner"}, {"email": "a@b.test", "role": "king"}, {}]
)
def test_a_wrong_invitation_is_explained_and_made_for_nobody(acme, alice, signed_in, data):
    answer = signed_in(alice).post("/organization/", data)
    assert answer.status_code == 200
    assert not MemberInvitation.objects.exists()
    assert not mail.outbox


def test_a_mail_server_that_is_down_costs_no_invitation(acme, alice, signed_in, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = invite(signed_in(alice))
    assert "could not be sent" in text(answer)
    assert shown(answer)


def test_owners_change_roles_and_remove(acme, alice, bob, signed_in):
    owner = signed_in(alice)
    path = f"/organization/members/{bob.membership.pk}"
    owner.post(f"{path}/role/", {"role": "reviewer"})
    bob.membership.refresh_from_db()
    assert bob.membership.role == "reviewer"
    his = signed_in(bob)
    owner.post(f"{path}/remove/")
    assert bob.email not in text(owner.get("/organization/"))
    assert his.get("/organization/keys/").status_code == 404
    assert "no organization" in text(his.get("/account/"))
    assert owner.post(f"{path}/role/", {"role": "owner"}).status_code == 404


def test_the_last_owner_is_told_why_she_must_stay(acme, alice, bob, signed_in):
    owner = signed_in(alice)
    path = f"/organization/members/{alice.membership.pk}"
    answer = owner.post(f"{path}/remove/", follow=True)
    assert Membership.objects.get(user=alice).removed_at is None
    answer = owner.post(f"{path}/role/", {"role": "reviewer"}, follow=True)
    assert "somebody else an owner first" in text(answer)


def make_key(client, **changes):
    data = {"name": "export", "scopes": ["results:read"], "days": 30} | changes
    return client.post("/organization/keys/", data)


def test_a_key_is_shown_once_works_and_can_be_revoked(bob, signed_in, client):
    his = signed_in(bob)
    answer = make_key(his)
    key = re.search(r'value="(cnd_[^"]+)"', text(answer))[1]
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/jobs", headers=headers).status_code == 200
    again = text(his.get("/organization/keys/"))
    assert key not in again
    row = ApiKey.objects.get()
    assert row.prefix in again
    his.post(f"/organization/keys/{row.pk}/revoke/")
    assert client.get("/api/v1/jobs", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [{"scopes": []}, {"scopes": ["ops:manage"]}, {"scopes": ["all"]}, {"days": 0}, {"days": 999}],
)
def test_a_key_that_may_not_be_is_not_made(bob, signed_in, changes):
    answer = make_key(signed_in(bob), **changes)
    assert answer.status_code == 200
    assert "errorlist" in text(answer)
    assert not ApiKey.objects.exists()


def test_owners_see_and_revoke_the_keys_of_the_organization_only(
    alice, bob, rita, charlie, signed_in
):
    now = timezone.now()
    row, _ = services.create_api_key(user=bob, name="bobs-key", scopes=[], now=now)
    assert "bobs-key" in text(signed_in(alice).get("/organization/keys/"))
    for other in (rita, charlie):
        assert "bobs-key" not in text(signed_in(other).get("/organization/keys/"))
        assert signed_in(other).post(f"/organization/keys/{row.pk}/revoke/").status_code == 404
    signed_in(alice).post(f"/organization/keys/{row.pk}/revoke/")
    row.refresh_from_db()
    assert row.revoked_at
    entry = AuditEntry.objects.get(action="api_key.revoked")
    assert entry.actor == f"member:{alice.pk}"


def test_the_trail_names_people_and_survives_strange_pages(acme, alice, signed_in):
    owner = signed_in(alice)
    invite(owner)
    page = text(owner.get("/organization/audit/"))
    assert "invited a member" in page
    assert "dora@acme.test" in page
    for before in ("x", "-1", "9" * 40, "²"):
        assert owner.get("/organization/audit/", {"before": before}).status_code == 200


def test_names_are_text_on_every_page(acme, alice, signed_in):
    evil = "<script>alert(1)</script> 🦉 \u202eabc"
    User.objects.filter(pk=alice.pk).update(name=evil)
    acme.name = evil
    acme.save()
    owner = signed_in(alice)
    link = shown(invite(owner))
    make_key(owner, name=evil[:100])
    for path in (*OWNERS, "/organization/keys/", "/account/", link):
        assert "<script>alert" not in text(owner.get(path))


def test_an_account_without_an_organization_may_found_one(db, signed_in, settings):
    dora = User.objects.create_user("dora@acme.test", "x", name="Dora")
    hers = signed_in(dora)
    assert "/organization/new/" in text(hers.get("/account/"))
    settings.SIGNUP_OPEN = False
    assert hers.post("/organization/new/", {"organization": "D"}).status_code == 404
    settings.SIGNUP_OPEN = True
    assert hers.post("/organization/new/", {"organization": "D"})["Location"] == "/organization/"
    assert "already" in text(hers.post("/organization/new/", {"organization": "E"}))


def test_the_navigation_offers_the_organization_to_owners(alice, bob, signed_in):
    assert 'href="/organization/"' in text(signed_in(alice).get("/account/"))
    assert 'href="/organization/"' not in text(signed_in(bob).get("/account/"))

"""Signing up, and what protects an account, through the pages that people see."""

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.utils import timezone

from ops import members, sealing
from ops.models import AuditEntry, Membership, Organization, User
from tests.factories import PASSWORD

NEW = "a quite different passphrase"
FORM = {
    "name": "Dora",
    "organization": "Dora & Co",
    "email": "Dora@Example.org",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def text(answer):
    return answer.content.decode()


def mailed_code():
    return re.search(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]+)*)$", mail.outbox[-1].body, re.MULTILINE)[1]


def sign_in(client, email, password=PASSWORD):
    return client.post("/accounts/login/", {"login": email, "password": password})


def confirm_it_is_me(client):
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302


def who(client):
    return client.get("/account/").wsgi_request.user


def test_a_stranger_signs_up_proves_her_address_and_owns_an_organization(db, client):
    assert 'href="/accounts/signup/' in text(client.get("/accounts/login/"))
    answer = client.post("/accounts/signup/", FORM)
    assert answer["Location"] == "/accounts/confirm-email/"
    assert not who(client).is_authenticated
    assert "dora@example.org" in text(client.get(answer["Location"]))
    wrong = client.post(answer["Location"], {"code": "WRONG1"})
    assert "errorlist" in text(wrong)
    assert client.post(answer["Location"], {"code": mailed_code()})["Location"] == "/"
    dora = who(client)
    assert (dora.email, dora.name) == ("dora@example.org", "Dora")
    assert dora.live_membership.role == "owner"
    assert dora.live_membership.organization.name == "Dora & Co"
    assert client.get("/organization/").status_code == 200


def test_an_address_that_is_not_proven_opens_nothing(db, client):
    client.post("/accounts/signup/", FORM)
    later = Client()
    with time_machine.travel(time.time() + 15):  # one code in 10 s for one address
        answer = sign_in(later, "dora@example.org")
    assert answer["Location"] == "/accounts/confirm-email/"
    assert not who(later).is_authenticated


def test_sign_up_does_not_tell_who_has_an_account(alice, client):
    taken = client.post("/accounts/signup/", FORM | {"email": alice.email})
    free = Client().post("/accounts/signup/", FORM)
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    assert Organization.objects.count() == 2  # alice's and Dora's: none for the attempt


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"organization": ""},
        {"name": "n" * 501},
        {"password1": "short", "password2": "short"},
        {"password2": NEW},
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(db, client, changes):
    answer = client.post("/accounts/signup/", FORM | changes)
    assert answer.status_code == 200
    assert "errorlist" in text(answer)
    kept = changes.get("organization", "Dora &amp; Co")
    assert f'value="{kept}"' in text(answer) or not kept
    assert not User.objects.exists()


def test_a_closed_installation_lets_in_only_who_is_invited(acme, client, settings):
    settings.SIGNUP_OPEN = False
    assert "by invitation" in text(client.get("/accounts/signup/"))
    assert "by invitation" in text(client.post("/accounts/signup/", FORM))
    assert not User.objects.exists()
    assert "/accounts/signup/" not in text(client.get("/accounts/login/"))
    assert join_as_new(acme, client).live_membership.organization == acme


def join_as_new(organization, client):
    """Go the whole way of somebody without an account, and return her."""
    _, token = members.invite_member(
        organization=organization,
        email="dora@example.org",
        role="reviewer",
        actor="member:0",
        now=timezone.now(),
    )
    client.post(f"/join/{token}/")
    assert "/accounts/signup/?next=/join/" in text(client.get("/join/"))
    page = text(client.get("/accounts/signup/?next=/join/"))
    assert "dora@example.org" in page
    assert "organization" not in client.get("/accounts/signup/").context["form"].fields
    form = FORM | {"next": "/join/", "email": "somebody@else.test"}
    client.post("/accounts/signup/", form)
    assert mail.outbox[-1].to == ["dora@example.org"]
    answer = client.post("/accounts/confirm-email/", {"code": mailed_code(), "next": "/join/"})
    assert answer["Location"] == "/join/"
    client.post("/join/")
    return User.objects.get(pk=who(client).pk)


def test_an_invited_stranger_joins_and_founds_nothing(acme, client):
    dora = join_as_new(acme, client)
    assert dora.email == "dora@example.org"
    assert (dora.live_membership.organization, dora.live_membership.role) == (acme, "reviewer")
    assert Organization.objects.count() == 1


def test_a_new_password_ends_every_session_and_is_mailed(alice):
    one, other = Client(), Client()
    for client in (one, other):
        sign_in(client, alice.email)
        assert who(client) == alice
    answer = one.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )
    assert answer["Location"] == "/accounts/login/"
    assert not who(one).is_authenticated
    assert not who(other).is_authenticated
    assert mail.outbox[-1].to == [alice.email]
    sign_in(other, alice.email, NEW)
    assert who(other) == alice


def test_the_old_password_is_asked_for(alice, client):
    sign_in(client, alice.email)
    data = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert "errorlist" in text(client.post("/accounts/password/change/", data))
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_a_new_address_counts_once_its_code_is_entered(alice, client):
    sign_in(client, alice.email)
    confirm_it_is_me(client)
    data = {"email": "alice@new.test", "action_add": "1"}
    answer = client.post("/accounts/email/", data)
    assert answer["Location"].startswith("/accounts/confirm-email/")
    assert User.objects.get(pk=alice.pk).email == "alice@acme.test"
    client.post("/accounts/confirm-email/", {"code": mailed_code_to("alice@new.test")})
    assert User.objects.get(pk=alice.pk).email == "alice@new.test"
    assert any(sent.to == ["alice@acme.test"] for sent in mail.outbox)  # the old one is told


def mailed_code_to(address):
    assert mail.outbox[-1].to == [address]
    return mailed_code()


def test_an_address_change_asks_for_the_password_again(alice, client):
    sign_in(client, alice.email)
    answer = client.post("/accounts/email/", {"email": "a@new.test", "action_add": "1"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert client.get(answer["Location"]).status_code == 200
    assert User.objects.get(pk=alice.pk).email == "alice@acme.test"


def totp(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def guarded(alice, client):
    """(client, secret, recovery codes) of alice, who has set up a second factor."""
    sign_in(client, alice.email)
    confirm_it_is_me(client)
    page = client.get("/accounts/2fa/totp/activate/")
    assert "data:image/svg+xml" in text(page)
    secret = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": totp(secret)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    codes = re.findall(r"<code>([\w-]+)</code>", text(client.get(answer["Location"])))
    assert len(codes) == 10
    return client, secret, codes


def test_a_second_factor_is_asked_for_and_its_secret_is_sealed(alice, guarded):
    _, secret, codes = guarded
    stored = repr(list(Authenticator.objects.values()))
    assert secret not in stored
    assert sealing.unseal(Authenticator.objects.get(type="totp").data["secret"]) == secret
    later = Client()
    assert sign_in(later, alice.email)["Location"].startswith("/accounts/2fa/authenticate/")
    assert not who(later).is_authenticated
    assert "second factor" in text(later.get("/accounts/2fa/authenticate/"))
    assert "errorlist" in text(later.post("/accounts/2fa/authenticate/", {"code": "000000"}))
    assert not who(later).is_authenticated
    later.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert who(later) == alice


def test_a_recovery_code_opens_once(alice, guarded):
    _, _, codes = guarded
    for allowed in (True, False):
        client = Client()
        sign_in(client, alice.email)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert who(client).is_authenticated is allowed


def test_the_second_factor_s_pages_are_ours_and_it_can_be_switched_off(alice, guarded):
    client, _, _ = guarded
    for path in ("", "totp/deactivate/", "recovery-codes/generate/", "recovery-codes/"):
        page = text(client.get(f"/accounts/2fa/{path}"))
        assert "css/tokens.css" in page
        assert "Menu:" not in page
    assert b"text/plain" in bytes(client.get("/accounts/2fa/recovery-codes/download/"))
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    later = Client()
    sign_in(later, alice.email)
    assert who(later) == alice


def test_the_admin_is_not_a_way_around_the_second_factor(alice, guarded):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client = Client()
    answer = client.get("/admin/login/")
    assert answer.status_code in (302, 404)
    data = {"username": alice.email, "password": PASSWORD, "next": "/admin/"}
    client.post("/admin/login/", data)
    assert not who(client).is_authenticated


def test_signing_in_is_in_the_trail_once(alice, client):
    sign_in(client, alice.email)
    entry = AuditEntry.objects.get(action="member.signed_in")
    assert (entry.actor, entry.organization) == (
        f"member:{alice.pk}",
        alice.membership.organization,
    )


def test_guessing_passwords_is_stopped(alice):
    for _ in range(5):
        sign_in(Client(), alice.email, "wrong")
    client = Client()
    sign_in(client, alice.email)
    assert not who(client).is_authenticated


def test_accounts_that_staff_makes_need_no_code(db, client):
    User.objects.create_user("made@acme.test", PASSWORD)
    sign_in(client, "made@acme.test")
    assert who(client).is_authenticated
    assert not Membership.objects.exists()
    assert "no organization" in text(client.get("/account/"))


def test_a_sealed_secret_survives_a_new_key_and_tells_when_it_can_not(settings):
    sealed = sealing.seal("secret")
    assert "secret" not in sealed
    former, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 60
    with pytest.raises(ValueError, match="SECRET_KEY_FALLBACKS"):
        sealing.unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert sealing.unseal(sealed) == "secret"

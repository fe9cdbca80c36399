"""Who is asking: API keys, browser sessions, and what ends them."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from ops import tokens
from ops.authentication import principals_of_cookies
from ops.conflicts import StateConflict
from ops.models import ApiKey, AuditEntry, User
from ops.services import create_api_key, revoke_api_key
from tests.factories import PASSWORD

URL = "/api/v1/jobs"


def new_key(user, scopes=("results:read",), **facts):
    return create_api_key(user=user, name="test", scopes=scopes, now=timezone.now(), **facts)


def status(client, key):
    return client.get(URL, headers={"Authorization": f"Bearer {key}"}).status_code


def test_a_key_opens_the_api_and_is_nowhere_stored(alice, client):
    row, key = new_key(alice)
    assert status(client, key) == 200
    assert key.startswith("cnd_")
    assert len(key) > 40
    stored = ApiKey.objects.values().get()
    assert key not in repr(stored)
    assert stored["key_hash"] == tokens.keyed_hash(key)
    assert key.startswith(row.prefix)
    assert key not in repr(list(AuditEntry.objects.values()))


def test_a_revoked_key_is_refused_from_the_next_request_on(alice, client):
    row, key = new_key(alice)
    revoke_api_key(key=row, actor="test", now=timezone.now())
    revoke_api_key(key=row, actor="test", now=timezone.now())
    assert status(client, key) == 401
    assert AuditEntry.objects.filter(action="api_key.revoked").count() == 1


def test_a_key_expires(alice, client):
    _, key = new_key(alice, expires_at=timezone.now() + timedelta(days=1))
    assert status(client, key) == 200
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert status(client, key) == 401


def test_a_key_ends_with_its_users_account(alice, client):
    _, key = new_key(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert status(client, key) == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Basic eDp5", "Bearer \xe9", ""])
def test_headers_that_are_no_key_are_401_never_500(db, client, header):
    assert client.get(URL, headers={"Authorization": header}).status_code == 401


def test_nobody_gives_a_scope_she_may_not_have(alice, sam):
    with pytest.raises(StateConflict):
        new_key(alice, ["ops:manage"])
    with pytest.raises(StateConflict):
        new_key(sam, ["everything"])
    assert new_key(sam, ["ops:manage"])[0].scopes == ["ops:manage"]


def test_a_key_of_staff_that_is_no_longer_staff_loses_that_scope(sam, client):
    _, key = new_key(sam, ["ops:manage"])
    path, headers = "/api/health/workers", {"Authorization": f"Bearer {key}"}
    assert "queues" in client.get(path, headers=headers).json()
    User.objects.filter(pk=sam.pk).update(is_staff=False)
    assert "queues" not in client.get(path, headers=headers).json()


def test_users_without_an_organization_and_past_expiries_get_no_key(alice, db):
    loner = User.objects.create_user("loner@nowhere.test", "x")
    with pytest.raises(StateConflict):
        new_key(loner)
    with pytest.raises(StateConflict):
        new_key(alice, expires_at=timezone.now() - timedelta(seconds=1))


def test_the_command_prints_the_key_alone(alice, client):
    out = StringIO()
    call_command("create_api_key", "Alice@ACME.test", "--scopes", "results:read", stdout=out)
    assert status(client, out.getvalue().strip()) == 200
    with pytest.raises(CommandError):
        call_command("create_api_key", "nobody@acme.test")
    with pytest.raises(CommandError):
        call_command("create_api_key", "alice@acme.test", "--scopes", "ops:manage")


def cookies(client):
    return {name: morsel.value for name, morsel in client.cookies.items()}


def test_cookies_name_a_member_until_she_signs_out(alice, signed_in):
    client = signed_in(alice)
    kept = cookies(client)
    (principal,) = principals_of_cookies(kept)
    assert (principal.kind, principal.user_id) == ("member", alice.pk)
    client.logout()
    assert principals_of_cookies(kept) == []


def test_a_new_password_ends_every_session(alice, signed_in):
    kept = cookies(signed_in(alice))
    alice.set_password(PASSWORD + "!")
    alice.save()
    assert principals_of_cookies(kept) == []


@pytest.mark.parametrize("forged", ["", "x", "x" * 5000, "a/../b", "\x00"])
def test_forged_session_cookies_name_nobody(db, forged):
    assert principals_of_cookies({"sessionid": forged}) == []

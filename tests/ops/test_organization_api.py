"""Members, invitations and keys by program: the rules of the pages, and a few for keys alone."""

import json

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from ops.members import invite_member, remove_member
from ops.models import ApiKey, IdempotencyRecord, MemberInvitation, Membership
from ops.services import create_api_key

BASE = "/api/v1/organization"
MEMBERS, INVITATIONS, KEYS = (f"{BASE}/{name}" for name in ("members", "invitations", "keys"))


@pytest.fixture
def owner(alice, signed_in):
    return signed_in(alice)


@pytest.fixture
def program(alice):
    """A client with an owner's key that may manage the organization."""
    _, key = create_api_key(
        user=alice, name="sync", scopes=["organization:manage"], now=timezone.now()
    )
    return Client(headers={"Authorization": f"Bearer {key}"})


def send(client, method, path, body=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = json.dumps(body or {})
    return getattr(client, method)(path, data, content_type="application/json", headers=named)


def member_id(client, user):
    found = client.get(MEMBERS).json()["results"]
    return next(each["id"] for each in found if each["email"] == user.email)


def is_problem(answer, status, code):
    return (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_key_learns_where_it_belongs_and_what_it_may_do(program, acme):
    assert program.get(BASE).json() == {
        "id": str(acme.pk),
        "name": "Acme",
        "role": "owner",
        "scopes": ["organization:manage"],
    }


def test_members_come_in_pages_under_ids_that_tell_nothing(owner, alice, bob, rita):
    page = owner.get(f"{MEMBERS}?page_size=2").json()
    rest = owner.get(page["next"]).json()
    found = page["results"] + rest["results"]
    assert [each["email"] for each in found] == [rita.email, bob.email, alice.email]
    assert [each["is_self"] for each in found] == [False, False, True]
    assert all(len(each["id"]) == 36 for each in found)
    assert found == owner.get(MEMBERS).json()["results"]


def test_a_role_is_changed_and_a_member_removed(owner, bob, rita):
    path = f"{MEMBERS}/{member_id(owner, bob)}"
    assert send(owner, "patch", path, {"role": "reviewer"}).json()["role"] == "reviewer"
    bob.membership.refresh_from_db()
    assert bob.membership.role == "reviewer"
    assert send(owner, "delete", path).status_code == 204
    assert send(owner, "delete", path).status_code == 404
    assert [each["email"] for each in owner.get(MEMBERS).json()["results"]] == [
        rita.email,
        "alice@acme.test",
    ]


def test_the_last_owner_stays(owner, alice, bob):
    path = f"{MEMBERS}/{member_id(owner, alice)}"
    assert is_problem(send(owner, "patch", path, {"role": "reviewer"}), 409, "last_owner")
    assert is_problem(send(owner, "delete", path), 409, "last_owner")


def test_a_key_changes_nothing_about_owners(program, owner, alice, bob):
    bobs, own = (f"{MEMBERS}/{member_id(owner, user)}" for user in (bob, alice))
    body = {"email": "new@acme.test", "role": "owner"}
    for answer in (
        send(program, "patch", bobs, {"role": "owner"}),
        send(program, "patch", own, {"role": "reviewer"}),
        send(program, "delete", own),
        send(program, "post", INVITATIONS, body),
    ):
        assert is_problem(answer, 403, "owners_by_browser")
    assert Membership.objects.filter(role="owner", removed_at=None).count() == 1
    assert not MemberInvitation.objects.exists()
    assert send(program, "patch", bobs, {"role": "reviewer"}).status_code == 200
    assert send(owner, "patch", bobs, {"role": "owner"}).json()["role"] == "owner"


def test_an_address_is_invited_and_its_link_is_in_one_answer(program):
    body = {"email": "New@acme.test", "role": "reviewer"}
    first = send(program, "post", INVITATIONS, body, Idempotency_Key="k")
    told = first.json()
    assert (first.status_code, told["email"], told["is_mailed"]) == (201, "new@acme.test", True)
    assert told["link"] in mail.outbox[0].body
    assert Client().get("/join/" + told["link"].split("/join/")[1]).status_code == 200
    again = send(program, "post", INVITATIONS, body, Idempotency_Key="k").json()
    assert again["link"] is None
    assert told["link"] not in json.dumps(IdempotencyRecord.objects.get().answer)
    (listed,) = program.get(INVITATIONS).json()["results"]
    assert (listed["id"], "link" in listed) == (told["id"], False)


def test_an_invitation_is_revoked(owner, acme):
    invitation, token = invite_member(
        organization=acme, email="a@b.test", role="reviewer", actor="x", now=timezone.now()
    )
    assert send(owner, "delete", f"{INVITATIONS}/{invitation.pk}").status_code == 204
    assert Client().get(f"/join/{token}/").status_code == 404
    assert owner.get(INVITATIONS).json()["results"] == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (INVITATIONS, {"email": "nobody", "role": "reviewer"}, "email"),
        (INVITATIONS, {"email": "a@b.test", "role": "king"}, "role"),
        (INVITATIONS, {"email": "a@b.test", "role": "reviewer", "days": 3}, "days"),
        (KEYS, {"name": "", "scopes": ["results:read"]}, "name"),
        (KEYS, {"name": "x", "scopes": []}, "scopes"),
        (KEYS, {"name": "x", "scopes": ["all"]}, "scopes.0"),
        (KEYS, {"name": "x", "scopes": ["ops:manage"]}, "scopes"),
        (KEYS, {"name": "x", "scopes": ["results:read"], "days": 999}, "days"),
    ],
)
def test_wrong_input_names_its_field(owner, path, body, field):
    answer = send(owner, "post", path, body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not ApiKey.objects.exists()


def test_a_key_is_shown_once_and_works(owner):
    body = {"name": "export", "scopes": ["results:read"], "days": 9}
    made = send(owner, "post", KEYS, body, Idempotency_Key="k").json()
    there = Client(headers={"Authorization": f"Bearer {made['key']}"})
    assert there.get("/api/v1/jobs").status_code == 200
    assert send(owner, "post", KEYS, body, Idempotency_Key="k").json()["key"] is None
    assert made["key"] not in json.dumps(IdempotencyRecord.objects.get().answer)
    (listed,) = owner.get(KEYS).json()["results"]
    assert (listed["id"], listed["state"], "key" in listed) == (made["id"], "live", False)
    assert send(owner, "delete", f"{KEYS}/{made['id']}").status_code == 204
    assert owner.get(f"{KEYS}/{made['id']}").json()["state"] == "revoked"
    assert there.get("/api/v1/jobs").status_code == 401


def test_a_key_makes_no_key(program):
    body = {"name": "more", "scopes": ["results:read"]}
    assert is_problem(send(program, "post", KEYS, body), 403, "keys_by_browser")
    assert ApiKey.objects.count() == 1


def test_a_key_revokes_keys_its_own_too(program):
    (listed,) = program.get(KEYS).json()["results"]
    assert send(program, "delete", f"{KEYS}/{listed['id']}").status_code == 204
    assert program.get(KEYS).status_code == 401


def test_members_see_their_own_keys_and_owners_all(owner, alice, bob, signed_in):
    for user in (alice, bob):
        create_api_key(user=user, name=user.name, scopes=[], now=timezone.now())
    assert [key["name"] for key in owner.get(KEYS).json()["results"]] == ["Bob", "Alice"]
    bobs = signed_in(bob)
    assert [key["name"] for key in bobs.get(KEYS).json()["results"]] == ["Bob"]
    alices = ApiKey.objects.get(name="Alice")
    assert send(bobs, "delete", f"{KEYS}/{alices.pk}").status_code == 404


def test_only_owners_manage_members(bob, rita, charlie, alice, owner, signed_in):
    path = f"{MEMBERS}/{member_id(owner, bob)}"
    for user in (bob, rita):
        there = signed_in(user)
        assert there.get(MEMBERS).status_code == 404
        body = {"email": "a@b.test", "role": "owner"}
        assert send(there, "post", INVITATIONS, body).status_code == 404
        assert send(there, "patch", path, {"role": "owner"}).status_code == 404
    assert send(signed_in(charlie), "patch", path, {"role": "owner"}).status_code == 404
    remove_member(membership=bob.membership, actor="x", now=timezone.now())
    assert send(owner, "patch", path, {"role": "owner"}).status_code == 404

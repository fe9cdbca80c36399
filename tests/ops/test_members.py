"""Founding, inviting, joining, roles, removal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ops import members, people, services
from ops.authentication import member_principal
from ops.conflicts import StateConflict
from ops.models import AuditEntry, MemberInvitation, Membership, User
from tests.factories import PASSWORD

NOW = timezone.now()


def invited(organization, email="dora@acme.test", role="interviewer", now=NOW):
    return members.invite_member(
        organization=organization, email=email, role=role, actor="member:0", now=now
    )


def newcomer(email="dora@acme.test"):
    return User.objects.create_user(email, PASSWORD, name="Dora")


def actions():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_founder_owns_her_organization_and_founds_one_only(db):
    dora = newcomer()
    members.found_organization(user=dora, name="Dora & Co")
    dora = User.objects.get(pk=dora.pk)
    assert (dora.live_membership.role, dora.live_membership.organization.name) == (
        "owner",
        "Dora & Co",
    )
    with pytest.raises(StateConflict):
        members.found_organization(user=dora, name="Another")
    assert actions() == ["organization.founded"]


def test_the_token_of_an_invitation_is_stored_nowhere(acme):
    _, token = invited(acme)
    assert token not in repr(list(MemberInvitation.objects.values()))
    assert token not in repr(list(AuditEntry.objects.values()))
    assert members.find_member_invitation(token=token, now=NOW).email == "dora@acme.test"


def test_wrong_expired_revoked_and_used_links_open_nothing(acme):
    assert members.find_member_invitation(token="nonsense", now=NOW) is None
    invitation, token = invited(acme)
    assert members.find_member_invitation(token=token, now=invitation.expires_at) is None
    members.revoke_member_invitation(invitation=invitation, actor="a", now=NOW)
    members.revoke_member_invitation(invitation=invitation, actor="a", now=NOW)
    assert members.find_member_invitation(token=token, now=NOW) is None
    assert actions().count("member.invitation_revoked") == 1
    invitation, token = invited(acme)
    members.accept_member_invitation(invitation=invitation, user=newcomer(), now=NOW)
    assert members.find_member_invitation(token=token, now=NOW) is None


def test_a_second_invitation_of_an_address_ends_the_first(acme):
    _, first = invited(acme)
    _, second = invited(acme, email="DORA@acme.test")
    assert members.find_member_invitation(token=first, now=NOW) is None
    assert members.find_member_invitation(token=second, now=NOW)


def test_a_member_is_not_invited_again_and_invitations_are_bounded(acme, bob, monkeypatch):
    with pytest.raises(StateConflict, match="member already"):
        invited(acme, email=bob.email.upper())
    monkeypatch.setattr(members, "MAX_OPEN_INVITATIONS", 1)
    invited(acme, email="one@acme.test")
    with pytest.raises(StateConflict, match="Revoke"):
        invited(acme, email="two@acme.test")


def test_an_invitation_is_for_its_address_once_and_in_time(acme, charlie):
    invitation, _ = invited(acme)
    dora = newcomer()

    def refused(user, now=NOW):
        with pytest.raises(StateConflict) as conflict:
            members.accept_member_invitation(invitation=invitation, user=user, now=now)
        return conflict.value.code

    assert refused(charlie) == "other_address"
    assert refused(dora, invitation.expires_at) == "invitation_ended"
    membership = members.accept_member_invitation(invitation=invitation, user=dora, now=NOW)
    assert (membership.organization, membership.role) == (acme, "interviewer")
    assert refused(dora) == "invitation_ended"


def test_who_belongs_elsewhere_stays_there(acme, charlie):
    invitation, _ = invited(acme, email=charlie.email)
    with pytest.raises(StateConflict) as conflict:
        members.accept_member_invitation(invitation=invitation, user=charlie, now=NOW)
    assert conflict.value.code == "belongs_elsewhere"
    assert Membership.objects.get(user=charlie).organization.name == "Rival"
    invitation.refresh_from_db()
    assert invitation.accepted_at is None  # the refusal used nothing up


def test_the_last_owner_can_neither_step_down_nor_leave(alice, bob):
    with pytest.raises(StateConflict) as conflict:
        members.change_role(membership=alice.membership, role="reviewer", actor="a")
    assert conflict.value.code == "last_owner"
    with pytest.raises(StateConflict):
        members.remove_member(membership=alice.membership, actor="a", now=NOW)
    members.change_role(membership=bob.membership, role="owner", actor="a")
    members.change_role(membership=alice.membership, role="reviewer", actor="a")
    assert Membership.objects.get(user=alice).role == "reviewer"
    with pytest.raises(StateConflict):
        members.remove_member(membership=bob.membership, actor="a", now=NOW)


def test_a_removed_owner_does_not_count_as_the_other_one(acme, alice, bob):
    members.change_role(membership=bob.membership, role="owner", actor="a")
    members.remove_member(membership=bob.membership, actor="a", now=NOW)
    with pytest.raises(StateConflict):
        members.change_role(membership=alice.membership, role="reviewer", actor="a")


def test_a_removed_member_is_nobody_and_her_keys_are_dead(acme, alice, bob, client):
    _, key = services.create_api_key(user=bob, name="k", scopes=["results:read"], now=NOW)
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/jobs", headers=headers).status_code == 200
    members.remove_member(membership=bob.membership, actor="a", now=NOW)
    assert client.get("/api/v1/jobs", headers=headers).status_code == 401
    bob = User.objects.get(pk=bob.pk)
    who = member_principal(bob)
    assert (who.organization_id, who.role) == (None, None)
    with pytest.raises(StateConflict):
        services.create_api_key(user=bob, name="k", scopes=["results:read"], now=NOW)
    members.remove_member(membership=bob.membership, actor="a", now=NOW)
    assert actions().count("member.removed") == 1


def test_her_old_keys_stay_dead_when_she_comes_back(acme, alice, bob, client):
    _, key = services.create_api_key(user=bob, name="k", scopes=["results:read"], now=NOW)
    members.remove_member(membership=bob.membership, actor="a", now=NOW)
    invitation, _ = invited(acme, email=bob.email, role="reviewer")
    members.accept_member_invitation(invitation=invitation, user=bob, now=NOW)
    back = User.objects.get(pk=bob.pk)
    assert member_principal(back).role == "reviewer"
    assert Membership.objects.filter(user=bob).count() == 1
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/jobs", headers=headers).status_code == 401


def test_the_team_and_the_trail_take_the_same_queries_for_one_as_for_many(
    acme, alice, bob, rita, sam, django_assert_num_queries
):
    for number in range(5):
        invited(acme, email=f"{number}@acme.test")
    with django_assert_num_queries(2):
        team = people.team(acme, member_principal(alice), now=NOW)
    assert [member.role for member in team.members].count("owner") == 1
    assert len(team.invitations) == 5
    with django_assert_num_queries(3):
        page = people.audit_trail(acme)
    assert {entry.subject for entry in page.entries} == {f"{n}@acme.test" for n in range(5)}


def test_the_trail_has_pages_and_only_its_own_organization(acme, alice, charlie, monkeypatch):
    monkeypatch.setattr(people, "TRAIL_PAGE", 2)
    for number in range(5):
        invited(acme, email=f"{number}@acme.test")
    invited(charlie.membership.organization, email="x@rival.test")
    seen, before = [], None
    while True:
        page = people.audit_trail(acme, before=before)
        seen += [entry.subject for entry in page.entries]
        if page.before is None:
            break
        before = page.before
    assert seen == [f"{n}@acme.test" for n in (4, 3, 2, 1, 0)]


def test_expired_keys_are_told_from_live_ones(alice, bob):
    row, _ = services.create_api_key(
        user=alice, name="k", scopes=[], now=NOW, expires_at=NOW + timedelta(days=1)
    )
    services.create_api_key(user=bob, name="b", scopes=[], now=NOW)
    mine = people.keys_seen_by(member_principal(alice), now=NOW)
    assert [(key.name, key.state) for key in mine] == [("b", "live"), ("k", "live")]
    later = people.keys_seen_by(member_principal(alice), now=row.expires_at)
    assert [(key.name, key.state) for key in later] == [("b", "live"), ("k", "expired")]
    assert [k.name for k in people.keys_seen_by(member_principal(bob), now=NOW)] == ["b"]

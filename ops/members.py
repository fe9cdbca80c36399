"""Who belongs to an organization: founded, invited, joined, given a role, removed."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from ops import audit, tokens
from ops.conflicts import StateConflict
from ops.models import ApiKey, MemberInvitation, Membership, Organization, User

INVITATION_LIFE = timedelta(days=7)
MAX_OPEN_INVITATIONS = 200  # per organization: nobody turns us into a mail cannon


@transaction.atomic
def found_organization(*, user: User, name: str) -> Organization:
    """Create an organization with the user as its owner.

    Raises: StateConflict when she belongs to one already
    """
    refuse_member(user)
    organization = Organization.objects.create(name=name)
    membership = Membership.objects.create(
        user=user, organization=organization, role=Membership.Role.OWNER
    )
    note(membership, action="organization.founded", actor=actor_of(user))
    return organization


@transaction.atomic
def invite_member(
    *, organization: Organization, email: str, role: str, actor: str, now: datetime
) -> tuple[MemberInvitation, str]:
    """Make a link with which the owner of this address joins. An older one for it ends.

    Return the invitation and its token, which is stored nowhere and cannot be shown again.

    Raises: StateConflict
    """
    lock(organization.pk)
    address = email.lower()
    if live_members(organization.pk).filter(user__email=address).exists():
        raise StateConflict("already_member", f"{address} is a member already.")
    still_open = open_invitations(organization.pk, now=now)
    for former in still_open.filter(email=address):
        revoke_member_invitation(invitation=former, actor=actor, now=now)
    if still_open.count() >= MAX_OPEN_INVITATIONS:
        raise StateConflict("too_many_invitations", "Revoke some of the open invitations first.")
    token = tokens.new_token()
    invitation = MemberInvitation.objects.create(
        organization=organization,
        email=address,
        role=role,
        token_hash=tokens.keyed_hash(token),
        expires_at=now + INVITATION_LIFE,
    )
    note_invitation(invitation, action="member.invited", actor=actor)
    return invitation, token


@transaction.atomic
def revoke_member_invitation(*, invitation: MemberInvitation, actor: str, now: datetime) -> None:
    """Have the link open nothing from now on. Revoking it again changes nothing."""
    unused = MemberInvitation.objects.filter(pk=invitation.pk, revoked_at=None, accepted_at=None)
    if unused.update(revoked_at=now):
        note_invitation(invitation, action="member.invitation_revoked", actor=actor)


def find_member_invitation(*, token: str, now: datetime) -> MemberInvitation | None:
    """Return the live invitation of `token`; wrong, expired, revoked and used are all None."""
    return _live(
        MemberInvitation.objects.select_related("organization")
        .filter(token_hash=tokens.keyed_hash(token))
        .first(),
        now=now,
    )


def live_member_invitation(
    *, invitation_id: UUID | str | None, now: datetime
) -> MemberInvitation | None:
    """Return the invitation that a browser session holds, while it is live."""
    if invitation_id is None:
        return None
    found = MemberInvitation.objects.select_related("organization").filter(pk=invitation_id)
    return _live(found.first(), now=now)


@transaction.atomic
def accept_member_invitation(
    *, invitation: MemberInvitation, user: User, now: datetime
) -> Membership:
    """Make the user a member, if the invitation is for her address.

    Raises: StateConflict
    """
    lock(invitation.organization_id)
    if user.email != invitation.email:
        raise StateConflict("other_address", "This invitation is for another e-mail address.")
    used = MemberInvitation.objects.filter(pk=invitation.pk, revoked_at=None, accepted_at=None)
    if invitation.expires_at <= now or not used.update(accepted_at=now):
        raise StateConflict("invitation_ended", "This invitation has ended. Ask for a new one.")
    refuse_member(user, except_former_of=invitation.organization_id)
    membership, _ = Membership.objects.update_or_create(
        user=user,
        defaults={
            "organization": invitation.organization,
            "role": invitation.role,
            "removed_at": None,
        },
    )
    note(membership, action="member.joined", actor=actor_of(user))
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, actor: str) -> Membership:
    """Give a member another role.

    Raises: StateConflict when nobody would be left to own the organization
    """
    lock(membership.organization_id)
    member = live_members(membership.organization_id).get(pk=membership.pk)
    if member.role == role:
        return member
    refuse_last_owner(member)
    former, member.role = member.role, role
    member.save(update_fields=["role"])
    note(member, action="member.role_changed", actor=actor, former_role=former)
    return member


@transaction.atomic
def remove_member(*, membership: Membership, actor: str, now: datetime) -> None:
    """End a membership and every key of the member. What she wrote stays.

    Raises: StateConflict when nobody would be left to own the organization
    """
    lock(membership.organization_id)
    member = live_members(membership.organization_id).filter(pk=membership.pk).first()
    if member is None:
        return
    refuse_last_owner(member)
    member.removed_at = now
    member.save(update_fields=["removed_at"])
    ended = ApiKey.objects.filter(user=member.user, revoked_at=None).update(revoked_at=now)
    note(member, action="member.removed", actor=actor, keys_revoked=ended)


def lock(organization_id: UUID) -> None:
    """Take the organization's row: of two owners who demote each other one is refused."""
    Organization.objects.select_for_update().get(pk=organization_id)


def live_members(organization_id: UUID) -> QuerySet[Membership]:
    members = Membership.objects.filter(organization_id=organization_id, removed_at=None)
    return members.select_related("user")


def open_invitations(organization_id: UUID, *, now: datetime) -> QuerySet[MemberInvitation]:
    return MemberInvitation.objects.filter(
        organization_id=organization_id, revoked_at=None, accepted_at=None, expires_at__gt=now
    )


def refuse_last_owner(member: Membership) -> None:
    owners = live_members(member.organization_id).filter(role=Membership.Role.OWNER)
    if member.role == Membership.Role.OWNER and owners.count() == 1:
        raise StateConflict("last_owner", "Make somebody else an owner first: this is the last.")


def refuse_member(user: User, *, except_former_of: UUID | None = None) -> None:
    """Refuse who has a place already. A former member may come back, but go nowhere else.

    Her reviews hang on that place, and must never move to another organization with her.
    """
    place = Membership.objects.filter(user=user).first()
    if place is None or (place.removed_at and place.organization_id == except_former_of):
        return
    raise StateConflict(
        "belongs_elsewhere",
        "This account belongs, or belonged, to an organization already. "
        "Ask for an invitation to another address.",
    )


def _live(invitation: MemberInvitation | None, *, now: datetime) -> MemberInvitation | None:
    if invitation is None or invitation.revoked_at or invitation.accepted_at:
        return None
    return invitation if invitation.expires_at > now else None


def actor_of(user: User) -> str:
    return f"member:{user.pk}"


def note(membership: Membership, *, action: str, actor: str, **detail: object) -> None:
    audit.record(
        organization_id=membership.organization_id,
        actor=actor,
        action=action,
        subject_kind="member",
        subject_id=str(membership.user_id),
        detail={"role": membership.role, **detail},
    )


def note_invitation(invitation: MemberInvitation, *, action: str, actor: str) -> None:
    audit.record(
        organization_id=invitation.organization_id,
        actor=actor,
        action=action,
        subject_kind="member_invitation",
        subject_id=str(invitation.pk),
        detail={"role": invitation.role},
    )

"""Members as programs see them: under ids that tell nothing, in pages."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from ops import members
from ops.models import MemberInvitation, Membership
from ops.permissions import access_organization
from ops.principals import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who belongs to the organization."""

    id: uuid.UUID
    name: str
    email: str
    role: str
    is_self: bool
    has_second_factor: bool
    joined_at: datetime


def colleague_id(membership: Membership) -> uuid.UUID:
    """Return the member's id in REST: always the same, and no number to count by."""
    return uuid.uuid5(membership.organization_id, f"member:{membership.pk}")


def colleague_rows(principal: Principal) -> QuerySet[Membership]:
    """Return the live members of the organization that the principal owns, for pages.

    Raises: Http404
    """
    factors = Authenticator.objects.filter(user=OuterRef("user"), type=Authenticator.Type.TOTP)
    rows = members.live_members(access_organization(principal).pk)
    return rows.annotate(has_second_factor=Exists(factors))


def access_colleague(principal: Principal, member_id: uuid.UUID) -> Membership:
    """Return a live member of the organization that the principal owns.

    Raises: Http404
    """
    # Organizations have dozens of members: looking through them needs no column of its own.
    for row in colleague_rows(principal):
        if colleague_id(row) == member_id:
            return row
    raise Http404


def colleague(row: Any, principal: Principal) -> Colleague:
    """Return a member that `colleague_rows` brought."""
    return Colleague(
        id=colleague_id(row),
        name=row.user.name,
        email=row.user.email,
        role=row.role,
        is_self=row.user_id == principal.user_id,
        has_second_factor=row.has_second_factor,
        joined_at=row.created_at,
    )


def invitation_rows(principal: Principal, *, now: datetime) -> QuerySet[MemberInvitation]:
    """Return the invitations that somebody may still accept.

    Raises: Http404
    """
    return members.open_invitations(access_organization(principal).pk, now=now)

"""Members, keys and the audit trail of an organization, as its pages show them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from ops import members
from ops.deeds import in_words
from ops.models import ApiKey, AuditEntry, MemberInvitation, Organization, User
from ops.permissions import visible_keys
from ops.principals import Principal
from ops.redrives import AUTOMATIC

TRAIL_PAGE = 50
# What an entry's detail may say on the page, in this order.
TOLD = ("former_role", "role", "name", "keys_revoked", "stage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who belongs to the organization."""

    id: int
    name: str
    email: str
    role: str
    is_self: bool
    is_last_owner: bool
    has_second_factor: bool
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvitation:
    """A link that somebody has not used yet."""

    id: UUID
    email: str
    role: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who belongs to an organization, and who may soon."""

    name: str
    members: tuple[Member, ...]
    invitations: tuple[OpenInvitation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key without its secret."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    holder: str
    state: str  # live | expired | revoked
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """Who did what, in names."""

    at: datetime
    actor: str  # empty: nobody of this organization, or no account any more
    deed: str  # in words
    subject_kind: str
    subject: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage:
    """Some entries, newest first."""

    entries: tuple[TrailEntry, ...]
    before: int | None  # where the next page begins


def team(organization: Organization, principal: Principal, *, now: datetime) -> Team:
    """Return the members in the order they joined, and the open invitations."""
    factors = Authenticator.objects.filter(user=OuterRef("user"), type=Authenticator.Type.TOTP)
    rows = list(
        members.live_members(organization.pk)
        .annotate(has_second_factor=Exists(factors))
        .order_by("created_at", "pk")
    )
    owners = sum(row.role == "owner" for row in rows)
    return Team(
        name=organization.name,
        members=tuple(
            Member(
                id=row.pk,
                name=row.user.name,
                email=row.user.email,
                role=row.role,
                is_self=row.user_id == principal.user_id,
                is_last_owner=row.role == "owner" and owners == 1,
                has_second_factor=row.has_second_factor,
                joined_at=row.created_at,
            )
            for row in rows
        ),
        invitations=tuple(
            OpenInvitation(id=row.pk, email=row.email, role=row.role, expires_at=row.expires_at)
            for row in members.open_invitations(organization.pk, now=now).order_by("-created_at")
        ),
    )


def keys_seen_by(principal: Principal, *, now: datetime) -> tuple[Key, ...]:
    """Return the member's own keys, or for an owner those of the organization; live ones first."""
    keys = [key_row(row, now) for row in visible_keys(principal)]
    return tuple(sorted(keys, key=lambda key: key.state != "live"))


def key_row(row: ApiKey, now: datetime) -> Key:
    """Return a key as its holder and owners see it."""
    is_expired = row.expires_at is not None and row.expires_at <= now
    return Key(
        id=row.pk,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        holder=row.user.get_full_name(),
        state="revoked" if row.revoked_at else "expired" if is_expired else "live",
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def audit_trail(organization: Organization, *, before: int | None = None) -> TrailPage:
    """Return a page of the trail: the entries older than number `before`, newest first."""
    rows = AuditEntry.objects.filter(organization=organization).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: TRAIL_PAGE + 1])
    shown = found[:TRAIL_PAGE]
    names = _names(organization, shown)
    return TrailPage(
        entries=tuple(
            TrailEntry(
                at=row.at,
                actor=names.get(row.actor) or nobody(row.actor),
                deed=in_words(row.action),
                subject_kind=row.subject_kind,
                subject=names.get(f"{row.subject_kind}:{row.subject_id}", row.subject_id[:8]),
                facts=tuple(str(row.detail[name]) for name in TOLD if row.detail.get(name)),
            )
            for row in shown
        ),
        before=shown[-1].pk if len(found) > TRAIL_PAGE else None,
    )


def nobody(actor: str) -> str:
    """Return who acted, where that is no member: a candidate, or Candor itself."""
    kind = actor.partition(":")[0]
    return str({"candidate": _("the candidate"), AUTOMATIC: _("Candor")}.get(kind, ""))


def _names(organization: Organization, rows: list[AuditEntry]) -> dict[str, str]:
    """Return "member:7" -> "Alice" and "member_invitation:<id>" -> address, for what is named."""
    named = {f"{row.subject_kind}:{row.subject_id}" for row in rows} | {row.actor for row in rows}
    users = User.objects.filter(pk__in=_ids(named, "member"), membership__organization=organization)
    invitations = MemberInvitation.objects.filter(
        pk__in=_ids(named, "member_invitation"), organization=organization
    )
    return {f"member:{user.pk}": user.get_full_name() for user in users} | {
        f"member_invitation:{invitation.pk}": invitation.email for invitation in invitations
    }


def _ids(named: set[str], kind: str) -> list[str]:
    start = f"{kind}:"
    return [each.removeprefix(start) for each in named if each.startswith(start)]

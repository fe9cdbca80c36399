"""Links: made once, shown once, stored as a keyed hash."""

from datetime import datetime

from django.db import transaction

from interviews.aliases import new_alias
from interviews.models import Candidate, Interview, Invitation
from ops import tokens
from ops.conflicts import StateConflict
from ops.models import Organization


def invite_candidate(
    *, interview: Interview, name: str, email: str, expires_at: datetime, now: datetime
) -> tuple[Invitation, str]:
    """Make a candidate with an alias and her personal link.

    Return the invitation and its token, which is stored nowhere and cannot be shown again.

    Raises: StateConflict when nobody can answer this interview now.
    """
    if interview.state != Interview.State.PUBLISHED:
        raise StateConflict(
            "interview_not_published", "Publish the interview before you invite somebody to it."
        )
    if expires_at <= now:
        raise StateConflict("deadline_passed", "Choose a deadline that lies in the future.")
    token = tokens.new_token()
    with transaction.atomic():
        candidate = create_candidate(
            organization=interview.organization, name=name, email=email, locale=interview.locale
        )
        invitation = Invitation.objects.create(
            interview=interview,
            candidate=candidate,
            token_hash=tokens.keyed_hash(token),
            token_prefix=tokens.prefix(token),
            expires_at=expires_at,
        )
    return invitation, token


def create_candidate(
    *, organization: Organization, name: str, email: str, locale: str
) -> Candidate:
    """Create a candidate under an alias that is unique in the organization."""
    # The organization's row is the lock: two invitations at once never draw the same alias.
    Organization.objects.select_for_update().get(pk=organization.pk)
    taken = set(Candidate.objects.filter(organization=organization).values_list("alias", flat=True))
    return Candidate.objects.create(
        organization=organization, name=name, email=email, locale=locale, alias=new_alias(taken)
    )


def find_invitation(*, token: str, now: datetime) -> Invitation | None:
    """Return the live personal invitation of `token`; wrong, expired and revoked are all None.

    One keyed hash and one indexed query whatever the answer, so that time tells nothing either.
    """
    invitation = (
        Invitation.objects.select_related("interview__organization", "candidate", "session")
        .filter(token_hash=tokens.keyed_hash(token))
        .first()
    )
    if invitation is None or not is_live(invitation, now=now):
        return None
    return invitation


def is_live(invitation: Invitation, *, now: datetime) -> bool:
    """Whether this link opens an interview now."""
    return (
        invitation.revoked_at is None
        and invitation.expires_at > now
        and invitation.candidate is not None
    )

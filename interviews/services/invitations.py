"""Links: made once, shown once, stored as a keyed hash; extended, made anew, revoked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from interviews.aliases import new_alias
from interviews.models import Candidate, Interview, Invitation, Session
from interviews.selectors import granted_scopes
from interviews.services.deadlines import UNENDED_STATES, expire_session
from interviews.services.locks import SUBMITTED_STATES
from ops import audit, tokens
from ops.conflicts import StateConflict
from ops.models import Organization

DEFAULT_DAYS = 14
LONGEST_DAYS = 180
LONGEST = timedelta(days=LONGEST_DAYS)
MOST_USES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to be invited."""

    name: str
    email: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An invitation with its token, which exists here and in the answer only."""

    invitation: Invitation
    token: str

    @property
    def url(self) -> str:
        return settings.PUBLIC_URL + reverse("candidate_landing", kwargs={"token": self.token})


def invite_candidate(  # noqa: PLR0913 - the facts of an invitation
    *,
    interview: Interview,
    name: str,
    email: str,
    expires_at: datetime,
    now: datetime,
    external_id: str = "",
    actor: str = "system",
) -> tuple[Invitation, str]:
    """Make a candidate with an alias and her personal link.

    Return the invitation and its token, which is stored nowhere and cannot be shown again.

    Raises: StateConflict when nobody can answer this interview now.
    """
    person = Person(name=name, email=email, external_id=external_id)
    (link,) = invite_people(
        interview=interview, people=[person], expires_at=expires_at, now=now, actor=actor
    )
    return link.invitation, link.token


def invite_people(
    *,
    interview: Interview,
    people: list[Person],
    expires_at: datetime,
    now: datetime,
    actor: str = "system",
) -> list[Link]:
    """Make a candidate and a personal link for each, all or none.

    Raises: StateConflict when nobody can answer this interview now.
    """
    refuse_invitation(interview, expires_at=expires_at, now=now)
    with transaction.atomic():
        candidates = create_candidates(
            organization=interview.organization, people=people, locale=interview.locale
        )
        links = [
            new_link(interview=interview, candidate=candidate, expires_at=expires_at)
            for candidate in candidates
        ]
        Invitation.objects.bulk_create(link.invitation for link in links)
        record(interview, actor, "invitation.created", count=len(links))
    return links


def create_open_link(  # noqa: PLR0913 - the facts of an open link
    *,
    interview: Interview,
    label: str,
    max_uses: int,
    expires_at: datetime,
    now: datetime,
    actor: str = "system",
) -> Link:
    """Make a link by which up to `max_uses` people may each come in.

    Raises: StateConflict when nobody can answer this interview now.
    """
    refuse_invitation(interview, expires_at=expires_at, now=now)
    with transaction.atomic():
        link = new_link(interview=interview, candidate=None, expires_at=expires_at)
        link.invitation.kind = Invitation.Kind.OPEN
        link.invitation.label, link.invitation.max_uses = label, max_uses
        link.invitation.save()
        record(interview, actor, "invitation.open_link_created", max_uses=max_uses)
    return link


def enter_open_link(*, invitation: Invitation, person: Person, now: datetime) -> Link:
    """Turn one use of an open link into a candidate with a personal link, which is hers to keep.

    Raises: StateConflict when the link has no use left or has ended.
    """
    with transaction.atomic():
        # The open link's row is the lock: two people at once never share its last use.
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        row = (
            Invitation.objects.with_uses()
            .select_related("interview__organization")
            .get(pk=invitation.pk)
        )
        if row.kind != Invitation.Kind.OPEN or not is_live(row, now=now):
            raise StateConflict("link_used_up", "This link takes nobody else.")
        (candidate,) = create_candidates(
            organization=row.interview.organization, people=[person], locale=row.interview.locale
        )
        link = new_link(interview=row.interview, candidate=candidate, expires_at=row.expires_at)
        link.invitation.open_link = row
        link.invitation.save()
    return link


def renew_link(*, invitation: Invitation, now: datetime, actor: str = "system") -> Link:
    """Replace a link's token: the link that was given out before opens nothing any more.

    Raises: StateConflict when the invitation has ended.
    """
    with transaction.atomic():
        row = lock_invitation(invitation)
        refuse_revoked(row)
        if row.expires_at <= now:
            raise StateConflict("deadline_passed", "Extend the invitation first: it has expired.")
        token = tokens.new_token()
        row.token_hash, row.token_prefix = tokens.keyed_hash(token), tokens.prefix(token)
        row.save(update_fields=["token_hash", "token_prefix"])
        record(row.interview, actor, "invitation.renewed", row)
    return Link(invitation=row, token=token)


def extend_invitation(
    *, invitation: Invitation, expires_at: datetime, now: datetime, actor: str = "system"
) -> Invitation:
    """Set another deadline, sooner or later; a session that had expired goes on.

    Raises: StateConflict when the invitation was revoked or its session submitted.
    """
    if expires_at <= now:
        raise StateConflict("deadline_passed", "Choose a deadline that lies in the future.")
    if expires_at > now + LONGEST:
        raise StateConflict(
            "deadline_too_far", f"Choose a deadline within {LONGEST.days} days from now."
        )
    with transaction.atomic():
        row = lock_invitation(invitation)
        refuse_revoked(row)
        session = lock_session_of(row)
        if session is not None:
            if session.state in SUBMITTED_STATES:
                raise StateConflict("session_submitted", "This interview was handed in already.")
            session.deadline_at = expires_at
            if session.state == Session.State.EXPIRED:
                session.state = state_before_expiry(session)
            session.save(update_fields=["deadline_at", "state"])
        row.expires_at = expires_at
        row.save(update_fields=["expires_at"])
        record(row.interview, actor, "invitation.extended", row, expires_at=expires_at.isoformat())
    return row


def revoke_invitation(
    *, invitation: Invitation, now: datetime, actor: str = "system"
) -> Invitation:
    """End a link at once, for good; doing it twice changes nothing.

    A session under way ends with it, and what was answered stays. One that was handed in stays.
    """
    with transaction.atomic():
        row = lock_invitation(invitation)
        if row.revoked_at is not None:
            return row
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        session = lock_session_of(row)
        if session is not None and session.state in UNENDED_STATES:
            expire_session(session)
        record(row.interview, actor, "invitation.revoked", row)
    return row


def find_invitation(*, token: str, now: datetime) -> Invitation | None:
    """Return the live invitation of `token`; wrong, expired, used up and revoked are all None.

    One keyed hash and one indexed query whatever the answer, so that time tells nothing either.
    """
    invitation = (
        Invitation.objects.with_uses()
        .select_related("interview__organization", "candidate", "session")
        .filter(token_hash=tokens.keyed_hash(token))
        .first()
    )
    if invitation is None or not is_live(invitation, now=now):
        return None
    return invitation


def is_live(invitation: Invitation, *, now: datetime) -> bool:
    """Whether this link (fetched with its uses) lets somebody in now."""
    if invitation.revoked_at is not None or invitation.expires_at <= now:
        return False
    if invitation.kind == Invitation.Kind.OPEN:
        return invitation.max_uses is None or invitation.uses < invitation.max_uses
    return invitation.candidate is not None


def new_link(*, interview: Interview, candidate: Candidate | None, expires_at: datetime) -> Link:
    """Return a link that is not saved yet."""
    token = tokens.new_token()
    invitation = Invitation(
        interview=interview,
        candidate=candidate,
        token_hash=tokens.keyed_hash(token),
        token_prefix=tokens.prefix(token),
        expires_at=expires_at,
    )
    return Link(invitation=invitation, token=token)


def create_candidates(
    *, organization: Organization, people: list[Person], locale: str
) -> list[Candidate]:
    """Create candidates under aliases that are unique in the organization."""
    # The organization's row is the lock: two invitations at once never draw the same alias.
    Organization.objects.select_for_update().get(pk=organization.pk)
    taken = set(Candidate.objects.filter(organization=organization).values_list("alias", flat=True))
    candidates = []
    for person in people:
        alias = new_alias(taken)
        taken.add(alias)
        candidates.append(
            Candidate(
                organization=organization,
                name=person.name,
                email=person.email,
                external_id=person.external_id,
                locale=locale,
                alias=alias,
            )
        )
    return Candidate.objects.bulk_create(candidates)


def refuse_invitation(interview: Interview, *, expires_at: datetime, now: datetime) -> None:
    """Raises: StateConflict when nobody can be invited to this interview until then."""
    if interview.state != Interview.State.PUBLISHED:
        raise StateConflict(
            "interview_not_published", "Publish the interview before you invite somebody to it."
        )
    if expires_at <= now:
        raise StateConflict("deadline_passed", "Choose a deadline that lies in the future.")


def refuse_revoked(row: Invitation) -> None:
    if row.revoked_at is not None:
        raise StateConflict(
            "invitation_revoked", "This invitation was revoked. Invite the person again."
        )


def lock_invitation(invitation: Invitation) -> Invitation:
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("interview__organization", "candidate")
        .get(pk=invitation.pk)
    )


def lock_session_of(row: Invitation) -> Session | None:
    return Session.objects.select_for_update(of=("self",)).filter(invitation=row).first()


def state_before_expiry(session: Session) -> str:
    """Return where an expired session goes on."""
    if "recording" not in granted_scopes(session.pk):
        return Session.State.INVITED
    return Session.State.CONSENTED  # the next answer puts it in progress


def record(
    interview: Interview,
    actor: str,
    action: str,
    invitation: Invitation | None = None,
    **detail: object,
) -> None:
    """Write down who did what to an invitation, or to an interview's invitations."""
    audit.record(
        organization_id=interview.organization_id,
        actor=actor,
        action=action,
        subject_kind="invitation" if invitation else "interview",
        subject_id=str(invitation.pk if invitation else interview.pk),
        detail=detail,
    )

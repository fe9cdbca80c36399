"""Who reviews a session, and who could."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from interviews.models import Assignment, Interview, Session
from ops.members import live_members

# Somebody who left counts only for what she has done.
COUNTED = Q(member__removed_at=None) | Q(reviewed_at__isnull=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRow:
    """A session that a member reviews."""

    id: UUID
    session_id: UUID
    candidate_alias: str
    reviewer_id: int
    reviewer_name: str
    reviewer_email: str
    assigned_at: datetime
    reviewed_at: datetime | None

    @property
    def can_end(self) -> bool:
        return self.reviewed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Somebody who can be given sessions."""

    id: int
    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """How many review a session, of how many that should."""

    assigned: int = 0
    done: int = 0
    expected: int = Assignment.EXPECTED

    @property
    def is_done(self) -> bool:
        return 0 < self.assigned <= self.done

    @property
    def is_short(self) -> bool:
        return self.assigned < self.expected


def assignments_of(
    interview: Interview, *, session_id: UUID | None = None, reviewer_email: str = ""
) -> QuerySet[Assignment]:
    """Return the interview's assignments, to be cut into keyset pages."""
    rows = Assignment.objects.filter(COUNTED, session__version__interview=interview)
    if session_id is not None:
        rows = rows.filter(session=session_id)
    if reviewer_email:
        rows = rows.filter(member__user__email=reviewer_email.lower())
    return rows.select_related("member__user", "session__candidate")


def assignment_rows(found: Iterable[Assignment]) -> tuple[AssignmentRow, ...]:
    """Return a row for each assignment that `assignments_of` brought."""
    return tuple(
        AssignmentRow(
            id=each.public_id,
            session_id=each.session_id,
            candidate_alias=each.session.candidate.alias,
            reviewer_id=each.member_id,
            reviewer_name=each.member.user.get_full_name(),
            reviewer_email=each.member.user.email,
            assigned_at=each.created_at,
            reviewed_at=each.reviewed_at,
        )
        for each in found
    )


def reviewers_of(session: Session) -> tuple[AssignmentRow, ...]:
    """Return who reviews the session, in the order in which it was assigned: one query."""
    rows = assignments_of(session.version.interview, session_id=session.pk)
    return assignment_rows(rows.order_by("pk"))


def possible_reviewers(organization_id: UUID) -> tuple[Reviewer, ...]:
    """Return the members to whom sessions can be given, by name: one query."""
    members = live_members(organization_id).filter(user__is_active=True)
    found = (
        Reviewer(id=each.pk, name=each.user.get_full_name(), email=each.user.email, role=each.role)
        for each in members
    )
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))

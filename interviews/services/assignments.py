"""Who reviews whom: sessions given to members, taken back, and always written down."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from interviews.models import Assignment, Session
from ops import audit
from ops.conflicts import StateConflict
from ops.models import Membership

MOST_SESSIONS = 100  # in one step


def assign_sessions(
    *, session_ids: Sequence[UUID], member: Membership, actor: str
) -> list[Assignment]:
    """Give sessions to a member to review; return the assignments that are new.

    What she has already stays as it is. The sessions are ones that the caller may assign, of the
    member's organization.

    Raises: StateConflict when the member has left, or a session has nothing left to review
    """
    with transaction.atomic():
        members = Membership.objects.select_for_update(of=("self",)).select_related("user")
        reviewer = members.get(pk=member.pk)
        if reviewer.removed_at is not None:
            raise StateConflict("member_removed", "This person is not a member any more.")
        # The sessions' rows are the lock: two people at once never assign the same twice.
        sessions = list(
            Session.objects.select_for_update(of=("self",))
            .filter(pk__in=session_ids, organization=reviewer.organization_id)
            .order_by("pk")
        )
        if any(session.state == Session.State.ERASED for session in sessions):
            raise StateConflict("session_erased", "An erased session can't be reviewed any more.")
        known = set(
            Assignment.objects.filter(member=reviewer, session__in=sessions).values_list(
                "session_id", flat=True
            )
        )
        made = Assignment.objects.bulk_create(
            Assignment(session=session, member=reviewer)
            for session in sessions
            if session.pk not in known
        )
        for assignment in made:
            note(assignment, action="review.assigned", actor=actor)
    return made


def unassign(*, assignment: Assignment, actor: str) -> None:
    """Take a session back from its reviewer; doing it twice changes nothing.

    Raises: StateConflict once her review is handed in: it is part of what was judged
    """
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=assignment.session_id)
        row = Assignment.objects.filter(pk=assignment.pk).first()
        if row is None:
            return
        if row.reviewed_at is not None:
            raise StateConflict(
                "review_submitted", "This review was handed in already, so it stays assigned."
            )
        note(assignment, action="review.unassigned", actor=actor)
        row.delete()


def note(assignment: Assignment, *, action: str, actor: str) -> None:
    audit.record(
        organization_id=assignment.session.organization_id,
        actor=actor,
        action=action,
        subject_kind="session",
        subject_id=str(assignment.session_id),
        detail={"reviewer": assignment.member.user_id},
    )

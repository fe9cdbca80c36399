"""What a session knows of its reviews; the reviews themselves are written a floor above."""

from datetime import datetime
from uuid import UUID

from interviews.models import Assignment, Session


def note_review(*, session_id: UUID, user_id: int, now: datetime) -> None:
    """Note that a reviewer has handed in what she was assigned; again it changes nothing.

    Somebody to whom the session was not assigned leaves no trace here.
    """
    Assignment.objects.filter(
        session=session_id, member__user=user_id, reviewed_at__isnull=True
    ).update(reviewed_at=now)


def mark_reviewed(*, session_id: UUID, now: datetime) -> None:
    """Count the session as reviewed: enough people have judged it. The first time counts."""
    Session.objects.filter(pk=session_id, reviewed_at__isnull=True).update(reviewed_at=now)

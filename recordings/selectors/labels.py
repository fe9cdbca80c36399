"""Recordings by the names that people know them by."""

from collections.abc import Iterable
from uuid import UUID

from recordings.models import Recording


def recording_labels(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return `question 2, take 1` for each recording, in one query."""
    rows = Recording.objects.filter(pk__in=list(ids)).values_list(
        "pk", "take__response__question__order", "take__number"
    )
    return {pk: f"question {order}, take {number}" for pk, order, number in rows}


def session_of(recording_id: UUID) -> UUID | None:
    """Return the session that the recording belongs to."""
    return Recording.objects.filter(pk=recording_id).values_list("session_id", flat=True).first()

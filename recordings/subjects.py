"""What ops may ask about recordings."""

from collections.abc import Iterable
from uuid import UUID

from ops import subjects
from ops.principals import Principal
from recordings import selectors
from recordings.permissions import can_see


def can_follow(principal: Principal, key: str) -> bool:
    """Whether the principal may see this recording's progress."""
    try:
        return can_see(principal, UUID(key))
    except ValueError:
        return False


def has_consent(recording_id: UUID, scope: str) -> bool:
    """Whether the candidate of the recording's session agrees to `scope` now."""
    session_id = selectors.session_of(recording_id)
    ask = subjects.get("session").has_consent
    return session_id is not None and ask is not None and ask(session_id, scope)


def describe(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return `question 2, take 1` for each recording, in one query."""
    return selectors.recording_labels(ids)


subjects.register(
    subjects.Subject(
        kind="recording", access=can_follow, describe=describe, has_consent=has_consent
    )
)

"""What every step of a session starts with: its row locked, its state checked, its run."""

from datetime import datetime
from uuid import UUID

from interviews.models import Session
from interviews.permissions import TAKE_GRACE, is_over
from ops.conflicts import StateConflict
from ops.models import Run

SUBMITTED_STATES = (
    Session.State.SUBMITTED,
    Session.State.PROCESSING,
    Session.State.READY_FOR_REVIEW,
    Session.State.DECIDED,
    Session.State.ARCHIVED,
)
SUBJECT_KIND = "session"


def lock_session(session_id: UUID) -> Session:
    """Lock the session's row until the caller's transaction ends."""
    return (
        Session.objects.select_for_update(of=("self",))
        .select_related("version__interview", "invitation")
        .get(pk=session_id)
    )


def lock_answerable(
    session_id: UUID, *, now: datetime, begun_at: datetime | None = None
) -> Session:
    """Lock a session that takes answers; the first answer puts it in progress.

    What was begun in time (`begun_at`) may be finished within TAKE_GRACE after the deadline.

    Raises: StateConflict
    """
    session = lock_session(session_id)
    if session.state in SUBMITTED_STATES:
        raise StateConflict("session_submitted", "This interview has already been submitted.")
    if session.state == Session.State.WITHDRAWN:
        raise StateConflict("session_withdrawn", "You have withdrawn from this interview.")
    is_begun = begun_at is not None and not is_over(session, now=begun_at)
    if is_over(session, now=now - TAKE_GRACE if is_begun else now):
        raise StateConflict("session_over", "The time for this interview is over.")
    if session.state not in Session.ANSWERABLE:
        raise StateConflict("consent_missing", "Read and answer the consent questions first.")
    if session.state == Session.State.CONSENTED:
        session.state = Session.State.IN_PROGRESS
        session.save(update_fields=["state"])
    return session


def current_run(session_id: UUID) -> Run:
    """Return the newest run of the session; one exists since the session was started."""
    return Run.objects.filter(subject_kind=SUBJECT_KIND, subject_id=session_id).latest("created_at")

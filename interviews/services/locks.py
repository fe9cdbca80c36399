"""What every step of a session starts with: its row locked, its state checked, its run."""

from datetime import datetime
from uuid import UUID

from interviews.models import Session
from interviews.permissions import is_over
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


def lock_answerable(session_id: UUID, *, now: datetime) -> Session:
    """Lock a session that takes answers; the first answer puts it in progress.

    Raises: StateConflict
    """
    session = lock_session(session_id)
    if session.state in SUBMITTED_STATES:
        raise StateConflict("session_submitted", "This interview has already been submitted.")
    if is_over(session, now=now):
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

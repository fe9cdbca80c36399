"""What happens by itself when the time of a session is over."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from interviews.answer_states import is_take_open
from interviews.models import Session
from interviews.permissions import TAKE_GRACE, is_over
from interviews.services.locks import current_run, lock_session
from interviews.services.sessions import hand_in, take_answers
from ops import progress

UNENDED_STATES = (
    Session.State.INVITED,
    Session.State.CONSENTED,
    Session.State.DECLINED,
    Session.State.IN_PROGRESS,
)
BATCH = 200


def end_overdue_sessions(*, now: datetime) -> dict[str, int]:
    """Hand in every session whose time is over with what was answered; one without expires.

    One with a recording that was begun in time and has not arrived is given TAKE_GRACE for it.
    """
    counts = {"submitted": 0, "expired": 0, "waiting": 0}
    is_late = Q(deadline_at__lte=now) | Q(invitation__expires_at__lte=now)
    overdue = Session.objects.filter(is_late, state__in=UNENDED_STATES).order_by("deadline_at")
    for session_id in overdue.values_list("pk", flat=True)[:BATCH]:
        outcome = end_session(session_id=session_id, now=now)
        counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def end_session(*, session_id: UUID, now: datetime) -> str:
    """End one session at its deadline; return what became of it, "" if another ended it."""
    with transaction.atomic():
        row = lock_session(session_id)
        if row.state not in UNENDED_STATES or not is_over(row, now=now):
            return ""
        if row.state in Session.ANSWERABLE:
            if is_receiving(row) and not is_over(row, now=now - TAKE_GRACE):
                return "waiting"
            taken = take_answers(row, now=now, is_complete=False)
            if taken.answers:
                hand_in(row, recordings=taken.recordings, now=now)
                return "submitted"
        expire_session(row)
        return "expired"


def expire_session(row: Session) -> None:
    """End a locked session that nothing came of, in the caller's transaction."""
    row.state = Session.State.EXPIRED
    row.save(update_fields=["state"])
    progress.record_event(run_id=current_run(row.pk).pk, type="expired", payload={})


def is_receiving(session: Session) -> bool:
    """Whether a recording of the session is still being made or on its way."""
    return any(
        is_take_open(response.state, response.mode, [take.state for take in response.takes.all()])
        for response in session.responses.prefetch_related("takes")
    )

"""Withdrawing from an interview: no more answers, no more processing, every consent taken back."""

from datetime import datetime

from django.db import transaction

from interviews.models import ConsentRecord, Interview, Session
from interviews.notices import consent_notice
from interviews.permissions import candidate_principal
from interviews.selectors import granted_scopes
from interviews.services.locks import SUBJECT_KIND, current_run, lock_session
from ops import audit, caches, jobs, progress
from ops.conflicts import StateConflict

DECIDED_STATES = (Session.State.DECIDED, Session.State.ARCHIVED)


def withdraw_session(*, session: Session, now: datetime) -> Session:  # noqa: ARG001 - as its like
    """End the session at its candidate's wish and cancel its run; twice gives the same answer.

    Raises: StateConflict once people have decided: then a consent can still be taken back.
    """
    with transaction.atomic():
        row = lock_session(session.pk)
        if row.state == Session.State.WITHDRAWN:
            return row
        if row.state in DECIDED_STATES:
            raise StateConflict(
                "session_decided",
                "People have already decided. You can still take back what you agreed to.",
            )
        take_back_consents(row)
        row.state, row.ai_mode = Session.State.WITHDRAWN, Interview.AiMode.OFF
        row.save(update_fields=["state", "ai_mode"])
        run, actor = current_run(row.pk), candidate_principal(row).key
        progress.record_event(run_id=run.pk, type="withdrawn", payload={})
        jobs.cancel_run(run_id=run.pk, actor=actor)
        audit.record(
            organization_id=row.organization_id,
            actor=actor,
            action="session.withdrawn",
            subject_kind=SUBJECT_KIND,
            subject_id=str(row.pk),
        )
    return row


def take_back_consents(row: Session) -> None:
    """Write a no to everything the session's candidate agrees to, in the caller's transaction.

    What caches keep of her goes with it: no later run may find it.
    """
    caches.forget_subject(subject_id=row.pk)
    notice = consent_notice(row.version.interview)
    ConsentRecord.objects.bulk_create(
        ConsentRecord(
            session=row,
            scope=scope,
            granted=False,
            notice_version=notice.version,
            notice_hash=notice.content_hash,
        )
        for scope in sorted(granted_scopes(row.pk))
    )

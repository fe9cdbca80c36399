"""Hand the session to the reviewers, and say what is missing."""

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce, Now

from analysis import engines
from analysis.description import describe, save_metrics
from analysis.material import answered_responses, is_typed, transcript_of
from analysis.models import TextMetrics
from interviews.models import Response, Session
from ops.models import Job
from ops.pipeline import Effect, Report, stage

READY_FROM = (Session.State.SUBMITTED, Session.State.PROCESSING)


@stage(scope="session", after="evaluate", weight=5, timeout=timedelta(minutes=5), consent=None)
def finalise(session_id: UUID, report: Report) -> Effect:
    """Describe typed answers; then the session is ready, whatever could not be made."""
    session = Session.objects.select_related("version__interview").get(pk=session_id)
    locale = session.version.interview.locale[:2].lower()
    typed: dict[UUID, dict[str, Any]] = {}
    stale: list[UUID] = []
    for response in answered_responses(session):
        if is_typed(response):
            report.check()
            if response.mode != "code":
                typed[response.id] = describe(response.text, locale, None, engines.embedder())
        elif transcript_of(response) is None:
            stale.append(response.id)
    missing = [asdict(m) | {"subject_id": str(m.subject_id)} for m in report.missing]
    missing += missing_still(session, report.run_id)
    return Effect(partial(_save, session_id, missing, typed, stale))


def missing_still(session: Session, run_id: UUID) -> list[dict[str, Any]]:
    """Return what earlier runs could not make of the recordings that this run leaves alone."""
    tried = Job.objects.filter(run=run_id).values_list("subject_id", flat=True)
    done = {str(subject_id) for subject_id in tried} | {str(session.pk)}
    return [row for row in session.missing if row["subject_id"] not in done]


def _save(
    session_id: UUID,
    missing: list[dict[str, Any]],
    typed: dict[UUID, dict[str, Any]],
    stale: list[UUID],
) -> None:
    # Metrics of an earlier take must not describe an answer whose own recording was lost.
    TextMetrics.objects.filter(response_id__in=stale).delete()
    known = Response.objects.filter(pk__in=typed).values_list("id", flat=True)
    for response_id in known:
        save_metrics(response_id=response_id, fields=typed[response_id])
    sessions = Session.objects.filter(pk=session_id)
    sessions.update(missing=missing)
    sessions.filter(state__in=READY_FROM).update(
        state=Session.State.READY_FOR_REVIEW, ready_at=Coalesce(F("ready_at"), Now())
    )

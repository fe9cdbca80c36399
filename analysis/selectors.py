"""Read what was heard, measured and rated; a fixed number of queries, no call to storage."""

from uuid import UUID

from django.http import Http404

from analysis.explanations import absences
from analysis.results import RecordingData, SessionResults
from analysis.reviews import session_review
from analysis.rows import answers_of, raters_and_ratings, recordings_by_response
from interviews.models import ConsentRecord, Session
from interviews.permissions import access_session
from interviews.selectors.retention import kept_until
from ops.prepared import PreparedRead
from ops.principals import Principal
from ops.selectors import RunOutcome, RunSnapshot, latest_outcome, latest_run, outcome_of
from recordings.models import Rendition

CONSENTS = PreparedRead(
    lambda session_id: (
        ConsentRecord.objects.filter(session=session_id)
        .order_by("id")
        .values_list("scope", "granted")
    )
)


def session_results(
    principal: Principal, interview_key: str, session_id: UUID | str
) -> SessionResults:
    """Return everything the principal may see of the session.

    Raises: Http404
    """
    session = access_session(principal, interview_key, session_id)
    return results_of(principal, session, latest_outcome("session", session.pk))


def results_and_run(
    principal: Principal, interview_key: str, session_id: UUID | str
) -> tuple[SessionResults, RunSnapshot | None]:
    """Return the same and the run with all its jobs.

    Raises: Http404
    """
    session = access_session(principal, interview_key, session_id)
    run = latest_run("session", session.pk)
    return results_of(principal, session, outcome_of(run) if run else None), run


def results_of(
    principal: Principal, session: Session, outcome: RunOutcome | None
) -> SessionResults:
    """Return the results of a session that the principal may see."""
    recordings = recordings_by_response("session", session.pk)
    review = session_review(principal, session)
    raters, ratings = ((), {}) if review.is_blind else raters_and_ratings(session.pk)
    orders = {r.id: r.question_order for rows in recordings.values() for r in rows}
    consents = latest_consents(session)
    return SessionResults(
        id=session.pk,
        interview_key=session.version.interview.key,
        interview_title=session.version.interview.title,
        interview_version=session.version.number,
        external_id=session.external_id,
        candidate_alias=session.candidate.alias,
        state=session.state,
        ai_mode=session.ai_mode,
        consents=consents,
        created_at=session.created_at,
        started_at=session.started_at,
        deadline_at=session.deadline_at,
        submitted_at=session.submitted_at,
        ready_at=session.ready_at,
        kept_until=kept_until(session, [scope for scope, granted in consents.items() if granted]),
        answers=answers_of(session.pk, recordings, ratings),
        raters=raters,
        missing=absences(outcome, session.missing, orders),
        run=outcome.run if outcome else None,
        review=review,
    )


def recording_results(
    principal: Principal, interview_key: str, session_id: UUID | str, recording_id: UUID
) -> RecordingData:
    """Return one recording with its quality and transcript.

    Raises: Http404
    """
    session = access_session(principal, interview_key, session_id)
    if not session.recordings.filter(pk=recording_id).exists():
        raise Http404
    # The whole answer is read: only all its takes together tell which one counts.
    rows = recordings_by_response("answer", recording_id)
    for row in (recording for recordings in rows.values() for recording in recordings):
        if row.id == recording_id:
            return row
    raise Http404


def poster(
    principal: Principal, interview_key: str, session_id: UUID | str, recording_id: UUID | str
) -> tuple[bytes, str]:
    """Return the bytes of a video's poster, which live in its row, and their content type.

    Raises: Http404
    """
    session = access_session(principal, interview_key, session_id)
    row = Rendition.objects.filter(
        recording_id=recording_id, recording__session=session, kind=Rendition.Kind.POSTER
    ).first()
    if row is None or row.inline is None:
        raise Http404
    return bytes(row.inline), row.content_type


def latest_consents(session: Session) -> dict[str, bool]:
    """Return scope -> granted; the newest record of a scope counts."""
    return dict(CONSENTS.rows(session.pk))

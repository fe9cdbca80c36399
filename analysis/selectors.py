"""Read what was heard, measured and rated; a fixed number of queries, no call to storage."""

from collections import defaultdict
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from analysis.explanations import absences
from analysis.models import AnalysisRun, Evidence, Rating
from analysis.results import RaterData, RatingData, RecordingData, SessionResults
from analysis.reviews import session_review
from analysis.rows import Rubrics, answer_data, rater_data, rating_data, recording_data
from interviews.models import Anchor, ConsentRecord, QuestionCompetency, Response, Session, Take
from interviews.permissions import access_session
from interviews.selectors.retention import kept_until
from ops.principals import Principal
from ops.selectors import latest_runs
from recordings.models import Recording, Rendition

RECEIVED = (Take.State.VERIFYING, Take.State.SAVED)


def session_results(
    principal: Principal, interview_key: str, session_id: UUID | str
) -> SessionResults:
    """Return everything the principal may see of the session.

    Raises: Http404
    """
    session = access_session(principal, interview_key, session_id)
    run = latest_runs("session", [session.pk]).get(session.pk)
    responses = (
        Response.objects.filter(session=session)
        .select_related("question", "text_metrics")
        .order_by("question__order")
    )
    recordings = recordings_by_response(Recording.objects.filter(session=session))
    review = session_review(principal, session)
    raters, ratings = ((), {}) if review.is_blind else raters_and_ratings(session)
    orders = {r.id: r.question_order for rows in recordings.values() for r in rows}
    consents = latest_consents(session)
    return SessionResults(
        id=session.pk,
        interview_key=interview_key,
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
        answers=tuple(
            answer_data(row, recordings.get(row.pk, ()), ratings.get(row.pk, ()))
            for row in responses
        ),
        raters=raters,
        missing=absences(run, session.missing, orders),
        run=run,
        review=review,
    )


def recording_results(
    principal: Principal, interview_key: str, session_id: UUID | str, recording_id: UUID
) -> RecordingData:
    """Return one recording with its quality and transcript.

    Raises: Http404
    """
    session = access_session(principal, interview_key, session_id)
    # The whole response is read: only all its takes together tell which one is the answer.
    responses = Response.objects.filter(session=session, takes__recording=recording_id)
    rows = recordings_by_response(Recording.objects.filter(take__response__in=responses))
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
    rows = ConsentRecord.objects.filter(session=session).order_by("id")
    return dict(rows.values_list("scope", "granted"))


def recordings_by_response(
    chosen: QuerySet[Recording],
) -> dict[UUID, tuple[RecordingData, ...]]:
    """Return the recordings of each response by number of take, in two queries.

    The newest take that was received is the answer.
    """
    rows = list(
        chosen.select_related("take__response__question", "transcript", "quality").order_by(
            "take__number"
        )
    )
    renditions = defaultdict(list)
    for rendition in Rendition.objects.filter(recording__in=rows).defer("inline"):
        renditions[rendition.recording_id].append(rendition)
    answers = {row.take.response_id: row.pk for row in rows if row.take.state in RECEIVED}
    found: dict[UUID, tuple[RecordingData, ...]] = defaultdict(tuple)
    for row in rows:
        response_id = row.take.response_id
        data = recording_data(row, renditions[row.pk], answers.get(response_id))
        found[response_id] = (*found[response_id], data)
    return found


def raters_and_ratings(
    session: Session,
) -> tuple[tuple[RaterData, ...], dict[UUID, tuple[RatingData, ...]]]:
    """Return the current evaluations, and the ratings of each response in their order."""
    runs = list(
        AnalysisRun.objects.filter(session=session, is_current=True)
        .defer("raw_output")
        .order_by("provider", "created_at")
    )
    rows = list(
        Rating.objects.filter(analysis__session=session, analysis__is_current=True)
        .select_related("competency", "response")
        .order_by("analysis__provider", "analysis__created_at", "competency__name")
    )
    quotes = defaultdict(list)
    for quote in Evidence.objects.filter(rating__in=rows).order_by("start_char"):
        quotes[quote.rating_id].append(quote)
    rubrics = rubrics_of(session)
    by_response: dict[UUID, tuple[RatingData, ...]] = defaultdict(tuple)
    by_rater = defaultdict(list)
    for row in rows:
        rating = rating_data(row, quotes[row.pk], rubrics)
        by_response[row.response_id] = (*by_response[row.response_id], rating)
        by_rater[rating.rater_id].append(rating)
    return tuple(rater_data(run, by_rater[run.pk]) for run in runs), by_response


def rubrics_of(session: Session) -> Rubrics:
    """Return the weights and anchors that the session's version pins."""
    pinned = QuestionCompetency.objects.filter(question__version=session.version_id)
    weights = {
        (question_id, rubric_id): weight
        for question_id, rubric_id, weight in pinned.values_list(
            "question_id", "rubric_id", "weight"
        )
    }
    anchors = Anchor.objects.filter(rubric__in=pinned.values("rubric_id"))
    return Rubrics(
        weights=weights,
        anchors={(row.rubric_id, row.level): row.text for row in anchors},
    )

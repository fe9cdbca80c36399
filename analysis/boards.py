"""The sessions of an interview as rows of a list; queries do not grow with the rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from analysis.models import Rating
from analysis.results import weighted_mean
from analysis.reviews import blind_sessions, review_progress
from analysis.scorecards import ReviewProgress
from analysis.session_lists import SessionFilter, cut, narrowed, visible_sessions
from interviews.models import Interview, QuestionCompetency, Response, Session
from interviews.permissions import access_interview, access_session
from ops.principals import Principal
from ops.selectors import RunSnapshot, latest_runs
from recordings.models import Recording

BOARD_ROWS = 50
ANY = SessionFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterSummary:
    """What one rater's levels come to over a session."""

    provider: str
    mean_level: float | None  # weighted, of 1..5
    rated_count: int
    insufficient_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session in a list."""

    id: UUID
    candidate_alias: str
    external_id: str
    state: str
    created_at: datetime
    submitted_at: datetime | None
    ready_at: datetime | None
    question_count: int
    answered_count: int
    recording_count: int
    missing_count: int
    raters: tuple[RaterSummary, ...]  # none while they are hidden from the asker
    run: RunSnapshot | None
    reviews: ReviewProgress
    is_blind: bool  # she has not submitted her review


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A page of an interview's sessions: those that follow `before`; the next follow `older`."""

    title: str
    organization_id: UUID
    state: str
    count: int  # on all pages
    rows: tuple[SessionRow, ...]
    before: UUID | None
    older: UUID | None

    @property
    def is_published(self) -> bool:
        return self.state == Interview.State.PUBLISHED


def board(
    principal: Principal,
    key: str,
    *,
    wanted: SessionFilter = ANY,
    sort: str = "newest",
    before: UUID | None = None,
) -> Board:
    """Return a page of the interview's live board, newest sessions first unless told otherwise.

    Raises: Http404
    """
    interview = access_interview(principal, key)
    sessions = narrowed(
        visible_sessions(principal, interview.pk), wanted, sees_names=principal.can_design
    )
    shown, older = cut(sessions, sort=sort, after=before, rows=BOARD_ROWS)
    return Board(
        title=interview.title,
        organization_id=interview.organization_id,
        state=interview.state,
        count=sessions.count(),
        rows=session_rows(shown, principal),
        before=before,
        older=older,
    )


def board_row(principal: Principal, key: str, session_id: UUID) -> SessionRow:
    """Return one row of the board, to be shown again after an event.

    Raises: Http404
    """
    return session_rows([access_session(principal, key, session_id)], principal)[0]


def session_rows(sessions: Sequence[Session], principal: Principal) -> tuple[SessionRow, ...]:
    """Return a row for each session (fetched with its candidate), as the principal may see it."""
    ids = [session.pk for session in sessions]
    runs = latest_runs("session", ids)
    responses = {
        row["session_id"]: row
        for row in Response.objects.filter(session__in=ids)
        .values("session_id")
        .annotate(total=Count("pk"), given=Count("pk", filter=Q(state=Response.State.SUBMITTED)))
    }
    recordings = dict(
        Recording.objects.filter(session__in=ids)
        .values_list("session_id")
        .annotate(total=Count("pk"))
    )
    blind = blind_sessions(principal, ids)
    raters = rater_summaries(id_ for id_ in ids if id_ not in blind)
    reviews = review_progress(ids)
    nothing = {"total": 0, "given": 0}
    return tuple(
        SessionRow(
            id=session.pk,
            candidate_alias=session.candidate.alias,
            external_id=session.external_id,
            state=session.state,
            created_at=session.created_at,
            submitted_at=session.submitted_at,
            ready_at=session.ready_at,
            question_count=responses.get(session.pk, nothing)["total"],
            answered_count=responses.get(session.pk, nothing)["given"],
            recording_count=recordings.get(session.pk, 0),
            missing_count=len(session.missing),
            raters=raters.get(session.pk, ()),
            run=runs.get(session.pk),
            reviews=reviews[session.pk],
            is_blind=session.pk in blind,
        )
        for session in sessions
    )


def rater_summaries(session_ids: Iterable[UUID]) -> dict[UUID, tuple[RaterSummary, ...]]:
    """Return what each current rater's levels come to, by session: two queries."""
    ids = list(session_ids)
    pinned = QuestionCompetency.objects.filter(question__version__sessions__in=ids).distinct()
    weights: dict[tuple[UUID | None, UUID], float] = {
        (question, rubric): weight
        for question, rubric, weight in pinned.values_list("question_id", "rubric_id", "weight")
    }
    levels: dict[tuple[UUID, str], list[tuple[int | None, float]]] = defaultdict(list)
    ratings = Rating.objects.filter(analysis__session__in=ids, analysis__is_current=True)
    for session, provider, level, question, rubric in ratings.values_list(
        "analysis__session_id",
        "analysis__provider",
        "level",
        "response__question_id",
        "rubric_id",
    ):
        levels[session, provider].append((level, weights.get((question, rubric), 1.0)))
    found: dict[UUID, tuple[RaterSummary, ...]] = defaultdict(tuple)
    for (session, provider), pairs in sorted(levels.items(), key=lambda item: item[0][1]):
        given = [(level, weight) for level, weight in pairs if level]
        summary = RaterSummary(
            provider=provider,
            mean_level=weighted_mean(given),
            rated_count=len(given),
            insufficient_count=len(pairs) - len(given),
        )
        found[session] = (*found[session], summary)
    return found

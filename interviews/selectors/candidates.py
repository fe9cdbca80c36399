"""What a candidate sees of her own interview."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from interviews.answer_states import (
    RECORDED_MODES,
    UNSENT_TAKES,
    AnswerState,
    answer_state,
    is_given,
)
from interviews.models import Accommodation, InterviewQuestion, Response
from interviews.models import Session as SessionRow
from interviews.models import Take as TakeRow
from interviews.permissions import TAKE_GRACE, ends_at, is_over
from interviews.selectors.consents import granted_scopes, offered_scopes
from interviews.selectors.retention import kept_until
from ops import failures
from ops.selectors import RunSnapshot, latest_run

MODE_ORDER = ("video", "audio", "text", "code")
NOTHING_TO_WITHDRAW = (
    SessionRow.State.WITHDRAWN,
    SessionRow.State.DECIDED,
    SessionRow.State.ARCHIVED,
    SessionRow.State.ERASED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFailure:
    """Why a take was not usable, in words for the candidate."""

    code: str
    message: str
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One try. One that failed technically does not count."""

    id: UUID
    number: int
    mode: str
    state: str
    is_counted: bool
    failure: TakeFailure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with the candidate's answer so far; times include her accommodations."""

    response_id: UUID
    order: int
    text: str
    kind: str
    modes: tuple[str, ...]
    is_required: bool
    think_time_s: int
    answer_limit_s: int
    max_takes: int
    takes_left: int
    state: AnswerState
    is_submitted: bool
    mode: str
    answer_text: str
    takes: tuple[Take, ...]

    @property
    def latest_take(self) -> Take | None:
        return self.takes[-1] if self.takes else None

    @property
    def is_done(self) -> bool:
        """Whether nothing more is asked of the candidate here."""
        return is_given(self.state) or self.state == "skipped"

    @property
    def is_begun(self) -> bool:
        """Whether a try is under way that has not reached the server."""
        return not self.is_done and any(take.state in UNSENT_TAKES for take in self.takes)

    @property
    def retakes(self) -> int:
        return max(0, self.max_takes - 1)

    @property
    def recorded_modes(self) -> tuple[str, ...]:
        return tuple(mode for mode in self.modes if mode in RECORDED_MODES)

    @property
    def takes_text(self) -> bool:
        return "text" in self.modes


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A question that is never sent; as many tries as one likes."""

    think_time_s: int
    answer_limit_s: int


PRACTICE = Practice(think_time_s=15, answer_limit_s=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSession:
    """The whole of a candidate's interview as she may know it."""

    id: UUID
    state: str
    interview_title: str
    introduction: str
    organization_name: str
    candidate_name: str
    ai_mode: str
    deadline_at: datetime | None
    submitted_at: datetime | None
    is_over: bool
    late_until: datetime | None  # over, and still open for a recording that was begun in time
    kept_until: datetime  # her recordings
    offered_scopes: tuple[str, ...]
    granted_scopes: frozenset[str]
    questions: tuple[Question, ...]
    run: RunSnapshot | None

    @property
    def has_recordings(self) -> bool:
        """Whether something that she said was stored."""
        return any(
            question.mode in RECORDED_MODES and question.is_done for question in self.questions
        )

    @property
    def done_count(self) -> int:
        return sum(question.is_done for question in self.questions)

    @property
    def next_question(self) -> Question | None:
        """The first question that still wants something, required ones and optional ones alike."""
        return next((question for question in self.questions if not question.is_done), None)

    @property
    def can_submit(self) -> bool:
        return all(
            question.is_done or (not question.is_required and question.state == "open")
            for question in self.questions
        )

    @property
    def unfinished(self) -> tuple[Question, ...]:
        """The questions with a recording that was begun in time and may still be sent."""
        if self.late_until is None or self.state not in SessionRow.ANSWERABLE:
            return ()
        return tuple(question for question in self.questions if question.is_begun)

    @property
    def can_withdraw(self) -> bool:
        return self.state not in NOTHING_TO_WITHDRAW

    def can_finish(self, order: int | None) -> bool:
        return any(question.order == order for question in self.unfinished)

    @property
    def recorded_modes(self) -> tuple[str, ...]:
        """The recorded modes that any question takes, in the order in which they are offered."""
        modes = (mode for question in self.questions for mode in question.recorded_modes)
        return tuple(dict.fromkeys(modes))

    @property
    def takes_text(self) -> bool:
        """Whether every question can be typed instead."""
        return all(question.takes_text for question in self.questions)

    @property
    def can_do_without_camera(self) -> bool:
        """Whether every question can be answered by sound alone, or typed."""
        return all("audio" in question.modes or question.takes_text for question in self.questions)

    @property
    def wants_video(self) -> bool:
        return any("video" in question.modes for question in self.questions)

    @property
    def wants_sound(self) -> bool:
        return any(question.recorded_modes for question in self.questions)

    def question(self, order: int) -> Question | None:
        return next((question for question in self.questions if question.order == order), None)


def candidate_view(session: SessionRow, *, now: datetime) -> CandidateSession:
    """Return the session as its candidate sees it; `session` comes from `candidate_session`."""
    interview = session.version.interview
    responses = list(
        Response.objects.filter(session_id=session.pk)
        .select_related("question")
        .order_by("question__order")
    )
    takes: dict[UUID, list[TakeRow]] = defaultdict(list)
    for take in TakeRow.objects.filter(response__session_id=session.pk).order_by("number"):
        takes[take.response_id].append(take)
    adjustments = list(Accommodation.objects.filter(session_id=session.pk))
    granted = granted_scopes(session.pk)
    return CandidateSession(
        id=session.pk,
        state=session.state,
        interview_title=interview.title,
        introduction=interview.introduction,
        organization_name=session.organization.name,
        candidate_name=session.candidate.name,
        ai_mode=session.ai_mode,
        deadline_at=session.deadline_at,
        submitted_at=session.submitted_at,
        is_over=is_over(session, now=now),
        late_until=late_until(session, now=now),
        offered_scopes=offered_scopes(interview),
        kept_until=kept_until(session, granted),
        granted_scopes=granted,
        questions=tuple(
            question_view(response, takes[response.pk], adjustments) for response in responses
        ),
        run=latest_run("session", session.pk),
    )


def late_until(session: SessionRow, *, now: datetime) -> datetime | None:
    """Return until when a begun recording may arrive, once the time is over and while it may."""
    end = ends_at(session)
    if end is None or not end <= now < end + TAKE_GRACE:
        return None
    return end + TAKE_GRACE


def question_view(
    response: Response, takes: list[TakeRow], adjustments: list[Accommodation]
) -> Question:
    """Put one question, its answer and its takes together."""
    asked = response.question
    multiplier = max((each.time_multiplier for each in adjustments), default=1.0)
    max_takes = asked.max_takes + sum(each.extra_takes for each in adjustments)
    counted = sum(take.is_counted and take.state != "technical_failed" for take in takes)
    return Question(
        response_id=response.pk,
        order=asked.order,
        text=asked.text,
        kind=asked.kind,
        modes=ordered_modes(asked),
        is_required=asked.required,
        think_time_s=round(asked.think_time_s * multiplier),
        answer_limit_s=round(asked.answer_limit_s * multiplier),
        max_takes=max_takes,
        takes_left=max(0, max_takes - counted),
        state=answer_state(
            response=response.state, mode=response.mode, takes=[take.state for take in takes]
        ),
        is_submitted=response.state == Response.State.SUBMITTED,
        mode=response.mode,
        answer_text=response.text,
        takes=tuple(take_view(take) for take in takes),
    )


def take_view(take: TakeRow) -> Take:
    return Take(
        id=take.pk,
        number=take.number,
        mode=take.mode,
        state=take.state,
        is_counted=take.is_counted and take.state != "technical_failed",
        failure=take_failure(take.failure_code),
    )


def take_failure(code: str) -> TakeFailure | None:
    """Return the table's words for a failure code; None for what the recorder itself reported."""
    failure = failures.FAILURES.get(code)
    if failure is None:
        return None
    return TakeFailure(code=code, message=failure.message, suggestion=failure.suggestion)


def ordered_modes(question: InterviewQuestion) -> tuple[str, ...]:
    """Return the question's modes as its designer ordered them; the first is offered first."""
    return tuple(mode for mode in question.modes if mode in MODE_ORDER)

"""What there is to rate in a session: each answer's words, or why there are none."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from analysis.evidence import CharSpan
from analysis.models import Transcript
from interviews.models import Response, Session, Take

SKIPPED = "The question was skipped."
NOTHING = "No answer was given."
NO_TRANSCRIPT = "The recording could not be transcribed."
CODE = "Code is judged by its tests, not by its wording."


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A competency with the scale that a question pins for it."""

    competency_id: UUID
    rubric_id: UUID
    name: str
    definition: str
    levels: Mapping[int, str]  # 1..5 -> anchor text


@dataclass(frozen=True, slots=True)
class AnswerMaterial:
    """An answer to be rated; `reason` says why it can't be, or is empty."""

    response_id: UUID
    question: str
    text: str
    language: str  # ISO 639-1
    is_spoken: bool
    segments: Sequence[Mapping[str, Any]]  # of the transcript; none for typed answers
    reason: str
    yardsticks: Sequence[Yardstick]

    @property
    def unclear(self) -> list[CharSpan]:
        """Stretches that the speech engine may have invented."""
        return [CharSpan(s["start_char"], s["end_char"]) for s in self.segments if s["is_doubtful"]]


@dataclass(frozen=True, slots=True)
class SessionMaterial:
    """All answers of a session, in the order of their questions."""

    session_id: UUID
    organization_id: UUID
    names: Sequence[str]  # of the candidate, never to be sent anywhere
    answers: Sequence[AnswerMaterial]

    @property
    def rubric_hash(self) -> str:
        """Return the sha256 of the scales that apply, text for text."""
        scales = {
            (str(y.rubric_id), *y.levels.values()) for a in self.answers for y in a.yardsticks
        }
        return _sha256(sorted(scales))

    def input_hash(self, *rater: str) -> str:
        """Return the sha256 of all that `rater` (its name, model, version) is given."""
        answers = [
            (str(a.response_id), a.question, a.text, a.language, a.reason, [*map(str, a.unclear)])
            for a in self.answers
        ]
        return _sha256([rater, answers, self.rubric_hash])


def load_material(session: Session) -> SessionMaterial:
    """Read a session's answers in a fixed number of queries."""
    responses = answered_responses(session).prefetch_related(
        "question__competencies__rubric__competency",
        "question__competencies__rubric__anchors",
    )
    locale = session.version.interview.locale[:2].lower()
    candidate = session.candidate
    return SessionMaterial(
        session_id=session.id,
        organization_id=session.organization_id,
        names=[candidate.name, candidate.email.partition("@")[0]],
        answers=[_answer(response, locale) for response in responses],
    )


def answered_responses(session: Session) -> QuerySet[Response]:
    """Return the session's responses with their question and saved takes, newest take first."""
    saved = Take.objects.filter(state=Take.State.SAVED).order_by("-number")
    return (
        Response.objects.filter(session=session)
        .select_related("question")
        .prefetch_related(
            Prefetch("takes", saved.select_related("recording__transcript"), to_attr="saved_takes")
        )
        .order_by("question__order")
    )


def transcript_of(response: Response) -> Transcript | None:
    """Return the transcript of the newest saved take; None if that take has none."""
    takes: list[Take] = getattr(response, "saved_takes")  # noqa: B009 - set by Prefetch
    recording = getattr(takes[0], "recording", None) if takes else None
    return getattr(recording, "transcript", None)


def is_typed(response: Response) -> bool:
    """Say whether the answer is what was typed, not what was said."""
    return bool(response.text.strip()) and response.mode not in {"audio", "video"}


def _answer(response: Response, locale: str) -> AnswerMaterial:
    transcript = None if is_typed(response) else transcript_of(response)
    return AnswerMaterial(
        response_id=response.id,
        question=response.question.text,
        text=transcript.text if transcript else response.text,
        language=(transcript.language if transcript else "") or locale,
        is_spoken=transcript is not None,
        segments=transcript.segments if transcript else [],
        reason=_reason(response, transcript),
        yardsticks=[
            Yardstick(
                competency_id=pinned.rubric.competency_id,
                rubric_id=pinned.rubric_id,
                name=pinned.rubric.competency.name,
                definition=pinned.rubric.meaning,
                levels={anchor.level: anchor.text for anchor in pinned.rubric.anchors.all()},
            )
            for pinned in response.question.competencies.all()
        ],
    )


def _reason(response: Response, transcript: Transcript | None) -> str:
    if response.state == Response.State.SKIPPED:
        return SKIPPED
    if is_typed(response):
        return CODE if response.mode == "code" else ""
    if transcript is None:
        return NO_TRANSCRIPT if getattr(response, "saved_takes") else NOTHING  # noqa: B009
    return transcript.reason if transcript.state == Transcript.State.NOT_RATABLE else ""


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()

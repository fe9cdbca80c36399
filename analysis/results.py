"""What interviewers see of a session, as frozen values from which no query can start. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from analysis.scorecards import Review
from ops.selectors import RunSummary
from ops.stored_json import StoredJson


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A failure as people read it: what happened and what to do."""

    code: str
    message: str
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityData:
    """How well a recording can be heard; null where `reasons` says why."""

    loudness_dbfs: float | None
    peak_dbfs: float | None
    clipped_share: float | None
    silent_share: float | None
    reasons: StoredJson  # {field: why it is null}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionData:
    """What was made from a recording, without its bytes."""

    kind: str
    content_type: str
    size_bytes: int
    duration_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptData:
    """The words; segments and pauses as `analysis.models.Transcript` describes them."""

    engine: str
    model: str
    language: str
    text: str
    segments: StoredJson
    pauses: StoredJson
    speech_ms: int | None
    confidence: float | None
    has_word_times: bool
    state: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingData:
    """A recording's metadata and everything that was read from it; never a URL."""

    id: UUID
    response_id: UUID
    question_order: int
    take_number: int
    take_state: str
    is_answer: bool  # the take that counts as the answer
    mode: str
    state: str
    content_type: str
    size_bytes: int
    sha256: str
    storage_type: str
    storage_class: str
    container: str
    audio_codec: str
    video_codec: str
    width: int | None
    height: int | None
    duration_ms: int | None
    peaks: StoredJson | None
    created_at: datetime
    is_original_kept: bool  # what was made of it may outlive it
    is_archived: bool  # to be restored before it can be played
    readable_until: datetime | None  # the copy of an archived one
    deleted_at: datetime | None
    failure: Explanation | None
    renditions: tuple[RenditionData, ...]
    quality: QualityData | None
    transcript: TranscriptData | None

    def has_rendition(self, kind: str) -> bool:
        return any(rendition.kind == kind for rendition in self.renditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMetricsData:
    """Descriptions of an answer, never scores; null where `reasons` says why."""

    word_count: int
    rate_wpm: float | None
    pause_count: int | None
    pause_total_ms: int | None
    longest_pause_ms: int | None
    filler_count: int | None
    readability: float | None
    vocabulary_share: float | None
    keywords: StoredJson
    reasons: StoredJson  # {field: why it is null}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceData:
    """A verified quote; characters count into the transcript or the typed answer."""

    quote: str
    start_char: int
    end_char: int
    start_ms: int | None
    end_ms: int | None
    is_approximate: bool
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingData:
    """One rater's level for one competency in one answer; no level = insufficient evidence."""

    rater_id: UUID
    competency_id: UUID
    competency: str
    weight: float | None
    level: int | None
    anchor: str  # the rubric's text of that level
    rationale: str
    evidence: tuple[EvidenceData, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterData:
    """One evaluation of the session, and what it came to over all answers."""

    id: UUID
    provider: str
    model: str
    prompt_version: str
    rubric_hash: str
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: str | None
    dropped_evidence: int
    mean_level: float | None  # weighted; null while nothing is rated
    rated_count: int
    insufficient_count: int
    failure: Explanation | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerData:
    """A question and what was answered."""

    response_id: UUID
    order: int
    kind: str
    question: str
    is_required: bool
    state: str
    mode: str
    text: str
    submitted_at: datetime | None
    text_metrics: TextMetricsData | None
    ratings: tuple[RatingData, ...]
    recordings: tuple[RecordingData, ...]

    @property
    def recording(self) -> RecordingData | None:
        """The recording that counts as the answer."""
        return next((r for r in self.recordings if r.is_answer), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A result that is missing: which, why, and the job that would make it again."""

    stage: str
    subject_id: UUID
    question_order: int | None  # null: of the session as a whole
    failure: Explanation
    job_id: UUID | None
    support_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResults:
    """Everything about a session that its reviewers may see.

    While `review.is_blind` there are no raters and no ratings in it.
    """

    id: UUID
    interview_key: str
    interview_title: str
    interview_version: int
    external_id: str
    candidate_alias: str
    state: str
    ai_mode: str
    consents: dict[str, bool]
    created_at: datetime
    started_at: datetime | None
    deadline_at: datetime | None
    submitted_at: datetime | None
    ready_at: datetime | None
    kept_until: datetime  # its recordings
    answers: tuple[AnswerData, ...]
    raters: tuple[RaterData, ...]
    missing: tuple[Absence, ...]
    run: RunSummary | None
    review: Review


def weighted_mean(levels: list[tuple[int, float]]) -> float | None:
    """Return the mean of (level, weight) pairs, to two decimals; None when nothing weighs."""
    total = sum(weight for _, weight in levels)
    if not total:
        return None
    return round(sum(level * weight for level, weight in levels) / total, 2)

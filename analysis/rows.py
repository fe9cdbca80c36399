"""Turn fetched rows into the values of results.py; none of these runs a query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from analysis.explanations import explanation
from analysis.models import AnalysisRun, Evidence, Rating, TextMetrics, Transcript
from analysis.results import (
    AnswerData,
    EvidenceData,
    QualityData,
    RaterData,
    RatingData,
    RecordingData,
    RenditionData,
    TextMetricsData,
    TranscriptData,
    weighted_mean,
)
from interviews.models import Response
from recordings.models import QualityReport, Recording, Rendition


@dataclass(frozen=True, slots=True)
class Rubrics:
    """What an interview's version says about ratings."""

    weights: Mapping[tuple[UUID, UUID], float]  # (question, rubric) -> weight
    anchors: Mapping[tuple[UUID, int], str]  # (rubric, level) -> text


def answer_data(
    row: Response, recordings: tuple[RecordingData, ...], ratings: tuple[RatingData, ...]
) -> AnswerData:
    metrics: TextMetrics | None = getattr(row, "text_metrics", None)
    return AnswerData(
        response_id=row.pk,
        order=row.question.order,
        kind=row.question.kind,
        question=row.question.text,
        is_required=row.question.required,
        state=row.state,
        mode=row.mode,
        text=row.text,
        submitted_at=row.submitted_at,
        text_metrics=text_metrics_data(metrics) if metrics else None,
        ratings=ratings,
        recordings=recordings,
    )


def recording_data(
    row: Recording, renditions: Iterable[Rendition], answer_id: UUID | None
) -> RecordingData:
    """Convert a row fetched with take, question, transcript and quality."""
    transcript: Transcript | None = getattr(row, "transcript", None)
    quality: QualityReport | None = getattr(row, "quality", None)
    return RecordingData(
        id=row.pk,
        response_id=row.take.response_id,
        question_order=row.take.response.question.order,
        take_number=row.take.number,
        take_state=row.take.state,
        is_answer=row.pk == answer_id,
        mode=row.take.mode,
        state=row.state,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        storage_type=row.storage_type,
        storage_class=row.storage_class,
        container=row.container,
        audio_codec=row.audio_codec,
        video_codec=row.video_codec,
        width=row.width,
        height=row.height,
        duration_ms=row.duration_ms,
        peaks=row.peaks,
        created_at=row.created_at,
        is_original_kept=row.deleted_at is None and row.original_deleted_at is None,
        is_archived=row.is_cold(timezone.now()),
        readable_until=row.readable_until,
        deleted_at=row.deleted_at,
        failure=explanation(row.failure_code),
        renditions=tuple(rendition_data(rendition) for rendition in renditions),
        quality=quality_data(quality) if quality else None,
        transcript=transcript_data(transcript) if transcript else None,
    )


def rendition_data(row: Rendition) -> RenditionData:
    return RenditionData(
        kind=row.kind,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        duration_ms=row.duration_ms,
    )


def quality_data(row: QualityReport) -> QualityData:
    return QualityData(
        loudness_dbfs=row.loudness_dbfs,
        peak_dbfs=row.peak_dbfs,
        clipped_share=row.clipped_share,
        silent_share=row.silent_share,
        reasons=row.reasons,
    )


def transcript_data(row: Transcript) -> TranscriptData:
    return TranscriptData(
        engine=row.engine,
        model=row.model,
        language=row.language,
        text=row.text,
        segments=row.segments,
        pauses=row.pauses,
        speech_ms=row.speech_ms,
        confidence=row.confidence,
        has_word_times=row.has_word_times,
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
    )


def text_metrics_data(row: TextMetrics) -> TextMetricsData:
    return TextMetricsData(
        word_count=row.word_count,
        rate_wpm=row.rate_wpm,
        pause_count=row.pause_count,
        pause_total_ms=row.pause_total_ms,
        longest_pause_ms=row.longest_pause_ms,
        filler_count=row.filler_count,
        readability=row.readability,
        vocabulary_share=row.vocabulary_share,
        keywords=row.keywords,
        reasons=row.reasons,
    )


def rating_data(row: Rating, evidence: Iterable[Evidence], rubrics: Rubrics) -> RatingData:
    """Convert a row fetched with competency and response."""
    return RatingData(
        rater_id=row.analysis_id,
        competency_id=row.competency_id,
        competency=row.competency.name,
        weight=rubrics.weights.get((row.response.question_id, row.rubric_id)),
        level=row.level,
        anchor=rubrics.anchors.get((row.rubric_id, row.level), "") if row.level else "",
        rationale=row.rationale,
        evidence=tuple(evidence_data(quote) for quote in evidence),
    )


def evidence_data(row: Evidence) -> EvidenceData:
    return EvidenceData(
        quote=row.quote,
        start_char=row.start_char,
        end_char=row.end_char,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        is_approximate=row.is_approximate,
        verified=row.verified,
    )


def rater_data(row: AnalysisRun, ratings: Iterable[RatingData]) -> RaterData:
    given = list(ratings)
    levels = [(r.level, 1.0 if r.weight is None else r.weight) for r in given if r.level]
    return RaterData(
        id=row.pk,
        provider=row.provider,
        model=row.model,
        prompt_version=row.prompt_version,
        rubric_hash=row.rubric_hash,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        cost_usd=None if row.cost_usd is None else str(row.cost_usd),
        dropped_evidence=row.dropped_evidence,
        mean_level=weighted_mean(levels),
        rated_count=len(levels),
        insufficient_count=len(given) - len(levels),
        failure=explanation(row.failure_code),
        created_at=row.created_at,
    )

"""A session's results laid out as its page shows them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from analysis.clock import clock, rough
from analysis.readable import Passage, Piece, passages, typed_pieces
from analysis.results import (
    Absence,
    AnswerData,
    EvidenceData,
    RaterData,
    RatingData,
    RecordingData,
    SessionResults,
)
from analysis.review_page import ReviewView, review_view
from analysis.states import PROCESSABLE
from analysis.timeline import Timeline, label, timeline
from analysis.waveform import Waveform, waveform
from ops.selectors import RunSnapshot

PLAYABLE = ("normalised", "available", "cold", "restoring")  # unless it is in an archive


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """Evidence with the second it is said at; typed answers have none."""

    evidence: EvidenceData
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingView:
    """A rating beside who gave it."""

    rating: RatingData
    rater: RaterData
    quotes: tuple[QuoteView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyView:
    """What every rater says about one competency in one answer."""

    name: str
    ratings: tuple[RatingView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricView:
    """A measurement ready to be read, or why there is none."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceView:
    """A missing result."""

    absence: Absence
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """One question's panel."""

    answer: AnswerData
    recording: RecordingData | None
    is_playable: bool
    is_video: bool
    has_poster: bool
    length: str
    waveform: Waveform | None
    passages: tuple[Passage, ...]
    typed: tuple[Piece, ...]
    metrics: tuple[MetricView, ...]
    competencies: tuple[CompetencyView, ...]
    missing: tuple[AbsenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage:
    """The whole page."""

    results: SessionResults
    timeline: Timeline | None
    answers: tuple[AnswerView, ...]
    missing: tuple[AbsenceView, ...]  # of the session as a whole
    answered_count: int
    has_results: bool
    has_recordings: bool  # of which something is left
    is_processable: bool
    has_refused_analysis: bool
    spoken: str  # how long all answers together are, "" while no length is known
    review: ReviewView


def session_page(results: SessionResults, run: RunSnapshot | None) -> SessionPage:
    """Lay out a session and its run."""
    missing = [AbsenceView(absence=row, label=label(row.stage)) for row in results.missing]
    raters = {rater.id: rater for rater in results.raters}
    return SessionPage(
        results=results,
        timeline=timeline(run, question_orders(results)) if run else None,
        answers=tuple(answer_view(row, raters, missing) for row in results.answers),
        missing=tuple(row for row in missing if row.absence.question_order is None),
        answered_count=sum(1 for row in results.answers if row.state == "submitted"),
        has_results=any(is_readable(row) for row in results.answers),
        has_recordings=any(
            recording.deleted_at is None
            for answer in results.answers
            for recording in answer.recordings
        ),
        is_processable=results.state in PROCESSABLE and not is_running(results),
        has_refused_analysis=results.consents.get("ai_analysis") is False,
        spoken=spoken_total(results),
        review=review_view(results.review),
    )


def question_orders(results: SessionResults) -> dict[UUID, int]:
    """Return recording id -> the order of its question."""
    return {
        recording.id: answer.order for answer in results.answers for recording in answer.recordings
    }


def is_running(results: SessionResults) -> bool:
    """Whether a run is open already: then starting one starts nothing."""
    return results.run is not None and results.run.state == "open"


def is_readable(answer: AnswerData) -> bool:
    """Whether there is something to read, hear or judge yet."""
    return bool(answer.text or answer.recordings)


def answer_view(
    answer: AnswerData, raters: dict[UUID, RaterData], missing: Iterable[AbsenceView]
) -> AnswerView:
    recording = answer.recording
    transcript = recording.transcript if recording else None
    pauses = transcript.pauses.value if transcript else ()
    quotes = [quote for rating in answer.ratings for quote in rating.evidence]
    spans = [(quote.start_char, quote.end_char) for quote in quotes]
    duration_ms = recording.duration_ms if recording else None
    return AnswerView(
        answer=answer,
        recording=recording,
        is_playable=recording is not None
        and recording.state in PLAYABLE
        and not recording.is_archived,
        is_video=recording is not None and recording.mode == "video",
        has_poster=recording is not None and recording.has_rendition("poster"),
        length="" if duration_ms is None else clock(duration_ms),
        waveform=waveform(
            recording.peaks.value if recording and recording.peaks else None,
            duration_ms,
            pauses=pauses,
            quotes=[
                (quote.start_ms, quote.end_ms)
                for quote in quotes
                if quote.start_ms is not None and quote.end_ms is not None
            ],
        ),
        passages=passages(transcript.segments.value, transcript.text, pauses=pauses, quotes=spans)
        if transcript
        else (),
        typed=typed_pieces(answer.text, quotes=spans),
        metrics=metric_views(answer, recording),
        competencies=competency_views(answer.ratings, raters),
        missing=tuple(row for row in missing if row.absence.question_order == answer.order),
    )


def competency_views(
    ratings: Iterable[RatingData], raters: dict[UUID, RaterData]
) -> tuple[CompetencyView, ...]:
    """Group ratings by competency, so that two raters stand side by side."""
    grouped: dict[str, list[RatingView]] = {}
    for rating in ratings:
        view = RatingView(
            rating=rating,
            rater=raters[rating.rater_id],
            quotes=tuple(
                QuoteView(
                    evidence=quote, at="" if quote.start_ms is None else clock(quote.start_ms)
                )
                for quote in rating.evidence
            ),
        )
        grouped.setdefault(rating.competency, []).append(view)
    return tuple(CompetencyView(name=name, ratings=tuple(views)) for name, views in grouped.items())


def metric_views(answer: AnswerData, recording: RecordingData | None) -> tuple[MetricView, ...]:
    """Return the measurements of an answer; their names and meanings stand in the template."""
    found: list[tuple[str, str | None, str]] = []
    metrics = answer.text_metrics
    if metrics:
        why = metrics.reasons.value.get
        found += [
            ("word_count", str(metrics.word_count), ""),
            ("rate_wpm", _number(metrics.rate_wpm), why("rate_wpm", "")),
            ("pause_count", _number(metrics.pause_count), why("pause_count", "")),
            ("pause_total", _seconds(metrics.pause_total_ms), why("pause_total_ms", "")),
            ("longest_pause", _seconds(metrics.longest_pause_ms), why("longest_pause_ms", "")),
            ("filler_count", _number(metrics.filler_count), why("filler_count", "")),
            ("readability", _number(metrics.readability), why("readability", "")),
            ("vocabulary", _percent(metrics.vocabulary_share), why("vocabulary_share", "")),
        ]
    quality = recording.quality if recording else None
    if quality:
        why = quality.reasons.value.get
        found += [
            ("loudness", _number(quality.loudness_dbfs), why("loudness_dbfs", "")),
            ("clipped", _percent(quality.clipped_share), why("clipped_share", "")),
            ("silent", _percent(quality.silent_share), why("silent_share", "")),
        ]
    return tuple(
        MetricView(name=name, value=value or "", reason=reason) for name, value, reason in found
    )


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f}"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def _seconds(ms: int | None) -> str | None:
    return None if ms is None else f"{ms / 1000:.1f} s"


def spoken_total(results: SessionResults) -> str:
    """Return how long all answers together are, "" while no length is known."""
    lengths = [
        recording.duration_ms
        for answer in results.answers
        if (recording := answer.recording) and recording.duration_ms
    ]
    return rough(sum(lengths) / 1000) if lengths else ""

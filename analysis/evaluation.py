"""Ratings as they are written: drafts made outside any transaction, saved whole inside one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from analysis.evidence import CharSpan, times_of
from analysis.material import AnswerMaterial, SessionMaterial, Yardstick
from analysis.models import AnalysisRun, Evidence, Rating
from interviews.models import Session


@dataclass(frozen=True, slots=True)
class RatingDraft:
    """A level with verified evidence, or None with the reason in the rationale."""

    answer: AnswerMaterial
    yardstick: Yardstick
    level: int | None
    rationale: str
    evidence: Sequence[CharSpan] = ()  # into the answer's own text


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDraft:
    """What one rater made of a session; `failure_code` says why it made nothing."""

    provider: str
    model: str
    input_hash: str
    prompt_version: str = ""
    prompt_hash: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: Decimal | None = None
    raw_output: Mapping[str, Any] | None = None
    dropped_evidence: int = 0
    ratings: Sequence[RatingDraft] = ()
    failure_code: str = ""


def current_run(session_id: UUID, provider: str, input_hash: str) -> AnalysisRun | None:
    """Return this rater's result on exactly this input, if it stands already."""
    return (
        AnalysisRun.objects.filter(
            session_id=session_id,
            provider=provider,
            input_hash=input_hash,
            is_current=True,
            failure_code="",
        )
        .defer("raw_output")
        .first()
    )


def save_evaluation(*, material: SessionMaterial, drafts: Sequence[RunDraft]) -> None:
    """Write the drafts as the current results. Inside the stage's settling transaction."""
    Session.objects.filter(pk=material.session_id, state=Session.State.SUBMITTED).update(
        state=Session.State.PROCESSING
    )
    for draft in drafts:
        _save_run(material, draft)


def _save_run(material: SessionMaterial, draft: RunDraft) -> None:
    AnalysisRun.objects.filter(
        session_id=material.session_id, provider=draft.provider, is_current=True
    ).update(is_current=False)
    run = AnalysisRun.objects.create(
        session_id=material.session_id,
        provider=draft.provider,
        model=draft.model,
        prompt_version=draft.prompt_version,
        prompt_hash=draft.prompt_hash,
        rubric_hash=material.rubric_hash,
        input_hash=draft.input_hash,
        tokens_in=draft.tokens_in,
        tokens_out=draft.tokens_out,
        cost_usd=draft.cost_usd,
        raw_output=None if draft.raw_output is None else dict(draft.raw_output),
        dropped_evidence=draft.dropped_evidence,
        failure_code=draft.failure_code,
    )
    ratings = Rating.objects.bulk_create(
        Rating(
            analysis=run,
            response_id=rating.answer.response_id,
            competency_id=rating.yardstick.competency_id,
            rubric_id=rating.yardstick.rubric_id,
            level=rating.level,
            rationale=rating.rationale,
        )
        for rating in draft.ratings
    )
    Evidence.objects.bulk_create(
        _evidence(row, rating.answer, span)
        for row, rating in zip(ratings, draft.ratings, strict=True)
        for span in rating.evidence
    )


def _evidence(rating: Rating, answer: AnswerMaterial, span: CharSpan) -> Evidence:
    times = times_of(span, answer.segments)
    return Evidence(
        rating=rating,
        quote=answer.text[span.start : span.end],
        start_char=span.start,
        end_char=span.end,
        start_ms=times.start_ms if times else None,
        end_ms=times.end_ms if times else None,
        is_approximate=times.is_approximate if times else False,
        verified=True,
    )

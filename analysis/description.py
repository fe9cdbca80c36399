"""Describe an answer's text, spoken or typed, and write the description down."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from analysis import keywords, text_metrics
from analysis.engines.base import Embedder
from analysis.models import TextMetrics
from analysis.text_metrics import Speech

Fields = dict[str, Any]


def describe(text: str, language: str, speech: Speech | None, embedder: Embedder) -> Fields:
    """Return the fields of TextMetrics for a text; `speech` is None for typed answers."""
    metrics = text_metrics.measure(text, language, speech)
    reasons = dict(metrics.reasons)
    found: list[dict[str, Any]] = []
    if keywords.has_stop_words(language):
        found = _keywords(text, language, embedder)
    else:
        reasons["keywords"] = f"no list of stop words for language '{language}'"
    return asdict(metrics) | {"keywords": found, "reasons": reasons}


def save_metrics(*, response_id: UUID, fields: Fields) -> None:
    """Write an answer's metrics over those of an earlier take."""
    TextMetrics.objects.update_or_create(response_id=response_id, defaults=fields)


def _keywords(text: str, language: str, embedder: Embedder) -> list[dict[str, Any]]:
    candidates = keywords.candidates(text, language)
    if not candidates:
        return []
    vectors = embedder.embed([c.text for c in candidates], "passage")
    whole = embedder.embed([text], "passage")[0]
    return [asdict(keyword) for keyword in keywords.choose(candidates, vectors, whole)]

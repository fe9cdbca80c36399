"""What is read of a session's rows: a shape per table, and from where to where each is asked for.

A shape fills the fields of its value with columns of the same name, or with those that `paths` and
`more` say; JSON stays text. Each is one prepared query for a whole session, or for one answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from django.db.models import JSONField, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce

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
)
from interviews.models import Anchor, QuestionCompetency, Response
from ops.prepared import PreparedRead
from ops.stored_json import StoredJson
from recordings.models import QualityReport, Recording, Rendition

Facts = dict[str, Any]
GIVEN: Final = ""  # in `paths`: no column, the selector knows it


class Shape:
    """One table's part of a result."""

    def __init__(
        self,
        kind: type,
        rows: QuerySet[Any],
        *,
        keys: tuple[str, ...],
        scopes: Mapping[str, str],
        paths: Mapping[str, str] | None = None,
    ) -> None:
        """Take the rows in their order, what they are kept by, and the lookups of each scope."""
        named = {field.name: field.name for field in fields(kind)} | dict(paths or {})
        self.kind = kind
        self._keys = keys
        self._columns = {name: path for name, path in named.items() if path != GIVEN}
        self._names = tuple(self._columns)
        columns = rows.model._meta.fields  # noqa: SLF001 - Django's own documented name
        stored = {column.name for column in columns if isinstance(column, JSONField)}
        self._json = tuple(name for name, path in self._columns.items() if path in stored)
        self._reads = {
            scope: PreparedRead(self._query(rows, lookup)) for scope, lookup in scopes.items()
        }

    def facts(self, scope: str, about: UUID) -> Iterable[tuple[Sequence[Any], Facts]]:
        """Yield each row's keys and the fields of its value that come from columns."""
        first = len(self._keys)
        for row in self._reads[scope].rows(about):
            found = dict(zip(self._names, row[first:], strict=True))
            for name in self._json:
                if found[name] is not None:
                    found[name] = StoredJson(found[name])
            yield row[:first], found

    def by_key(self, scope: str, about: UUID) -> dict[Any, Any]:
        """Return the value of each key that has one."""
        return {key: self.kind(**found) for (key,), found in self.facts(scope, about)}

    def lists(self, scope: str, about: UUID) -> Mapping[Any, tuple[Any, ...]]:
        """Return the values of each key in their order."""
        found = defaultdict(list)
        for (key,), each in self.facts(scope, about):
            found[key].append(self.kind(**each))
        return {key: tuple(values) for key, values in found.items()}

    def _query(self, rows: QuerySet[Any], lookup: str) -> Any:
        texts = {f"{name}_text": Cast(self._columns[name], TextField()) for name in self._json}
        columns = [
            f"{name}_text" if name in self._json else path for name, path in self._columns.items()
        ]
        return lambda about: (
            rows.filter(**{lookup: about}).annotate(**texts).values_list(*self._keys, *columns)
        )


OF_RECORDING = {"session": "session", "answer": "take__response__takes__recording"}
OF_PART = {scope: f"recording__{lookup}" for scope, lookup in OF_RECORDING.items()}

RECORDINGS = Shape(
    RecordingData,
    Recording.objects.order_by("take__number"),
    keys=("take__response_id",),
    scopes=OF_RECORDING,
    paths={
        "response_id": "take__response_id",
        "question_order": "take__response__question__order",
        "take_number": "take__number",
        "take_state": "take__state",
        "mode": "take__mode",
        "is_original_kept": "original_deleted_at",
        "failure": "failure_code",
        **dict.fromkeys(("is_answer", "is_archived", "renditions", "quality", "transcript"), GIVEN),
    },
)
RENDITIONS = Shape(
    RenditionData, Rendition.objects.order_by("pk"), keys=("recording_id",), scopes=OF_PART
)
QUALITIES = Shape(QualityData, QualityReport.objects.all(), keys=("recording_id",), scopes=OF_PART)
TRANSCRIPTS = Shape(
    TranscriptData, Transcript.objects.all(), keys=("recording_id",), scopes=OF_PART
)
ANSWERS = Shape(
    AnswerData,
    Response.objects.order_by("question__order"),
    keys=("pk",),
    scopes={"session": "session"},
    paths={
        "response_id": "pk",
        "order": "question__order",
        "kind": "question__kind",
        "question": "question__text",
        "is_required": "question__required",
        **dict.fromkeys(("text_metrics", "ratings", "recordings"), GIVEN),
    },
)
TEXT_METRICS = Shape(
    TextMetricsData,
    TextMetrics.objects.all(),
    keys=("response_id",),
    scopes={"session": "response__session"},
)
CURRENT = AnalysisRun.objects.filter(is_current=True)
COMPUTED = ("mean_level", "rated_count", "insufficient_count")
RATERS = Shape(
    RaterData,
    CURRENT.order_by("provider", "created_at"),
    keys=("pk",),
    scopes={"session": "session"},
    paths={"failure": "failure_code", **dict.fromkeys(COMPUTED, GIVEN)},
)
RATINGS = Shape(
    RatingData,
    Rating.objects.filter(analysis__is_current=True)
    .annotate(
        pinned_weight=Subquery(
            QuestionCompetency.objects.filter(
                question=OuterRef("response__question"), rubric=OuterRef("rubric")
            ).values("weight")[:1]
        ),
        anchor_text=Coalesce(
            Subquery(
                Anchor.objects.filter(rubric=OuterRef("rubric"), level=OuterRef("level")).values(
                    "text"
                )[:1]
            ),
            Value("", output_field=TextField()),
        ),
    )
    .order_by("analysis__provider", "analysis__created_at", "competency__name"),
    keys=("pk", "response_id"),
    scopes={"session": "analysis__session"},
    paths={
        "rater_id": "analysis_id",
        "competency": "competency__name",
        "weight": "pinned_weight",
        "anchor": "anchor_text",
        "evidence": GIVEN,
    },
)
EVIDENCE = Shape(
    EvidenceData,
    Evidence.objects.filter(rating__analysis__is_current=True).order_by("start_char"),
    keys=("rating_id",),
    scopes={"session": "rating__analysis__session"},
)

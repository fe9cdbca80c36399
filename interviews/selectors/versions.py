"""An interview's versions, frozen ones and the draft, as programs read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404

from interviews.models import Competency, Interview, InterviewVersion, RubricVersion
from interviews.readiness import questions_with_rubrics
from interviews.selectors.design import DesignedQuestion, designed
from ops.principals import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version, and how many sessions are on it."""

    number: int
    state: str
    published_at: datetime | None
    question_count: int
    session_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDesign(VersionRow):
    """A version with what it asks."""

    questions: tuple[DesignedQuestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What an answer at one level looks like."""

    level: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One version of a competency's anchored scale."""

    number: int
    published_at: datetime | None
    content_hash: str
    definition: str
    anchors: tuple[Level, ...]


def version_rows(interview: Interview) -> tuple[VersionRow, ...]:
    """Return the interview's versions, newest first."""
    return tuple(VersionRow(**facts(row)) for row in counted(interview).order_by("-number"))


def version_design(interview: Interview, number: int) -> VersionDesign:
    """Return one version with its questions.

    Raises: Http404
    """
    row = counted(interview).filter(number=number).first()
    if row is None:
        raise Http404
    questions = tuple(designed(each) for each in questions_with_rubrics(row))
    return VersionDesign(**facts(row), questions=questions)


def counted(interview: Interview) -> QuerySet[InterviewVersion]:
    return InterviewVersion.objects.filter(interview=interview).annotate(
        question_count=Count("questions", distinct=True),
        session_count=Count("sessions", distinct=True),
    )


def facts(row: InterviewVersion) -> dict[str, Any]:
    names = ("number", "state", "published_at", "question_count", "session_count")
    return {name: getattr(row, name) for name in names}


def scales(competency: Competency) -> tuple[Scale, ...]:
    """Return the competency's scales, newest first."""
    rows = RubricVersion.objects.filter(competency=competency).select_related("competency")
    return tuple(
        Scale(
            number=row.number,
            published_at=row.published_at,
            content_hash=row.content_hash,
            definition=row.meaning,
            anchors=tuple(Level(level=a.level, text=a.text) for a in row.anchors.all()),
        )
        for row in rows.order_by("-number").prefetch_related("anchors")
    )


def unknown_competencies(principal: Principal, ids: list[UUID]) -> set[UUID]:
    """Return which of these are no competencies of the principal's organization."""
    known = Competency.objects.visible_to(principal).filter(pk__in=ids)
    return set(ids) - set(known.values_list("pk", flat=True))


def competencies_of(principal: Principal, *, search: str) -> QuerySet[Competency]:
    """Return the competencies whose name or definition has the text, to be cut into pages."""
    rows = Competency.objects.visible_to(principal)
    return rows.filter(name__icontains=search) if search else rows

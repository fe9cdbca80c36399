"""Scorecards as values: what reviewers made of a session, and what it comes to. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

LEVELS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorData:
    """What an answer at one level looks like."""

    level: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A competency to be judged, on the scale that the session's version pins."""

    rubric_id: UUID
    competency_id: UUID
    competency: str
    definition: str
    anchors: tuple[AnchorData, ...]
    questions: tuple[int, ...]  # the orders of those that ask for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is said of one competency; neither a level nor insufficient: not rated yet."""

    level: int | None = None
    is_insufficient: bool = False
    note: str = ""

    @property
    def is_rated(self) -> bool:
        return self.level is not None or self.is_insufficient


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a reviewer has written so far: rubric -> mark."""

    note: str = ""
    recommendation: str = ""
    marks: Mapping[UUID, Mark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardRatingData:
    """A reviewer's mark beside what it is about."""

    rubric_id: UUID
    competency_id: UUID
    competency: str
    level: int | None
    is_insufficient: bool
    note: str

    @property
    def is_rated(self) -> bool:
        return self.level is not None or self.is_insufficient


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardData:
    """One scorecard; without an id nothing of it is stored yet."""

    id: UUID | None
    session_id: UUID
    reviewer: str
    is_mine: bool
    state: str
    edit_number: int
    note: str
    recommendation: str
    is_blind: bool
    supersedes: UUID | None
    reason: str
    submitted_at: datetime | None
    ratings: tuple[ScorecardRatingData, ...]

    @property
    def is_submitted(self) -> bool:
        return self.state == "submitted"

    @property
    def missing(self) -> tuple[str, ...]:
        """The competencies without a mark."""
        return tuple(rating.competency for rating in self.ratings if not rating.is_rated)

    @property
    def is_empty(self) -> bool:
        """Whether no competency has a mark: such a card can't be submitted."""
        return len(self.missing) == len(self.ratings)

    @property
    def draft(self) -> Draft:
        return Draft(
            note=self.note,
            recommendation=self.recommendation,
            marks={
                row.rubric_id: Mark(
                    level=row.level, is_insufficient=row.is_insufficient, note=row.note
                )
                for row in self.ratings
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyPanel:
    """What the submitted scorecards say of one competency."""

    rubric_id: UUID
    competency: str
    mean_level: float | None  # of 1..5, every reviewer alike; null while nobody gave a level
    rated_count: int
    insufficient_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProgress:
    """How many of a session's reviews are in."""

    assigned: int = 0
    submitted: int = 0  # by members to whom it is assigned
    unassigned: int = 0  # submitted by others

    @property
    def is_complete(self) -> bool:
        return 0 < self.assigned <= self.submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A session's scorecards as one member may see them.

    While `is_blind`, others' are left out and so are the machine's ratings: hers is not submitted.
    """

    is_blind: bool
    is_assigned: bool
    can_write: bool
    progress: ReviewProgress
    scales: tuple[Scale, ...]
    mine: ScorecardData | None  # her newest
    scorecards: tuple[ScorecardData, ...]  # submitted and in force
    superseded: tuple[ScorecardData, ...]
    competencies: tuple[CompetencyPanel, ...]


def panel(
    scales: Iterable[Scale], scorecards: Iterable[ScorecardData]
) -> tuple[CompetencyPanel, ...]:
    """Return the mean of each competency over the scorecards, and of how many it is."""
    cards = list(scorecards)
    found = []
    for scale in scales:
        marks = [row for card in cards for row in card.ratings if row.rubric_id == scale.rubric_id]
        levels = [row.level for row in marks if row.level is not None]
        found.append(
            CompetencyPanel(
                rubric_id=scale.rubric_id,
                competency=scale.competency,
                mean_level=round(sum(levels) / len(levels), 2) if levels else None,
                rated_count=len(levels),
                insufficient_count=sum(1 for row in marks if row.is_insufficient),
            )
        )
    return tuple(found)

"""Scorecards laid out as their form, their table and their printed page show them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from analysis.scorecards import (
    AnchorData,
    Draft,
    Mark,
    Review,
    Scale,
    ScorecardData,
    ScorecardRatingData,
)

INSUFFICIENT = "insufficient"
NOT_RATED = ""
RECOMMENDATIONS = ("strong_no", "no", "unsure", "yes", "strong_yes")
SUMMARY = "note"
RECOMMENDATION = "recommendation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleView:
    """A competency with what is chosen, and the names of its fields in the form."""

    scale: Scale
    choice: str  # "1" to "5", "insufficient", or "" for not rated yet
    note: str
    level_name: str
    note_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that two windows say differently."""

    field: str  # "note", "recommendation", "level" or "note of a competency"
    competency: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardFormView:
    """The form as it is to be shown: what was typed, and what came of it."""

    edit_number: int
    note: str
    recommendation: str
    scales: tuple[ScaleView, ...]
    is_amendment: bool
    reason: str
    can_discard: bool
    message: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What may be chosen; the first is none."""
        return ("", *RECOMMENDATIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRow:
    """A reviewer's mark with the words of its level."""

    rating: ScorecardRatingData
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardView:
    """A scorecard to be read."""

    card: ScorecardData
    rows: tuple[RatingRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRow:
    """A competency with a cell per scorecard."""

    competency: str
    cells: tuple[ScorecardRatingData, ...]
    mean_level: float | None
    rated_count: int
    insufficient_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """All that a session's page shows of its reviews."""

    review: Review
    form: ScorecardFormView | None  # while she may write
    mine: ScorecardView | None  # once hers is submitted
    cards: tuple[ScorecardView, ...]
    superseded: tuple[ScorecardView, ...]
    rows: tuple[PanelRow, ...]
    can_begin: bool

    @property
    def has_aside(self) -> bool:
        return bool(self.form or self.mine or self.can_begin)


def level_name(scale: Scale) -> str:
    return f"level-{scale.rubric_id}"


def note_name(scale: Scale) -> str:
    return f"note-{scale.rubric_id}"


def choice_of(mark: Mark | ScorecardRatingData) -> str:
    """Return a mark as the value of its radio button."""
    if mark.is_insufficient:
        return INSUFFICIENT
    return NOT_RATED if mark.level is None else str(mark.level)


def mark_of(choice: str, note: str) -> Mark:
    """Return the mark that a radio button's value means."""
    level = int(choice) if choice.isdigit() else None
    return Mark(level=level, is_insufficient=choice == INSUFFICIENT, note=note)


def typed_draft(data: Mapping[str, str], scales: Iterable[Scale]) -> Draft:
    """Return what was typed into the form, right or wrong, so that it can be shown again."""
    known = {str(level) for level in range(1, 6)} | {INSUFFICIENT}
    marks = {}
    for scale in scales:
        choice = data.get(level_name(scale), NOT_RATED)
        marks[scale.rubric_id] = mark_of(
            choice if choice in known else NOT_RATED, data.get(note_name(scale), "")
        )
    recommendation = data.get(RECOMMENDATION, "")
    return Draft(
        note=data.get(SUMMARY, ""),
        recommendation=recommendation if recommendation in RECOMMENDATIONS else "",
        marks=marks,
    )


def form_view(
    draft: Draft,
    review: Review,
    *,
    edit_number: int,
    message: str = "",
    differences: tuple[Difference, ...] = (),
) -> ScorecardFormView:
    """Lay out the form with what stands in it."""
    mine = review.mine
    return ScorecardFormView(
        edit_number=edit_number,
        note=draft.note,
        recommendation=draft.recommendation,
        scales=tuple(
            ScaleView(
                scale=scale,
                choice=choice_of(draft.marks.get(scale.rubric_id, Mark())),
                note=draft.marks.get(scale.rubric_id, Mark()).note,
                level_name=level_name(scale),
                note_name=note_name(scale),
            )
            for scale in review.scales
        ),
        is_amendment=bool(mine and mine.supersedes),
        reason=mine.reason if mine else "",
        can_discard=bool(mine) and (not review.is_assigned or bool(mine and mine.supersedes)),
        message=message,
        differences=differences,
    )


def differences(mine: Draft, stored: Draft, scales: Iterable[Scale]) -> tuple[Difference, ...]:
    """Return the fields in which two drafts differ."""
    found = []
    for scale in scales:
        one = mine.marks.get(scale.rubric_id, Mark())
        other = stored.marks.get(scale.rubric_id, Mark())
        for name, left, right in (
            ("level", choice_of(one), choice_of(other)),
            ("note_of", one.note, other.note),
        ):
            if left != right:
                found.append(
                    Difference(field=name, competency=scale.competency, mine=left, theirs=right)
                )
    for name in (SUMMARY, RECOMMENDATION):
        left, right = getattr(mine, name), getattr(stored, name)
        if left != right:
            found.append(Difference(field=name, competency="", mine=left, theirs=right))
    return tuple(found)


def review_view(review: Review) -> ReviewView:
    """Lay out a session's reviews."""
    mine = review.mine
    is_submitted = mine is not None and mine.is_submitted
    begins = review.can_write and not is_submitted and (mine is not None or review.is_assigned)
    anchors = {scale.rubric_id: scale.anchors for scale in review.scales}
    return ReviewView(
        review=review,
        form=form_view(
            mine.draft if mine else Draft(), review, edit_number=mine.edit_number if mine else 0
        )
        if begins and review.scales
        else None,
        mine=scorecard_view(mine, anchors) if mine is not None and is_submitted else None,
        cards=tuple(scorecard_view(card, anchors) for card in review.scorecards),
        superseded=tuple(scorecard_view(card, anchors) for card in review.superseded),
        rows=panel_rows(review),
        can_begin=review.can_write and mine is None and not begins and bool(review.scales),
    )


def scorecard_view(
    card: ScorecardData, anchors: Mapping[UUID, tuple[AnchorData, ...]]
) -> ScorecardView:
    return ScorecardView(
        card=card,
        rows=tuple(
            RatingRow(
                rating=row,
                anchor=next((a.text for a in anchors[row.rubric_id] if a.level == row.level), ""),
            )
            for row in card.ratings
        ),
    )


def panel_rows(review: Review) -> tuple[PanelRow, ...]:
    """Return the table of the submitted scorecards, a row per competency."""
    return tuple(
        PanelRow(
            competency=found.competency,
            cells=tuple(card.ratings[place] for card in review.scorecards),
            mean_level=found.mean_level,
            rated_count=found.rated_count,
            insufficient_count=found.insufficient_count,
        )
        for place, found in enumerate(review.competencies)
    )

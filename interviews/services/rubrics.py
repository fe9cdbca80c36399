"""Write competencies and their anchored scales; a scale that was published never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction

from interviews.models import (
    Anchor,
    Competency,
    InterviewVersion,
    QuestionCompetency,
    RubricVersion,
)
from interviews.services.edits import EditConflict
from ops.conflicts import StateConflict


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyDesign:
    """A competency as its designer writes it; `anchors` by level, empty where not yet written."""

    name: str
    definition: str = ""
    anchors: Mapping[int, str] = field(default_factory=dict)


def create_competency(*, organization_id: UUID, design: CompetencyDesign) -> Competency:
    """Create a competency with the first draft of its scale.

    Raises: StateConflict when the organization has one of that name.
    """
    try:
        with transaction.atomic():
            competency = Competency.objects.create(
                organization_id=organization_id, name=design.name, definition=design.definition
            )
            anchor(RubricVersion.objects.create(competency=competency, number=1), design.anchors)
    except IntegrityError as taken:
        raise name_taken() from taken
    return competency


def save_competency(*, competency: Competency, design: CompetencyDesign, edit_number: int) -> int:
    """Save a competency and its newest scale; return the number of this edit.

    What was published stays: a change of the scale or the definition then makes the next draft.

    Raises: EditConflict, StateConflict when another competency has that name.
    """
    try:
        with transaction.atomic():
            row = Competency.objects.select_for_update().get(pk=competency.pk)
            if row.edit_number != edit_number:
                raise EditConflict
            is_rewritten = row.definition != design.definition
            row.name, row.definition = design.name, design.definition
            row.edit_number += 1
            row.save()
            rubric = newest_rubric(row)
            is_rewritten |= anchors_of(rubric) != written(design.anchors)
            if rubric.published_at is not None and is_rewritten:
                rubric = next_rubric(rubric)
            if rubric.published_at is None:
                anchor(rubric, design.anchors)
    except IntegrityError as taken:
        raise name_taken() from taken
    return row.edit_number


def newest_rubric(competency: Competency) -> RubricVersion:
    """Return the newest scale, draft or published; an empty draft where there is none."""
    newest = competency.rubrics.order_by("-number").first()
    return newest or RubricVersion.objects.create(competency=competency, number=1)


def next_rubric(published: RubricVersion) -> RubricVersion:
    """Start the scale's next version, on which all drafts of interviews rate from now on."""
    following = RubricVersion.objects.create(
        competency_id=published.competency_id, number=published.number + 1
    )
    QuestionCompetency.objects.filter(
        rubric__competency_id=published.competency_id,
        question__version__state=InterviewVersion.State.DRAFT,
    ).update(rubric=following)
    return following


def anchors_of(rubric: RubricVersion) -> dict[int, str]:
    return dict(rubric.anchors.values_list("level", "text"))


def written(anchors: Mapping[int, str]) -> dict[int, str]:
    """Return the levels that are described."""
    return {level: text for level, text in anchors.items() if text}


def anchor(rubric: RubricVersion, anchors: Mapping[int, str]) -> None:
    """Write the draft scale's levels anew."""
    rubric.anchors.all().delete()
    Anchor.objects.bulk_create(
        Anchor(rubric=rubric, level=level, text=text) for level, text in written(anchors).items()
    )


def name_taken() -> StateConflict:
    return StateConflict("name_taken", "There is already a competency of this name.")

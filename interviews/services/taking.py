"""Take a suggested question into an interview's draft, and remember where it is from."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from interviews.models import Interview, InterviewQuestion, Question
from interviews.services.designing import QuestionDesign, insert_question, lock_draft, room_for_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What the organization's library says of a suggested question beside its text."""

    difficulty: str = Question.Difficulty.MEDIUM.value
    locale: str = "en"
    programming_language: str = ""
    topic: str = ""
    is_generated: bool = False  # written by a language model


def take_question(
    *,
    interview: Interview,
    design: QuestionDesign,
    provenance: Provenance,
    competency_id: UUID | None = None,
) -> InterviewQuestion:
    """Add a suggested question at the end of the draft, rated on the competency if one is named.

    Raises: StateConflict
    """
    if competency_id is not None:
        design = replace(design, weights={competency_id: 1.0})
    origin = Question.Origin.GENERATED if provenance.is_generated else Question.Origin.HUMAN
    with transaction.atomic():
        draft = lock_draft(interview)
        order = room_for_one(draft) + 1
        row = Question.objects.create(
            organization_id=interview.organization_id,
            kind=design.kind,
            text=design.text,
            difficulty=provenance.difficulty,
            locale=provenance.locale,
            programming_language=provenance.programming_language,
            topic=provenance.topic[:100],
            origin=origin,
        )
        return insert_question(draft, design, order=order, library_id=row.pk)

"""What a draft still needs before candidates can meet it: the editor tells, publishing holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from interviews.models import InterviewQuestion, InterviewVersion, RubricVersion
from interviews.models.design import LEVELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What stands between a draft and its publish, and where it can be put right."""

    code: str
    message: str
    question_id: UUID | None = None
    competency_id: UUID | None = None


def questions_with_rubrics(draft: InterviewVersion) -> list[InterviewQuestion]:
    return list(
        InterviewQuestion.objects.filter(version=draft).prefetch_related(
            "competencies__rubric__anchors", "competencies__rubric__competency"
        )
    )


def rubrics_of(questions: list[InterviewQuestion]) -> list[RubricVersion]:
    rubrics = {
        pinned.rubric.pk: pinned.rubric
        for question in questions
        for pinned in question.competencies.all()
    }
    return list(rubrics.values())


def problems_of(questions: list[InterviewQuestion]) -> Iterator[Problem]:
    """Tell what can't be answered or rated as it stands."""
    if not questions:
        yield Problem(code="no_questions", message="Add at least one question before you publish.")
    for question in questions:
        yield from question_problems(question)
    for rubric in rubrics_of(questions):
        if {anchor.level for anchor in rubric.anchors.all()} != set(LEVELS):
            yield Problem(
                code="rubric_incomplete",
                message=f"Describe all {len(LEVELS)} levels of {rubric.competency.name} first.",
                competency_id=rubric.competency_id,
            )


def question_problems(question: InterviewQuestion) -> Iterator[Problem]:
    if not question.text.strip():
        yield Problem(
            code="no_text",
            message=f"Write what question {question.order} asks.",
            question_id=question.pk,
        )
    if not question.modes:
        yield Problem(
            code="no_modes",
            message=f"Choose how question {question.order} may be answered.",
            question_id=question.pk,
        )
    weights = {pinned.weight for pinned in question.competencies.all()}
    if len(weights) > 1 and not question.weight_reason.strip():
        yield Problem(
            code="weights_unexplained",
            message=f"Write down why the competencies of question {question.order} "
            "count differently, or let them count the same.",
            question_id=question.pk,
        )

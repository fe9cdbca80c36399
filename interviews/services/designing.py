"""Design an interview: every save names the edit that it started from, so that nothing is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.http import Http404

from interviews.models import (
    Competency,
    Interview,
    InterviewQuestion,
    InterviewVersion,
    Question,
    QuestionCompetency,
)
from interviews.services.edits import EditConflict
from interviews.services.rubrics import newest_rubric
from ops import audit
from ops.conflicts import StateConflict

DRAFT = InterviewVersion.State.DRAFT
MOST_QUESTIONS = 50
DEFAULT_MODES = ("video", "audio", "text")
FREE_ORDER = 1000  # above every order in use: rows move there while they change places


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewSettings:
    """What holds for the whole interview."""

    title: str
    introduction: str = ""
    locale: str = "en"
    ai_mode: str = Interview.AiMode.ASSIST.value
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionDesign:
    """A question as its designer writes it; `weights` by competency id. Defaults are PRODUCT's."""

    text: str = ""
    kind: str = Question.Kind.BEHAVIOURAL.value
    think_time_s: int = 60
    answer_limit_s: int = 120
    max_takes: int = 2
    modes: tuple[str, ...] = DEFAULT_MODES
    required: bool = True
    weight_reason: str = ""
    weights: Mapping[UUID, float] = field(default_factory=dict)


def create_interview(
    *, organization_id: UUID, settings: InterviewSettings, actor: str = "system"
) -> Interview:
    """Create an interview with an empty first draft."""
    with transaction.atomic():
        interview = Interview.objects.create(organization_id=organization_id, **asdict(settings))
        InterviewVersion.objects.create(interview=interview, number=1)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="interview.created",
            subject_kind="interview",
            subject_id=interview.key,
        )
    return interview


def save_settings(*, interview: Interview, settings: InterviewSettings, edit_number: int) -> int:
    """Save what holds for the whole interview; return the number of this edit.

    Raises: EditConflict
    """
    saved = Interview.objects.filter(pk=interview.pk, edit_number=edit_number).update(
        edit_number=F("edit_number") + 1, **asdict(settings)
    )
    if not saved:
        raise EditConflict
    return edit_number + 1


def begin_draft(*, interview: Interview) -> InterviewVersion:
    """Return the draft to edit; after a publish it starts as a copy of what was published."""
    with transaction.atomic():
        row = Interview.objects.select_for_update().get(pk=interview.pk)
        newest = row.versions.order_by("-number").first()
        if newest is not None and newest.state == DRAFT:
            return newest
        draft = InterviewVersion.objects.create(
            interview=row, number=newest.number + 1 if newest else 1
        )
        if newest is not None:
            copy_questions(newest, draft)
    return draft


def discard_draft(*, interview: Interview) -> None:
    """Forget the changes made since the last publish.

    Raises: StateConflict when nothing was published yet, or nothing was changed since.
    """
    with transaction.atomic():
        draft = lock_draft(interview)
        if draft.number == 1:
            raise StateConflict("never_published", "This is the first version: there is no other.")
        draft.delete()


def add_question(*, interview: Interview, design: QuestionDesign) -> InterviewQuestion:
    """Add a question at the end of the draft.

    Raises: StateConflict
    """
    with transaction.atomic():
        draft = lock_draft(interview)
        return insert_question(draft, design, order=room_for_one(draft) + 1)


def save_question(
    *, interview: Interview, question_id: UUID, design: QuestionDesign, edit_number: int
) -> int:
    """Save a question of the draft; return the number of this edit.

    Raises: EditConflict, StateConflict, Http404
    """
    with transaction.atomic():
        question = lock_question(interview, question_id)
        if question.edit_number != edit_number:
            raise EditConflict
        for name in (each for each in asdict(design) if each != "weights"):
            setattr(question, name, getattr(design, name))
        question.modes = list(design.modes)
        question.edit_number += 1
        question.save()
        weigh(question, design.weights)
    return question.edit_number


def duplicate_question(*, interview: Interview, question_id: UUID) -> InterviewQuestion:
    """Put a copy of the question right after it.

    Raises: StateConflict, Http404
    """
    with transaction.atomic():
        question = lock_question(interview, question_id)
        last = room_for_one(question.version)
        ordered = list(question.version.questions.order_by("order"))
        copy = insert_question(
            question.version,
            design_of(question),
            order=last + 1,
            library_id=question.question_id,
        )
        ordered.insert(ordered.index(question) + 1, copy)
        number(ordered)
    return copy


def remove_question(*, interview: Interview, question_id: UUID) -> None:
    """Take the question out of the draft, where it can be brought back until the publish.

    Raises: StateConflict, Http404
    """
    with transaction.atomic():
        question = lock_question(interview, question_id)
        draft = question.version
        draft.removed = [*draft.removed, kept(question)]
        draft.save(update_fields=["removed"])
        question.delete()
        number(list(draft.questions.order_by("order")))


def restore_question(*, interview: Interview, question_id: UUID) -> InterviewQuestion:
    """Bring a removed question back to its place.

    Raises: StateConflict, Http404
    """
    with transaction.atomic():
        draft = lock_draft(interview)
        record = removed_record(draft, question_id)
        if record is None:
            raise Http404
        last = room_for_one(draft)
        question = insert_question(
            draft, restored(record["design"]), order=last + 1, pk=question_id
        )
        question.edit_number = record["edit_number"]
        question.save(update_fields=["edit_number"])
        ordered = list(draft.questions.order_by("order"))
        ordered.insert(record["order"] - 1, ordered.pop())
        number(ordered)
        draft.removed = [each for each in draft.removed if each["id"] != str(question_id)]
        draft.save(update_fields=["removed"])
    return question


def copy_questions(version: InterviewVersion, draft: InterviewVersion) -> None:
    """Have an empty draft ask what the version asks."""
    for question in version.questions.order_by("order"):
        insert_question(
            draft, design_of(question), order=question.order, library_id=question.question_id
        )


def lock_draft(interview: Interview) -> InterviewVersion:
    """Lock the interview until the transaction ends, and return its draft.

    Raises: StateConflict
    """
    Interview.objects.select_for_update().get(pk=interview.pk)
    draft = interview.versions.filter(state=DRAFT).order_by("number").last()
    if draft is None:
        raise StateConflict(
            "version_published", "This version was published. Start the next one to change it."
        )
    return draft


def lock_question(interview: Interview, question_id: UUID) -> InterviewQuestion:
    """Lock the interview, and return a question of its draft.

    Raises: StateConflict when it was removed or published meanwhile; Http404 for any other.
    """
    Interview.objects.select_for_update().get(pk=interview.pk)
    question = (
        InterviewQuestion.objects.select_related("version")
        .filter(pk=question_id, version__interview=interview)
        .first()
    )
    if question is None:
        versions = interview.versions.all()
        if any(removed_record(version, question_id) for version in versions):
            raise StateConflict("question_removed", "Somebody removed this question meanwhile.")
        raise Http404
    if question.version.state != DRAFT:
        raise StateConflict(
            "version_published", "This version was published. Start the next one to change it."
        )
    return question


def room_for_one(draft: InterviewVersion) -> int:
    """Return the last order in use.

    Raises: StateConflict when there are as many questions as an interview can have.
    """
    last = draft.questions.count()
    if last >= MOST_QUESTIONS:
        raise StateConflict(
            "too_many_questions", f"An interview has at most {MOST_QUESTIONS} questions."
        )
    return last


def insert_question(
    draft: InterviewVersion,
    design: QuestionDesign,
    *,
    order: int,
    pk: UUID | None = None,
    library_id: UUID | None = None,
) -> InterviewQuestion:
    values = {name: getattr(design, name) for name in asdict(design) if name != "weights"}
    values["modes"] = list(design.modes)
    question = InterviewQuestion(version=draft, order=order, question_id=library_id, **values)
    if pk is not None:
        question.pk = pk
    question.save(force_insert=True)
    weigh(question, design.weights)
    return question


def weigh(question: InterviewQuestion, weights: Mapping[UUID, float]) -> None:
    """Let the question show these competencies of its own organization, and no others."""
    organization_id = question.version.interview.organization_id
    competencies = Competency.objects.filter(
        pk__in=list(weights), organization_id=organization_id
    ).order_by("name")
    question.competencies.all().delete()
    QuestionCompetency.objects.bulk_create(
        QuestionCompetency(
            question=question, rubric=newest_rubric(competency), weight=weights[competency.pk]
        )
        for competency in competencies
    )


def number(ordered: Sequence[InterviewQuestion]) -> None:
    """Number the questions from 1 in this order, without two ever having the same number."""
    for start in (FREE_ORDER, 1):
        for order, question in enumerate(ordered, start=start):
            question.order = order
            question.save(update_fields=["order"])


def design_of(question: InterviewQuestion) -> QuestionDesign:
    """Return what the designer wrote."""
    return QuestionDesign(
        text=question.text,
        kind=question.kind,
        think_time_s=question.think_time_s,
        answer_limit_s=question.answer_limit_s,
        max_takes=question.max_takes,
        modes=tuple(question.modes),
        required=question.required,
        weight_reason=question.weight_reason,
        weights={
            each.rubric.competency_id: each.weight
            for each in question.competencies.select_related("rubric")
        },
    )


def kept(question: InterviewQuestion) -> dict[str, Any]:
    """Return the question as JSON that `restored` reads."""
    design = asdict(design_of(question))
    design["weights"] = {str(pk): weight for pk, weight in design["weights"].items()}
    return {
        "id": str(question.pk),
        "order": question.order,
        "edit_number": question.edit_number,
        "design": design,
    }


def restored(design: dict[str, Any]) -> QuestionDesign:
    """Read what `kept` wrote."""
    weights = {UUID(pk): weight for pk, weight in design["weights"].items()}
    return QuestionDesign(**{**design, "weights": weights, "modes": tuple(design["modes"])})


def removed_record(version: InterviewVersion, question_id: UUID) -> dict[str, Any] | None:
    return next((each for each in version.removed if each["id"] == str(question_id)), None)

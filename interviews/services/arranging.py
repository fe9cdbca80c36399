"""The order of a draft's questions: one step at a time, or all at once."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from interviews.models import Interview
from interviews.services.designing import lock_draft, lock_question, number
from ops.conflicts import StateConflict


def move_question(*, interview: Interview, question_id: UUID, step: int) -> None:
    """Let the question change places with the one before (-1) or after it (+1), if there is one.

    Raises: StateConflict, Http404
    """
    with transaction.atomic():
        question = lock_question(interview, question_id)
        ordered = list(question.version.questions.order_by("order"))
        place = ordered.index(question)
        target = place + step
        if 0 <= target < len(ordered):
            ordered[place], ordered[target] = ordered[target], ordered[place]
            number(ordered)


def order_questions(*, interview: Interview, question_ids: Sequence[UUID]) -> None:
    """Put the draft's questions in this order, which names each of them once.

    Raises: StateConflict when it does not: somebody added or removed one meanwhile.
    """
    with transaction.atomic():
        draft = lock_draft(interview)
        questions = {question.pk: question for question in draft.questions.all()}
        if sorted(questions) != sorted(question_ids):
            raise StateConflict(
                "questions_changed",
                "These are not the questions of the draft, each once. Read them again.",
            )
        number([questions[pk] for pk in question_ids])

"""Answering: type, skip, or say that a recording is the answer."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from interviews.answer_states import answer_state, is_given
from interviews.models import Response, Session, Take
from interviews.selectors import granted_scopes
from interviews.services.locks import current_run, lock_answerable
from ops import progress
from ops.conflicts import StateConflict

MAX_TEXT_CHARS = 20_000  # about 3,000 words; a typed answer, not an upload


def submit_text(*, response: Response, text: str, now: datetime) -> Response:
    """Make `text` the answer; until the session is submitted it may be replaced.

    Raises: StateConflict
    """
    words = text.replace("\r\n", "\n").strip()  # browsers send two characters where she sees one
    if not words:
        raise StateConflict("answer_empty", "Write your answer before you send it.")
    if len(words) > MAX_TEXT_CHARS:
        raise StateConflict(
            "answer_too_long", f"Shorten your answer to {MAX_TEXT_CHARS:,} characters or fewer."
        )
    with transaction.atomic():
        session = lock_answerable(response.session_id, now=now)
        answer = lock_response(response)
        refuse_mode(answer, "text")
        refuse_recorded(answer)
        answer.mode, answer.text = "text", words
        settle_response(answer, state=Response.State.SUBMITTED, session=session, now=now)
    return answer


def skip_response(*, response: Response, now: datetime) -> Response:
    """Leave an optional question without an answer.

    Raises: StateConflict
    """
    with transaction.atomic():
        session = lock_answerable(response.session_id, now=now)
        answer = lock_response(response)
        if answer.state == Response.State.SKIPPED:
            return answer
        if answer.question.required:
            raise StateConflict(
                "question_required", f"Question {answer.question.order} needs an answer."
            )
        refuse_recorded(answer)
        answer.mode, answer.text = "", ""
        settle_response(answer, state=Response.State.SKIPPED, session=session, now=now)
    return answer


def submit_response(*, response: Response, now: datetime) -> Response:
    """Make the latest take that reached the server the answer; saying so twice changes nothing.

    Raises: StateConflict
    """
    begun_at = response.takes.aggregate(last=Max("started_at"))["last"]
    with transaction.atomic():
        session = lock_answerable(response.session_id, now=now, begun_at=begun_at)
        answer = lock_response(response)
        if "recording" not in granted_scopes(session.pk):
            raise StateConflict(
                "consent_missing", "Agree to being recorded before you send a recording."
            )
        take = received_take(answer)
        if take is None:
            raise StateConflict(
                "answer_not_received",
                f"The recording of question {answer.question.order} has not arrived yet.",
            )
        if answer.state == Response.State.SUBMITTED and answer.mode == take.mode:
            return answer
        answer.mode, answer.text = take.mode, ""
        settle_response(answer, state=Response.State.SUBMITTED, session=session, now=now)
    return answer


def reopen_response(*, response: Response) -> bool:
    """Open a sent answer again when none of its takes turned out usable; return whether it was.

    The caller has a transaction open and has just failed a take.
    """
    answer = lock_response(response)
    lost = answer_state(response=answer.state, mode=answer.mode, takes=take_states(answer))
    if lost != "failed":
        return False
    answer.state = Response.State.OPEN
    answer.submitted_at = None
    answer.save(update_fields=["state", "submitted_at"])
    return True


def lock_response(response: Response) -> Response:
    return (
        Response.objects.select_for_update(of=("self",))
        .select_related("question")
        .get(pk=response.pk)
    )


def take_states(answer: Response) -> list[str]:
    return list(answer.takes.values_list("state", flat=True))


def received_take(answer: Response) -> Take | None:
    """Return the newest take whose bytes the server has."""
    received = (Take.State.VERIFYING, Take.State.SAVED)
    return answer.takes.filter(state__in=received).order_by("number").last()


def refuse_mode(answer: Response, mode: str) -> None:
    if mode not in answer.question.modes:
        raise StateConflict(
            "mode_not_offered",
            f"Question {answer.question.order} can't be answered as {mode}.",
        )


def refuse_recorded(answer: Response) -> None:
    """A recording that was sent stays the answer: it can't be typed over or skipped."""
    state = answer_state(response=answer.state, mode=answer.mode, takes=take_states(answer))
    if state == "uploading":
        raise StateConflict("upload_running", "Wait until your recording has been sent.")
    if is_given(state) and received_take(answer) is not None:
        raise StateConflict("already_answered", "Your recording is already your answer.")


def settle_response(answer: Response, *, state: str, session: Session, now: datetime) -> None:
    """Write the answer's end and tell the board, in the caller's transaction."""
    answer.state = state
    answer.submitted_at = now
    answer.save(update_fields=["state", "mode", "text", "submitted_at"])
    progress.record_event(
        run_id=current_run(session.pk).pk,
        type="answer",
        payload={
            "response_id": str(answer.pk),
            "question": answer.question.order,
            "state": answer.state,
            "mode": answer.mode,
        },
    )

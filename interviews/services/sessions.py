"""A session from the opened link to the submitted interview."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from interviews.answer_states import RECORDED_MODES, AnswerState, answer_state, is_given
from interviews.models import (
    ConsentRecord,
    Interview,
    InterviewQuestion,
    InterviewVersion,
    Invitation,
    Response,
    Session,
)
from interviews.notices import consent_notice
from interviews.permissions import is_over
from interviews.selectors import granted_scopes, offered_scopes
from interviews.services.answers import received_take, settle_response
from interviews.services.locks import SUBJECT_KIND, SUBMITTED_STATES, current_run, lock_session
from interviews.services.openings import note_opened
from ops import caches, jobs, progress
from ops.conflicts import StateConflict


def start_session(*, invitation: Invitation, now: datetime) -> Session:
    """Return the session of a personal link, made at its first use with an open run.

    Raises: StateConflict when the interview takes no more candidates.
    """
    with transaction.atomic():
        row = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("interview", "candidate")
            .get(pk=invitation.pk)
        )
        session = Session.objects.filter(invitation=row).first()
        if session is not None:
            return session
        version = row.interview.versions.filter(state=InterviewVersion.State.PUBLISHED).last()
        if version is None or row.candidate is None:
            raise StateConflict("interview_closed", "This interview takes no more answers.")
        session = Session.objects.create(
            organization_id=row.interview.organization_id,
            version=version,
            candidate=row.candidate,
            external_id=row.candidate.external_id,
            invitation=row,
            ai_mode=row.interview.ai_mode,
            started_at=now,
            deadline_at=row.expires_at,
        )
        questions = list(version.questions.all())
        Response.objects.bulk_create(
            Response(session=session, question=question) for question in questions
        )
        note_opened(invitation=row, now=now)  # a browser without script has not said so
        jobs.open_run(
            organization_id=session.organization_id,
            subject_kind=SUBJECT_KIND,
            subject_id=session.pk,
            board=row.interview.key,
            expected_recordings=recordable(questions),
        )
    return session


def recordable(questions: list[InterviewQuestion]) -> int:
    """Count the questions that are likely to bring a recording."""
    return sum(1 for question in questions if set(question.modes) & set(RECORDED_MODES))


def record_consents(
    *, session: Session, granted: dict[str, bool], now: datetime, notice_hash: str = ""
) -> Session:
    """Append the candidate's yes or no to every scope offered; a scope not named is a no.

    Without `recording` the session is declined. A yes that was given may be taken back at any
    time: what is not done yet is then not done. `notice_hash` is of the notice that she read, where
    the client knows it: one that changed meanwhile must be read again.

    Raises: StateConflict
    """
    with transaction.atomic():
        row = lock_session(session.pk)
        interview = row.version.interview
        scopes = offered_scopes(interview)
        answers = {scope: granted.get(scope, False) for scope in scopes}
        refuse_new_yes_too_late(row, answers, now=now)
        notice = consent_notice(interview)
        if notice_hash not in ("", notice.content_hash):
            raise StateConflict(
                "notice_changed", "The notice has changed. Please read it again and answer."
            )
        ConsentRecord.objects.bulk_create(
            ConsentRecord(
                session=row,
                scope=scope,
                granted=answer,
                notice_version=notice.version,
                notice_hash=notice.content_hash,
            )
            for scope, answer in answers.items()
        )
        if not all(answers.values()):
            caches.forget_subject(subject_id=row.pk)  # what an earlier yes has left there
        row.ai_mode = (
            interview.ai_mode if answers.get("ai_analysis", False) else Interview.AiMode.OFF
        )
        row.state = state_after_consent(row, is_recording_granted=answers["recording"])
        row.save(update_fields=["ai_mode", "state"])
        progress.record_event(
            run_id=current_run(row.pk).pk,
            type="consent",
            payload={"scopes": answers, "notice_version": notice.version},
        )
    return row


def refuse_new_yes_too_late(row: Session, answers: dict[str, bool], *, now: datetime) -> None:
    """After the end consent can be taken back, never widened; a withdrawal is the last word."""
    if row.state == Session.State.WITHDRAWN:
        raise StateConflict("session_withdrawn", "You have withdrawn from this interview.")
    is_ended = row.state in SUBMITTED_STATES or is_over(row, now=now)
    widened = {scope for scope, answer in answers.items() if answer} - granted_scopes(row.pk)
    if is_ended and widened:
        raise StateConflict(
            "session_over", "This interview has ended: consent can only be taken back."
        )


def state_after_consent(row: Session, *, is_recording_granted: bool) -> str:
    """Return the session's state once the answer on recording is known."""
    if row.state in (*SUBMITTED_STATES, Session.State.EXPIRED):
        return row.state
    if not is_recording_granted:
        return Session.State.DECLINED
    if row.state == Session.State.IN_PROGRESS:
        return row.state
    return Session.State.CONSENTED


def submit_session(*, session: Session, now: datetime) -> Session:
    """Hand the interview in: every required question answered, nothing still on its way.

    Doing it twice gives the same answer. Seals the run, which starts what waits for the end.

    Raises: StateConflict
    """
    with transaction.atomic():
        row = lock_session(session.pk)
        if row.state in SUBMITTED_STATES:
            return row
        if row.state == Session.State.WITHDRAWN:
            raise StateConflict("session_withdrawn", "You have withdrawn from this interview.")
        if row.state not in Session.ANSWERABLE:
            raise StateConflict("consent_missing", "Read and answer the consent questions first.")
        if is_over(row, now=now):
            raise StateConflict("session_over", "The time for this interview is over.")
        taken = take_answers(row, now=now, is_complete=True)
        hand_in(row, recordings=taken.recordings, now=now)
    return row


def hand_in(row: Session, *, recordings: int, now: datetime) -> None:
    """Make a locked session submitted and seal its run, in the caller's transaction."""
    row.state = Session.State.SUBMITTED
    row.submitted_at = now
    row.save(update_fields=["state", "submitted_at"])
    run = current_run(row.pk)
    progress.record_event(run_id=run.pk, type="submitted", payload={"recordings": recordings})
    jobs.seal(run_id=run.pk, recordings=recordings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a session has to show: questions with an answer, and recordings of them."""

    answers: int
    recordings: int


def take_answers(session: Session, *, now: datetime, is_complete: bool) -> Taken:
    """Take what arrived unsaid as sent; with `is_complete` nothing may be missing.

    Raises: StateConflict naming the first question that stands in the way.
    """
    answers = recordings = 0
    responses = (
        session.responses.select_for_update(of=("self",))
        .select_related("question")
        .prefetch_related("takes")
        .order_by("question__order")
    )
    for response in responses:
        takes = [take.state for take in response.takes.all()]
        state = answer_state(response=response.state, mode=response.mode, takes=takes)
        if is_complete:
            refuse_unfinished(response.question, state)
        answers += is_given(state)
        if is_given(state) and response.state == Response.State.OPEN:
            take = received_take(response)
            response.mode = take.mode if take else response.mode
            settle_response(response, state=Response.State.SUBMITTED, session=session, now=now)
        recordings += sum(1 for take in takes if take in ("verifying", "saved"))
    return Taken(answers=answers, recordings=recordings)


def refuse_unfinished(question: InterviewQuestion, state: AnswerState) -> None:
    """Raises: StateConflict naming the question that is on its way or still needs an answer."""
    if state == "uploading":
        raise StateConflict(
            "upload_running", f"Question {question.order} is still being sent. Wait a moment."
        )
    if state in ("open", "failed", "skipped") and question.required:
        raise StateConflict(
            "answer_missing", f"Question {question.order} still needs an answer: {question.text}"
        )

"""One try at an answer: start it, give it up, or say that the technique failed."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Sum

from interviews.models import Response, Take
from interviews.selectors import granted_scopes
from interviews.services.locks import lock_answerable
from ops.conflicts import StateConflict
from recordings.models import Upload

RECORDED_MODES = ("audio", "video")
UNSENT = (Take.State.THINKING, Take.State.RECORDING, Take.State.UPLOADING)
MAX_TAKES_EVER = 50  # also uncounted ones: a bound on rows, far beyond any honest use


def start_take(*, response: Response, mode: str, now: datetime) -> Take:
    """Begin the next take of an open response.

    Raises: StateConflict
    """
    with transaction.atomic():
        lock_answerable(response.session_id, now=now)
        answer = _locked(response)
        _refuse_start(answer, mode)
        used = answer.takes.filter(is_counted=True).count()
        if used >= takes_allowed(answer, now=now):
            raise StateConflict("no_takes_left", "Every take of this question has been used.")
        last = answer.takes.aggregate(last=Max("number"))["last"] or 0
        if last >= MAX_TAKES_EVER:
            raise StateConflict("no_takes_left", "This question was tried too many times.")
        return Take.objects.create(
            response=answer,
            number=last + 1,
            mode=mode,
            state=Take.State.RECORDING,
            started_at=now,
        )


def takes_allowed(response: Response, *, now: datetime) -> int:
    """Return how many counted takes the question and the session's accommodations give."""
    accommodations = response.session.accommodations.filter(starts_at__lte=now)
    extra = accommodations.aggregate(extra=Sum("extra_takes"))["extra"] or 0
    return response.question.max_takes + extra


def fail_take(*, take: Take, reason: str, now: datetime) -> Take:
    """Note that the technique failed before the recording arrived: the take is not counted.

    Raises: StateConflict when the recording has arrived or was discarded.
    """
    with transaction.atomic():
        row = _lock_take(take, now=now)
        if row.state == Take.State.TECHNICAL_FAILED:
            return row
        if row.state not in UNSENT:
            raise StateConflict("take_ended", "This take has already ended.")
        row.state = Take.State.TECHNICAL_FAILED
        row.is_counted = False
        row.failure_code = reason
        row.save(update_fields=["state", "is_counted", "failure_code"])
        revoke_uploads(row, now=now)
    return row


def discard_take(*, take: Take, now: datetime) -> Take:
    """Throw a take away in favour of another one; it stays counted.

    Raises: StateConflict when its response was sent or the take failed.
    """
    with transaction.atomic():
        row = _lock_take(take, now=now)
        if row.state == Take.State.DISCARDED:
            return row
        if row.state == Take.State.TECHNICAL_FAILED:
            raise StateConflict("take_ended", "This take has already ended.")
        if row.response.state != Response.State.OPEN:
            raise StateConflict("response_closed", "This question has already been answered.")
        row.state = Take.State.DISCARDED
        row.save(update_fields=["state"])
        revoke_uploads(row, now=now)
    return row


def revoke_uploads(take: Take, *, now: datetime) -> None:
    """End every grant of the take that has brought nothing yet; its URL dies with it."""
    take.uploads.filter(state=Upload.State.GRANTED, revoked_at=None).update(
        revoked_at=now, state=Upload.State.ABORTED
    )


def _refuse_start(response: Response, mode: str) -> None:
    if response.state != Response.State.OPEN:
        raise StateConflict("response_closed", "This question has already been answered.")
    if mode not in RECORDED_MODES or mode not in response.question.modes:
        raise StateConflict("mode_not_offered", f"This question can't be answered as {mode}.")
    if "recording" not in granted_scopes(response.session_id):
        raise StateConflict("consent_missing", "Agree to being recorded before you record.")


def _locked(response: Response) -> Response:
    return (
        Response.objects.select_for_update(of=("self",))
        .select_related("question", "session")
        .get(pk=response.pk)
    )


def _lock_take(take: Take, *, now: datetime) -> Take:
    lock_answerable(take.response.session_id, now=now, begun_at=take.started_at)
    return (
        Take.objects.select_for_update(of=("self",))
        .select_related("response__session")
        .get(pk=take.pk)
    )

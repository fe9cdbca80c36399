"""How bytes become a recording: a grant, the transfer, and the client's word that it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from interviews.models import Session, Take
from interviews.services.locks import SUBJECT_KIND, lock_answerable, lock_session
from ops import jobs, progress
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from recordings.media import CONTENT_TYPES
from recordings.models import Recording, Upload
from recordings.services.takes import UNSENT, revoke_uploads
from recordings.storage import LocalStore, get_store, original_key
from recordings.transfer_tokens import transfer_url

ABANDONED_AFTER = timedelta(minutes=15)  # received, but nobody said that it is complete
PARTIAL_AFTER = timedelta(hours=1)  # no transfer lasts so long
STALE_BATCH = 200
# An upload that was under way when the interview was submitted still counts.
RECEIVING_STATES = (*Session.ANSWERABLE, Session.State.SUBMITTED, Session.State.PROCESSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadGrant:
    """Where and how the one PUT of an upload goes."""

    upload_id: UUID
    method: Literal["PUT"]
    url: str  # a path of this site; object stores elsewhere give a whole URL
    headers: Mapping[str, str]
    expires_at: datetime


def base_type(content_type: str) -> str:
    """Return a content type without its parameters: `video/webm;codecs=vp9` -> `video/webm`."""
    return content_type.split(";", 1)[0].strip().lower()


def grant_upload(
    *, take: Take, size_bytes: int, content_type: str, sha256: str, now: datetime
) -> UploadGrant:
    """Allow one PUT of exactly this size and type; an earlier grant of the take ends.

    Raises:
        StateConflict: the session, or the take, takes no upload now.
        StageFailure: media_too_large, media_type_refused, session_quota_full, invalid_media.

    """
    kind = base_type(content_type)
    _refuse_facts(size_bytes, kind)
    with transaction.atomic():
        session = lock_answerable(take.response.session_id, now=now, begun_at=take.started_at)
        row = Take.objects.select_for_update(of=("self",)).get(pk=take.pk)
        if row.state not in UNSENT:
            raise StateConflict("take_ended", "This take has already ended.")
        if row.uploads.filter(state=Upload.State.RECEIVED).exists():
            raise StateConflict("upload_received", "The recording is here: complete its upload.")
        revoke_uploads(row, now=now)
        _refuse_over_quota(session, size_bytes, now=now)
        upload = Upload(
            take=row,
            storage_type=get_store().kind,
            content_type=kind,
            size_bytes=size_bytes,
            sha256=sha256.lower(),
            expires_at=now + timedelta(seconds=settings.UPLOAD_GRANT_S),
        )
        upload.object_key = original_key(session.organization_id, upload.pk)
        upload.save()
        row.state = Take.State.UPLOADING
        row.save(update_fields=["state"])
    return UploadGrant(
        upload_id=upload.pk,
        method="PUT",
        url=transfer_url("put", upload.pk, upload.expires_at),
        headers={"Content-Type": kind},
        expires_at=upload.expires_at,
    )


def complete_upload(*, upload: Upload, now: datetime) -> Recording:  # noqa: ARG001 - as its like
    """Turn a received upload into a recording and enqueue its stages; twice gives the same one.

    Raises:
        StateConflict: the bytes are not here, or the session has moved on.
        StageFailure: invalid_media when they are not what was promised; media_missing.

    """
    recording = Recording.objects.filter(take_id=upload.take_id).first()
    if upload.state == Upload.State.COMPLETED and recording is not None:
        return recording
    if upload.state == Upload.State.RECEIVED:
        _check_received(upload)  # asks the storage: outside the transaction
    with transaction.atomic():
        session = lock_session(upload.take.response.session_id)
        row = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        take = Take.objects.select_for_update(of=("self",)).get(pk=row.take_id)
        if row.state == Upload.State.COMPLETED:
            return Recording.objects.get(take=take)
        if row.state != Upload.State.RECEIVED or row.revoked_at is not None:
            raise StateConflict("upload_not_received", "The recording has not arrived yet.")
        if session.state not in RECEIVING_STATES or take.state != Take.State.UPLOADING:
            raise StateConflict("take_ended", "This take has already ended.")
        return _recorded(session, take, row)


def _recorded(session: Session, take: Take, upload: Upload) -> Recording:
    """Write the recording, and what follows from it, in the caller's transaction."""
    recording = Recording.objects.create(
        session=session,
        take=take,
        storage_type=upload.storage_type,
        object_key=upload.object_key,
        content_type=upload.content_type,
        size_bytes=upload.size_bytes,
        sha256=upload.received_sha256,
    )
    take.state = Take.State.VERIFYING
    take.save(update_fields=["state"])
    upload.state = Upload.State.COMPLETED
    upload.save(update_fields=["state"])
    run = jobs.open_run(
        organization_id=session.organization_id,
        subject_kind=SUBJECT_KIND,
        subject_id=session.pk,
        board=session.version.interview.key,
        expected_recordings=session.responses.count(),
    )
    progress.record_event(
        run_id=run.pk,
        type="upload",
        payload={
            "recording_id": str(recording.pk),
            "response_id": str(take.response_id),
            "take": take.number,
            "bytes": recording.size_bytes,
        },
    )
    jobs.add_recording(run_id=run.pk, subject_id=recording.pk)
    return recording


def abort_stale_uploads(now: datetime) -> dict[str, int]:
    """Complete what arrived whole but was never completed; end grants that brought nothing.

    The tab of a candidate may die between the last byte and the word that it was the last.
    """
    counts = {"completed": 0, "aborted": 0, "partial_files": 0}
    received = Upload.objects.filter(
        state=Upload.State.RECEIVED, expires_at__lt=now - ABANDONED_AFTER
    ).select_related("take__response")
    for upload in received[:STALE_BATCH]:
        try:
            complete_upload(upload=upload, now=now)
            counts["completed"] += 1
        except (StateConflict, StageFailure) as error:
            _abort(upload, code=error.code)
            counts["aborted"] += 1
    counts["aborted"] += Upload.objects.filter(
        state=Upload.State.GRANTED, expires_at__lt=now
    ).update(state=Upload.State.ABORTED, revoked_at=now)
    store = get_store()
    if isinstance(store, LocalStore):
        counts["partial_files"] = store.remove_leftovers(now - PARTIAL_AFTER)
    return counts


def _abort(upload: Upload, *, code: str) -> None:
    """End an upload that can never become a recording, and free its bytes."""
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(state=Upload.State.ABORTED)
        Take.objects.filter(pk=upload.take_id, state=Take.State.UPLOADING).update(
            state=Take.State.TECHNICAL_FAILED, is_counted=False, failure_code=code
        )
    get_store().delete(upload.object_key)


def _check_received(upload: Upload) -> None:
    """Ask the storage again: the transfer's word is not enough."""
    store = get_store()
    if not store.exists(upload.object_key):
        raise StageFailure("media_missing", f"upload {upload.pk}")
    if store.size(upload.object_key) != upload.size_bytes:
        raise StageFailure("invalid_media", "the stored size is not the promised one")
    if upload.sha256 and upload.sha256 != upload.received_sha256:
        _abort_for_again(upload)
        raise StageFailure("invalid_media", "the bytes are not the promised ones")


def _abort_for_again(upload: Upload) -> None:
    """End the upload but leave its take open: the candidate still has the recording."""
    Upload.objects.filter(pk=upload.pk).update(state=Upload.State.ABORTED)
    get_store().delete(upload.object_key)


def _refuse_facts(size_bytes: int, kind: str) -> None:
    if size_bytes < 1:
        raise StageFailure("invalid_media", "the file is empty")
    if size_bytes > settings.MAX_UPLOAD_BYTES:
        raise StageFailure("media_too_large", f"{size_bytes} bytes")
    if kind not in CONTENT_TYPES:
        raise StageFailure("media_type_refused", kind)


def _refuse_over_quota(session: Session, size_bytes: int, *, now: datetime) -> None:
    """Refuse what would make all of the session's uploads larger than its quota."""
    uploads = Upload.objects.filter(take__response__session=session)
    live = uploads.filter(state=Upload.State.GRANTED, expires_at__gt=now)
    kept = uploads.filter(state__in=(Upload.State.RECEIVED, Upload.State.COMPLETED))
    used = (live | kept).aggregate(total=Sum("size_bytes"))["total"] or 0
    if used + size_bytes > settings.SESSION_QUOTA_BYTES:
        raise StageFailure("session_quota_full", f"{used} bytes are used")

"""How bytes that arrived become a recording: the store is asked, and believed in nothing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from interviews.models import Session, Take
from interviews.services.locks import SUBJECT_KIND, lock_session
from ops import jobs, progress
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from recordings.models import Recording, Upload
from recordings.objects import count, count_bytes
from recordings.parts import cuts
from recordings.services.uploads import charged, store_of
from recordings.storage import ObjectFacts, Store

# An upload that was under way when the interview was submitted still counts.
RECEIVING_STATES = (*Session.ANSWERABLE, Session.State.SUBMITTED, Session.State.PROCESSING)


def complete_upload(*, upload: Upload, now: datetime) -> Recording:  # noqa: ARG001 - as its like
    """Turn what arrived into a recording and enqueue its stages; twice gives the same one.

    Raises:
        StateConflict: the bytes are not here, or the session has moved on.
        StageFailure: invalid_media when they are not what was promised; media_missing; what an
            unreachable storage is called.

    """
    recording = Recording.objects.filter(take_id=upload.take_id).first()
    if upload.state == Upload.State.COMPLETED and recording is not None:
        return recording
    if upload.state in (Upload.State.GRANTED, Upload.State.RECEIVED) and not upload.revoked_at:
        with charged(upload.take.response.session):
            _receive(upload)  # asks the storage: outside the transaction
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
        with charged(session):
            _count_transfer(row)
        return _recorded(session, take, row)


def mark_received(*, upload_id: UUID, sha256: str) -> bool:
    """Note that every byte is stored; False when the grant ended or was used meanwhile."""
    return bool(
        Upload.objects.filter(pk=upload_id, state=Upload.State.GRANTED, revoked_at=None).update(
            state=Upload.State.RECEIVED, received_sha256=sha256
        )
    )


def _receive(upload: Upload) -> None:
    """Ask the store what it has; the word of a client, or of a transfer, is not enough."""
    store = store_of(upload)
    is_assembled = upload.state == Upload.State.RECEIVED or not upload.multipart_id
    learnt = upload.received_sha256 if is_assembled else _assemble(store, upload)
    try:
        facts = store.head(upload.object_key)
    except FileNotFoundError as error:
        if upload.state == Upload.State.RECEIVED:
            raise StageFailure("media_missing", f"upload {upload.pk}") from error
        raise StateConflict("upload_not_received", "The recording has not arrived yet.") from error
    sha256 = facts.sha256 or learnt
    fault = _fault(upload, facts, sha256)
    if fault:
        _abort_for_again(upload, store)
        raise StageFailure("invalid_media", fault)
    mark_received(upload_id=upload.pk, sha256=sha256)


def _count_transfer(upload: Upload) -> None:
    """Count what the browser sent past us: its PUTs are on the bill, too."""
    puts = sum(1 for _ in cuts(upload.size_bytes, upload.part_bytes)) if upload.part_bytes else 1
    count("put", times=puts, provider=upload.storage_type)
    count_bytes("in", upload.size_bytes, provider=upload.storage_type)


def _assemble(store: Store, upload: Upload) -> str:
    """Make one object of the parts; return its hash where the store learns it. Twice is fine."""
    try:
        parts = store.list_parts(upload.object_key, upload.multipart_id)
    except FileNotFoundError:  # done before, and the answer got lost; or aborted: `head` tells
        return ""
    have = {part.number: part.size_bytes for part in parts}
    wanted = {cut.number: cut.size_bytes for cut in cuts(upload.size_bytes, upload.part_bytes)}
    lacking = [number for number, size in wanted.items() if have.get(number) != size]
    if lacking:
        numbers = ", ".join(map(str, lacking[:10]))
        raise StateConflict("upload_not_received", f"These parts have not arrived yet: {numbers}.")
    try:
        return store.complete_multipart(
            upload.object_key, upload.multipart_id, [p for p in parts if p.number in wanted]
        )
    except (FileExistsError, FileNotFoundError):  # another call was quicker: `head` tells
        return ""


def _fault(upload: Upload, facts: ObjectFacts, sha256: str) -> str:
    """Return in what the object differs from what was promised, "" for nothing that shows."""
    if facts.size_bytes != upload.size_bytes:
        return "the stored size is not the promised one"
    if facts.content_type and facts.content_type != upload.content_type:
        return "the stored type is not the promised one"
    if upload.sha256 and sha256 and upload.sha256 != sha256:
        return "the bytes are not the promised ones"
    return ""


def _abort_for_again(upload: Upload, store: Store) -> None:
    """End the upload but leave its take open: the candidate still has the recording."""
    Upload.objects.filter(pk=upload.pk).update(state=Upload.State.ABORTED)
    store.delete(upload.object_key)


def _recorded(session: Session, take: Take, upload: Upload) -> Recording:
    """Write the recording, and what follows from it, in the caller's transaction."""
    recording = Recording.objects.create(
        session=session,
        take=take,
        storage_type=upload.storage_type,
        bucket=upload.bucket,
        object_key=upload.object_key,
        content_type=upload.content_type,
        size_bytes=upload.size_bytes,
        sha256=upload.received_sha256 or upload.sha256,  # `verify` reads the bytes
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

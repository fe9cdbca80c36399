"""The end of recordings: what is kept no longer goes, and a tombstone says what, when and why.

Every deletion can be interrupted anywhere: the row says that it has begun, then objects go, then
the row says that they are gone. The next round takes up whatever has begun.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from interviews.models import Session
from interviews.selectors.retention import period, sessions_past_retention
from ops import audit, ledger
from ops.breakers import guard
from ops.failures import StageFailure
from ops.models import Run
from recordings.models import Recording, Rendition, Upload, UrlGrant
from recordings.originals import is_whole
from recordings.storage import Store, rendition_key, store_for

ACTOR = "retention"
RETENTION_OVER = "retention_over"
BATCH = 200  # of one round; the next one is an hour away
STORED_KINDS = (Rendition.Kind.SPEECH, Rendition.Kind.PLAYBACK)
MADE = (
    (Rendition.Kind.SPEECH, "ogg"),
    (Rendition.Kind.PLAYBACK, "mp4"),
    (Rendition.Kind.PLAYBACK, "m4a"),
)
log = logging.getLogger(__name__)


def end_retention(now: datetime) -> dict[str, int]:
    """Delete what was kept as long as its candidate agreed to; return how many.

    Where a store does not answer, its recordings wait for the next round ("waiting": how many
    stores).
    """
    counts = {"deleted": 0, "waiting": 0}
    ending = due_recordings(now) | Recording.objects.filter(state=Recording.State.DELETING)
    for storage_type, bucket in set(ending.values_list("storage_type", "bucket").order_by()):
        here = ending.filter(storage_type=storage_type, bucket=bucket)
        for pk in here.values_list("pk", flat=True)[:BATCH]:
            if not delete_if_due(pk, now=now):
                counts["waiting"] += 1
                break  # its store does not answer; others may
            counts["deleted"] += 1
    return counts


def due_recordings(now: datetime) -> QuerySet[Recording]:
    """Return the recordings whose time is over, the oldest first."""
    kept = Recording.objects.exclude(state=Recording.State.DELETED)
    # What is younger than the period can't be due, whatever its session says: an index answers.
    old = kept.filter(created_at__lte=now - period())
    return old.filter(session__in=sessions_past_retention(now).values("pk")).order_by("created_at")


def delete_if_due(recording_id: UUID, *, now: datetime) -> bool:
    """Begin or go on deleting a recording; False when its store did not answer."""
    beginning = due_recordings(now).exclude(state=Recording.State.DELETING)
    # The same question once more, in the statement that begins: a consent may have come meanwhile.
    Recording.objects.filter(pk__in=beginning.filter(pk=recording_id).values("pk")).update(
        state=Recording.State.DELETING, deletion_reason=RETENTION_OVER
    )
    recording = (
        Recording.objects.filter(pk=recording_id, state=Recording.State.DELETING)
        .select_related("session")
        .first()
    )
    return recording is None or finish_deletion(recording, now=now)


def finish_deletion(recording: Recording, *, now: datetime) -> bool:
    """Free what a recording that is being deleted still holds, then bury it; twice is fine."""
    session = recording.session
    bill = ledger.charged_to(
        organization_id=session.organization_id, subject_kind="session", subject_id=session.pk
    )
    try:
        with ledger.opened_bill(), bill:
            free_objects(recording)
    except (StageFailure, OSError):
        log.exception("The objects of recording %s could not be deleted", recording.pk)
        return False
    with transaction.atomic():
        bury(recording, now=now)
    return True


def free_objects(recording: Recording) -> None:
    """Delete every object that a recording may have, whatever its rows know.

    Raises: StageFailure, OSError
    """
    store = store_for(recording.storage_type, recording.bucket)
    with guard(store.dependency):
        for key in object_keys(recording):
            store.delete(key)
    for upload in Upload.objects.filter(take=recording.take_id, cleared_at=None):
        _free_upload(store_for(upload.storage_type, upload.bucket), upload)


def _free_upload(store: Store, upload: Upload) -> None:
    with guard(store.dependency):
        if upload.multipart_id:
            store.abort_multipart(upload.object_key, upload.multipart_id)
        store.delete(upload.object_key)


def object_keys(recording: Recording) -> Iterator[str]:
    """Give the keys of a recording's objects, also of renditions whose row was never written."""
    owner = (recording.session.organization_id, recording.pk)
    made = {rendition_key(*owner, kind.value, extension) for kind, extension in MADE}
    known = {rendition.object_key for rendition in recording.renditions.defer("inline")}
    yield from sorted({recording.object_key, *made, *known} - {""})


def bury(recording: Recording, *, now: datetime) -> None:
    """Turn the row into a tombstone, in the caller's transaction."""
    buried = Recording.objects.filter(pk=recording.pk, state=Recording.State.DELETING).update(
        state=Recording.State.DELETED, deleted_at=now, peaks=None, readable_until=None
    )
    if not buried:
        return
    Rendition.objects.filter(recording=recording.pk).delete()
    Upload.objects.filter(take=recording.take_id, cleared_at=None).update(cleared_at=now)
    UrlGrant.objects.filter(recording=recording.pk, revoked_at=None, expires_at__gt=now).update(
        revoked_at=now
    )
    audit.record(
        organization_id=recording.session.organization_id,
        actor=ACTOR,
        action="recording.deleted",
        subject_kind="recording",
        subject_id=str(recording.pk),
        detail={"reason": recording.deletion_reason, "bytes": recording.size_bytes},
    )


# --- originals --------------------------------------------------------------------------------
def drop_originals(now: datetime) -> dict[str, int]:
    """Delete originals whose time is over and whose renditions are there, read and whole."""
    counts = {"dropped": 0, "kept": 0}
    for recording in [*_begun_drops()[:BATCH], *originals_to_drop(now)[:BATCH]]:
        counts["dropped" if drop_original(recording, now=now) else "kept"] += 1
    return counts


def originals_to_drop(now: datetime) -> QuerySet[Recording]:
    """Return the recordings that no longer need their original, as far as rows can tell."""
    if not settings.ORIGINAL_RETENTION_D:
        return Recording.objects.none()
    busy = Run.objects.filter(state=Run.State.OPEN).values("subject_id")
    found = Recording.objects.filter(
        state=Recording.State.AVAILABLE,
        original_deleted_at=None,
        created_at__lte=now - timedelta(days=settings.ORIGINAL_RETENTION_D),
    )
    for kind in STORED_KINDS:
        found = found.filter(pk__in=Rendition.objects.filter(kind=kind).values("recording_id"))
    return (
        found.exclude(session__in=busy)
        .exclude(session__state__in=Session.ANSWERABLE)
        .order_by("created_at")
    )


def _begun_drops() -> QuerySet[Recording]:
    return Recording.objects.exclude(original_deleted_at=None).exclude(object_key="")


def drop_original(recording: Recording, *, now: datetime) -> bool:
    """Delete one original; False when something speaks against it. Twice is fine."""
    store = store_for(recording.storage_type, recording.bucket)
    try:
        if recording.original_deleted_at is None and not _begin_drop(recording, store, now=now):
            return False
        with guard(store.dependency):
            store.delete(recording.object_key)
    except (StageFailure, OSError):
        log.exception("The original of recording %s could not be deleted", recording.pk)
        return False
    # Nobody finds a row without a key to be finished: this is the last word, unless the recording
    # was moved meanwhile. Then the next round looks where it is now.
    return bool(
        Recording.objects.filter(
            pk=recording.pk,
            object_key=recording.object_key,
            storage_type=recording.storage_type,
            bucket=recording.bucket,
        ).update(object_key="")
    )


def _begin_drop(recording: Recording, store: Store, *, now: datetime) -> bool:
    """Look at every rendition, then say in the row that the original is going."""
    renditions = list(recording.renditions.filter(kind__in=STORED_KINDS).defer("inline"))
    if not all(is_whole(store, rendition) for rendition in renditions):
        log.error(
            "A rendition of recording %s is missing or damaged: its original stays", recording.pk
        )
        return False
    return bool(originals_to_drop(now).filter(pk=recording.pk).update(original_deleted_at=now))

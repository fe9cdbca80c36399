"""What is left over of uploads: completed where it arrived whole, freed where nobody needs it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from interviews.models import Take
from ops import ledger
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from recordings.models import Recording, Upload
from recordings.services.arrivals import complete_upload
from recordings.services.uploads import charged, store_of
from recordings.storage import Store, get_store, local_store

ABANDONED_AFTER = timedelta(minutes=15)  # nobody said that it is complete
RESUMABLE_FOR = timedelta(hours=24)  # parts wait so long for the rest
PARTIAL_AFTER = timedelta(hours=1)  # no transfer lasts so long
ORPHANED_AFTER = timedelta(days=2)
STALE_BATCH = 200
# What lies in the upload itself; any other failure is the store's, and the next round asks again.
HOPELESS = ("invalid_media", "media_missing")


def abort_stale_uploads(now: datetime) -> dict[str, int]:
    """Complete what arrived whole but was never completed; end grants that brought nothing.

    The tab of a candidate may die between the last byte and the word that it was the last.
    """
    counts = {"completed": 0, "aborted": 0, "waiting": 0}
    open_states = (Upload.State.GRANTED, Upload.State.RECEIVED)
    stale = Upload.objects.filter(state__in=open_states, expires_at__lt=now - ABANDONED_AFTER)
    oldest = stale.select_related("take__response__session").order_by("expires_at")
    for upload in oldest[:STALE_BATCH]:
        with ledger.opened_bill():
            counts[_end(upload, now=now)] += 1
    return counts


def clear_uploads(now: datetime) -> int:
    """Free what uploads left in quarantine, once no URL of theirs lives; return how many."""
    cleared = 0
    for upload in _to_clear(now).select_related("take__response__session")[:STALE_BATCH]:
        with ledger.opened_bill(), charged(upload.take.response.session):
            store = store_of(upload)
            if upload.multipart_id:
                store.abort_multipart(upload.object_key, upload.multipart_id)
            store.delete(upload.object_key)
        cleared += Upload.objects.filter(pk=upload.pk).update(cleared_at=now)
    return cleared


def sweep_stores(now: datetime) -> dict[str, int]:
    """Remove what no row knows: parts and objects whose process died, or whose rows are gone."""
    counts = {"multiparts": 0, "objects": 0}
    local = local_store()
    with ledger.opened_bill():
        for store in {store.kind: store for store in (local, get_store())}.values():
            counts["multiparts"] += _sweep_multiparts(store, now - ORPHANED_AFTER)
            counts["objects"] += _sweep_quarantine(store, now - ORPHANED_AFTER)
    counts["partial_files"] = local.remove_leftovers(now - PARTIAL_AFTER)
    return counts


def _end(upload: Upload, *, now: datetime) -> str:
    """Return what became of a stale upload: completed, aborted or waiting."""
    try:
        complete_upload(upload=upload, now=now)
    except StateConflict as conflict:
        is_resumable = upload.multipart_id and upload.expires_at > now - RESUMABLE_FOR
        if is_resumable and conflict.code == "upload_not_received":
            return "waiting"
        _abort(upload, code=conflict.code, now=now)
    except StageFailure as failure:
        if failure.code not in HOPELESS:
            return "waiting"
        _abort(upload, code=failure.code, now=now)
    else:
        return "completed"
    return "aborted"


def _abort(upload: Upload, *, code: str, now: datetime) -> None:
    """End an upload that never becomes a recording; `clear_uploads` frees its bytes.

    A take whose bytes had arrived has failed. Where nothing came the candidate may send it yet.
    """
    with transaction.atomic():
        was_received = Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVED).exists()
        Upload.objects.filter(pk=upload.pk).update(state=Upload.State.ABORTED, revoked_at=now)
        if was_received:
            Take.objects.filter(pk=upload.take_id, state=Take.State.UPLOADING).update(
                state=Take.State.TECHNICAL_FAILED, is_counted=False, failure_code=code
            )


def _to_clear(now: datetime) -> QuerySet[Upload]:
    """Return ended uploads whose object is not, or no longer, a recording's."""
    is_own = Q(take__recording__object_key=F("object_key"))
    long_ago = now - timedelta(days=settings.DEAD_LETTER_DAYS)  # a redrive reads it until then
    is_given_up = is_own & Q(
        take__recording__state=Recording.State.REFUSED, expires_at__lt=long_ago
    )
    is_ended = Q(state=Upload.State.ABORTED) | Q(state=Upload.State.COMPLETED)
    of_nobody = ~is_own | Q(take__recording=None)
    ended = Upload.objects.filter(is_ended, cleared_at=None, expires_at__lt=now)
    return ended.filter(of_nobody | is_given_up).order_by("expires_at")


def _sweep_multiparts(store: Store, before: datetime) -> int:
    swept = 0
    for key, multipart_id in list(store.multiparts_begun(before)):
        if not Upload.objects.filter(object_key=key, cleared_at=None).exists():
            store.abort_multipart(key, multipart_id)
            swept += 1
    return swept


def _sweep_quarantine(store: Store, before: datetime) -> int:
    swept = 0
    for key in list(store.quarantined(before)):
        if not Upload.objects.filter(object_key=key, cleared_at=None).exists():
            store.delete(key)
            swept += 1
    return swept

"""Recordings from one store to another: copied, read back, and only then said to be there."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from ops import ledger
from ops.failures import StageFailure, classify
from ops.models import Job
from recordings.models import Recording
from recordings.objects import QUARANTINE
from recordings.services.uploads import charged
from recordings.storage import Store, store_for

Outcome = Literal["moved", "busy", "failed"]
MOVABLE = (Recording.State.STORED, Recording.State.NORMALISED, Recording.State.AVAILABLE)
AT_WORK = (Job.State.WAITING, Job.State.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of one recording."""

    recording_id: UUID
    outcome: Outcome
    size_bytes: int = 0
    code: str = ""  # of the failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What there is to move, and what has to wait."""

    recordings: int
    size_bytes: int  # with what was made of them
    archived: int  # to be restored first
    unverified: int  # nobody has looked at them yet


@dataclass(frozen=True, slots=True)
class _Item:
    key: str
    size_bytes: int
    sha256: str
    content_type: str


def recordings_ahead(to: str, bucket: str) -> Ahead:
    """Return what is not in that store yet."""
    elsewhere = _elsewhere(to, bucket)
    movable = _movable(elsewhere)
    originals = movable.filter(original_deleted_at=None).aggregate(total=Sum("size_bytes"))
    made = movable.exclude(renditions__object_key="").aggregate(total=Sum("renditions__size_bytes"))
    return Ahead(
        recordings=movable.count(),
        size_bytes=(originals["total"] or 0) + (made["total"] or 0),
        archived=elsewhere.filter(state__in=Recording.ARCHIVED).count(),
        unverified=elsewhere.filter(
            state=Recording.State.STORED, object_key__startswith=QUARANTINE
        ).count(),
    )


def move_recordings(to: str, bucket: str) -> Iterator[Moved]:
    """Move one recording after the other, the oldest first; may be broken off anywhere.

    What was copied before is read and, if it is whole, not copied again.
    """
    target = store_for(to, bucket)
    waiting = _movable(_elsewhere(to, bucket)).order_by("created_at", "pk")
    for recording_id in list(waiting.values_list("pk", flat=True)):
        recording = Recording.objects.select_related("session").get(pk=recording_id)
        with ledger.opened_bill(), charged(recording.session):
            yield _move(recording, target)


def delete_sources(to: str, bucket: str, source: Store) -> int:
    """Delete from `source` what is in that store by now; return how many recordings that were."""
    deleted = 0
    there = Recording.objects.filter(storage_type=to, bucket=bucket, state__in=MOVABLE)
    for recording in there.select_related("session").order_by("created_at", "pk").iterator():
        with ledger.opened_bill(), charged(recording.session):
            found = [item.key for item in _items(recording) if source.exists(item.key)]
            for key in found:
                source.delete(key)
        deleted += bool(found)
    return deleted


def _elsewhere(to: str, bucket: str) -> QuerySet[Recording]:
    return Recording.objects.exclude(storage_type=to, bucket=bucket)


def _movable(recordings: QuerySet[Recording]) -> QuerySet[Recording]:
    return recordings.filter(state__in=MOVABLE).exclude(object_key__startswith=QUARANTINE)


def _move(recording: Recording, target: Store) -> Moved:
    if _is_busy(recording):
        return Moved(recording_id=recording.pk, outcome="busy")
    source = store_for(recording.storage_type, recording.bucket)
    items = list(_items(recording))
    try:
        for item in items:
            if not _is_whole(target, item):
                _copy(source, target, item)
    except (StageFailure, OSError) as error:
        return Moved(recording_id=recording.pk, outcome="failed", code=classify(error).code)
    outcome: Outcome = "moved" if _switch(recording, target) else "busy"
    size_bytes = sum(item.size_bytes for item in items)
    return Moved(recording_id=recording.pk, outcome=outcome, size_bytes=size_bytes)


def _items(recording: Recording) -> Iterator[_Item]:
    if recording.original_deleted_at is None:
        yield _Item(
            recording.object_key, recording.size_bytes, recording.sha256, recording.content_type
        )
    for made in recording.renditions.exclude(object_key=""):
        yield _Item(made.object_key, made.size_bytes, made.sha256, made.content_type)


def _copy(source: Store, target: Store, item: _Item) -> None:
    """Raises StageFailure invalid_media when the bytes are, or become, other than the row says."""
    with source.local_path(item.key) as path:
        if not _matches(path, item):
            raise StageFailure("invalid_media", "the source is not what its row says")
        target.put_file(path, item.key, content_type=item.content_type)
    if not _is_whole(target, item):
        raise StageFailure("invalid_media", "the copy is not what its row says")


def _is_whole(store: Store, item: _Item) -> bool:
    """Read the object: the store's own word is not enough."""
    try:
        if store.head(item.key).size_bytes != item.size_bytes:
            return False
        with store.local_path(item.key) as path:
            return _matches(path, item)
    except FileNotFoundError:
        return False


def _matches(path: Path, item: _Item) -> bool:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size == item.size_bytes and sha256 == item.sha256


def _is_busy(recording: Recording) -> bool:
    """Whether a stage may be reading or writing it: it would go on in the store it began in."""
    return Job.objects.filter(subject_id=recording.pk, state__in=AT_WORK).exists()


def _switch(recording: Recording, target: Store) -> bool:
    """Say that it is in `target`, unless it was changed meanwhile or is being worked on."""
    with transaction.atomic():
        unchanged = Q(
            storage_type=recording.storage_type,
            bucket=recording.bucket,
            object_key=recording.object_key,
            sha256=recording.sha256,
            state=recording.state,
        )
        row = Recording.objects.select_for_update().filter(unchanged, pk=recording.pk).first()
        if row is None or _is_busy(row):
            return False
        row.storage_type, row.bucket = target.kind, target.bucket
        row.storage_class = "STANDARD"
        row.save(update_fields=["storage_type", "bucket", "storage_class"])
    return True

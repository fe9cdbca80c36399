"""Recordings in an archive class: noticed, asked for, and readable for some days.

Only the classic lifecycle rule moves anything there; what the planner chooses always plays.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from ops import audit, ledger
from ops.breakers import guard
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from ops.principals import Principal
from recordings.bucket_settings import bands_in_force
from recordings.lifecycle import COLD_CLASSES, RESTORED_DAYS, SizeBand, steps_for
from recordings.models import Recording, Rendition
from recordings.storage import ObjectFacts, S3Store, store_for

LOOK_FOR_DAYS = 14  # S3 moves what is due within a day or two; we look so long
BATCH = 200
log = logging.getLogger(__name__)


def note_archived(now: datetime) -> int:
    """Look which recordings the lifecycle rule has put into an archive; return how many."""
    bands = bands_in_force()
    noted = 0
    for day in sorted(set(_cold_days(bands))):
        due_at = now - timedelta(days=day)
        crossed = Rendition.objects.filter(
            kind=Rendition.Kind.PLAYBACK,
            recording__storage_type=S3Store.kind,
            recording__state=Recording.State.AVAILABLE,
            created_at__range=(due_at - timedelta(days=LOOK_FOR_DAYS), due_at),
        )
        for rendition in crossed.select_related("recording__session").defer("inline"):
            if any(step.day == day for step in steps_for(rendition.size_bytes, bands)):
                noted += _note(rendition.recording, rendition.object_key)
    return noted


def request_restore(*, principal: Principal, recording: Recording, now: datetime) -> Recording:
    """Ask for a readable copy of an archived recording; twice gives the same answer.

    Raises: StateConflict when it can be played as it is.
    """
    with transaction.atomic():
        row = (
            Recording.objects.select_for_update(of=("self",))
            .select_related("session")
            .get(pk=recording.pk)
        )
        if not row.is_cold(now):
            raise StateConflict(
                "not_archived", "This recording is in no archive: it can be played."
            )
        if row.state == Recording.State.RESTORING:
            return row
        row.state = Recording.State.RESTORING
        row.save(update_fields=["state"])
        audit.record(
            organization_id=row.session.organization_id,
            actor=principal.key,
            action="recording.restore_requested",
            subject_kind="recording",
            subject_id=str(row.pk),
        )
    if _follow(row, now=now):
        row.refresh_from_db()
    return row


def follow_restores(now: datetime) -> int:
    """Look what has become of restores, and ask again where none was heard; return how many end."""
    restoring = Recording.objects.filter(state=Recording.State.RESTORING)
    return sum(_follow(row, now=now) for row in restoring.select_related("session")[:BATCH])


def _cold_days(bands: tuple[SizeBand, ...]) -> Iterator[int]:
    for band in bands:
        yield from (step.day for step in band.steps if step.storage_class in COLD_CLASSES)


def _note(recording: Recording, key: str) -> bool:
    facts = next(_facts(recording, [key]), None)
    if facts is None or facts.storage_class not in COLD_CLASSES:
        return False
    return bool(
        Recording.objects.filter(pk=recording.pk, state=Recording.State.AVAILABLE).update(
            state=Recording.State.COLD, storage_class=facts.storage_class
        )
    )


def _follow(recording: Recording, *, now: datetime) -> bool:
    """Ask for whatever of a recording is archived; True when all of it can be read.

    A store that does not answer is asked again at the next look.
    """
    try:
        with ledger.charged_to(
            organization_id=recording.session.organization_id,
            subject_kind="session",
            subject_id=recording.session_id,
        ):
            until = _readable_until(recording, now=now)
    except (StageFailure, OSError):
        log.exception("The restore of recording %s could not be looked after", recording.pk)
        return False
    if until is None:
        return False
    # Archived it stays; a copy of it can be read until then.
    return bool(
        Recording.objects.filter(pk=recording.pk, state=Recording.State.RESTORING).update(
            state=Recording.State.COLD, readable_until=until
        )
    )


def _readable_until(recording: Recording, *, now: datetime) -> datetime | None:
    """Return until when every object can be read; None while one of them can't."""
    until = now + timedelta(days=RESTORED_DAYS)
    store = store_for(recording.storage_type, recording.bucket)
    is_waiting = False
    keys = list(_keys(recording))
    for key, facts in zip(keys, _facts(recording, keys), strict=True):
        if facts.storage_class not in COLD_CLASSES:
            continue
        if facts.restored_until is not None and facts.restored_until > now:
            until = min(until, facts.restored_until)
            continue
        is_waiting = True
        if not facts.is_restoring:
            with guard(store.dependency):
                store.restore(key, days=RESTORED_DAYS)
    return None if is_waiting else until


def _keys(recording: Recording) -> Iterator[str]:
    if recording.object_key:
        yield recording.object_key
    stored = recording.renditions.exclude(object_key="")
    yield from stored.values_list("object_key", flat=True)


def _facts(recording: Recording, keys: list[str]) -> Iterator[ObjectFacts]:
    store = store_for(recording.storage_type, recording.bucket)
    for key in keys:
        with guard(store.dependency):
            facts = store.head(key)
        yield facts

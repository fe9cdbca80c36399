"""Where the bytes of a take may go: one PUT, or parts that can be sent again one by one."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from interviews.models import Session, Take
from interviews.services.locks import SUBJECT_KIND, lock_answerable
from ops import ledger
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from recordings.media import CONTENT_TYPES
from recordings.models import Upload
from recordings.parts import Cut, cuts, part_bytes_for
from recordings.services.takes import UNSENT, revoke_uploads
from recordings.storage import (
    Part,
    PutTerms,
    SignedRequest,
    Store,
    get_store,
    store_for,
    upload_key,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedPart:
    """Where one part goes: these bytes of the file."""

    number: int
    first_byte: int
    size_bytes: int
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadGrant:
    """Where and how the bytes go: by one PUT to `url`, or, if there are `parts`, by one for each.

    A URL of local storage is a path of this site; object stores elsewhere give a whole URL.
    """

    upload_id: UUID
    method: Literal["PUT"] = "PUT"
    url: str
    headers: Mapping[str, str]
    expires_at: datetime
    part_bytes: int = 0
    parts: tuple[GrantedPart, ...] = ()


def base_type(content_type: str) -> str:
    """Return a content type without its parameters: `video/webm;codecs=vp9` -> `video/webm`."""
    return content_type.split(";", 1)[0].strip().lower()


def store_of(upload: Upload) -> Store:
    """Return the store that the upload goes to."""
    return store_for(upload.storage_type, upload.bucket)


def charged(session: Session) -> AbstractContextManager[None]:
    """Have the session pay for what is asked of a store inside."""
    return ledger.charged_to(
        organization_id=session.organization_id,
        subject_kind=SUBJECT_KIND,
        subject_id=session.pk,
    )


def arrived_parts(upload: Upload) -> tuple[Part, ...]:
    """Return what the store has of an upload that is under way: the truth for resuming.

    Of a single PUT that is all or nothing. Raises: StageFailure when the store does not answer.
    """
    if upload.state != Upload.State.GRANTED or (upload.part_bytes and not upload.multipart_id):
        return ()
    store = store_of(upload)
    with charged(upload.take.response.session):
        try:
            if upload.part_bytes:
                return tuple(store.list_parts(upload.object_key, upload.multipart_id))
            return (Part(number=1, size_bytes=store.head(upload.object_key).size_bytes),)
        except FileNotFoundError:
            return ()


def grant_upload(
    *, take: Take, size_bytes: int, content_type: str, sha256: str, now: datetime
) -> UploadGrant:
    """Allow exactly these bytes of this type, once; an earlier grant of the take ends.

    Raises:
        StateConflict: the session, or the take, takes no upload now.
        StageFailure: media_too_large, media_type_refused, session_quota_full, invalid_media; what
            an unreachable storage is called.

    """
    kind = base_type(content_type)
    _refuse_facts(size_bytes, kind)
    _refuse_arrived(take)  # asks the storage: outside the transaction
    store = get_store()
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
            storage_type=store.kind,
            bucket=store.bucket,
            content_type=kind,
            size_bytes=size_bytes,
            part_bytes=_part_bytes(size_bytes),
            sha256=sha256.lower(),
            expires_at=now + timedelta(seconds=settings.UPLOAD_GRANT_S),
        )
        upload.object_key = upload_key(session.organization_id, upload.pk)
        upload.save()
        row.state = Take.State.UPLOADING
        row.save(update_fields=["state"])
    with charged(session):
        if upload.part_bytes:
            _begin_multipart(upload, store)  # asks the storage: outside the transaction
        return _granted(upload, cuts(size_bytes, upload.part_bytes) if upload.part_bytes else ())


def renew_upload(*, upload: Upload, numbers: Sequence[int], now: datetime) -> UploadGrant:
    """Give fresh URLs for what has not arrived; of a multipart upload for these parts.

    Raises: StateConflict when the upload or its session has ended.
    """
    with transaction.atomic():
        take = upload.take
        session = lock_answerable(take.response.session_id, now=now, begun_at=take.started_at)
        row = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        is_begun = bool(row.multipart_id) or not row.part_bytes
        if row.state != Upload.State.GRANTED or row.revoked_at is not None or not is_begun:
            raise StateConflict("upload_ended", "This upload has ended: ask for another one.")
        row.expires_at = now + timedelta(seconds=settings.UPLOAD_GRANT_S)
        row.save(update_fields=["expires_at"])
    wanted = set(numbers)
    every = cuts(row.size_bytes, row.part_bytes) if row.part_bytes else ()
    with charged(session):
        return _granted(row, [cut for cut in every if cut.number in wanted])


def abort_upload(*, upload: Upload, now: datetime) -> None:
    """End an upload that is under way, and free what came of it. Twice is fine.

    Raises: StateConflict when all of it has arrived; what an unreachable storage is called.
    """
    ended = Upload.objects.filter(pk=upload.pk, state=Upload.State.GRANTED).update(
        state=Upload.State.ABORTED, revoked_at=now
    )
    if not ended and upload.state != Upload.State.ABORTED:
        raise StateConflict("upload_received", "The recording is here: complete its upload.")
    if upload.multipart_id:
        with charged(upload.take.response.session):
            store_of(upload).abort_multipart(upload.object_key, upload.multipart_id)


def _part_bytes(size_bytes: int) -> int:
    if size_bytes <= settings.MULTIPART_FROM_BYTES:
        return 0
    return part_bytes_for(size_bytes, least_bytes=settings.UPLOAD_PART_BYTES)


def _begin_multipart(upload: Upload, store: Store) -> None:
    upload.multipart_id = store.begin_multipart(upload.object_key, content_type=upload.content_type)
    # A grant that was ended meanwhile takes the id all the same: it says what is to be aborted.
    Upload.objects.filter(pk=upload.pk).update(multipart_id=upload.multipart_id)


def _granted(upload: Upload, wanted: Iterable[Cut]) -> UploadGrant:
    store = store_of(upload)
    whole = SignedRequest(url="", headers={}) if upload.part_bytes else _signed(store, upload)
    parts = []
    for cut in wanted:
        signed = _signed(store, upload, cut)
        parts.append(
            GrantedPart(
                number=cut.number,
                first_byte=cut.first_byte,
                size_bytes=cut.size_bytes,
                url=signed.url,
                headers=signed.headers,
            )
        )
    return UploadGrant(
        upload_id=upload.pk,
        url=whole.url,
        headers=whole.headers,
        expires_at=upload.expires_at,
        part_bytes=upload.part_bytes,
        parts=tuple(parts),
    )


def _signed(store: Store, upload: Upload, cut: Cut | None = None) -> SignedRequest:
    return store.signed_put(
        PutTerms(
            upload_id=upload.pk,
            key=upload.object_key,
            content_type=upload.content_type,
            size_bytes=cut.size_bytes if cut else upload.size_bytes,
            sha256="" if cut else upload.sha256,
            expires_at=upload.expires_at,
            lifetime_s=settings.UPLOAD_GRANT_S,
            number=cut.number if cut else 0,
            multipart_id=upload.multipart_id,
        )
    )


def _refuse_arrived(take: Take) -> None:
    """Refuse another grant where every byte is here, and only the answer to it got lost."""
    for upload in take.uploads.filter(state=Upload.State.GRANTED, revoked_at=None):
        if sum(part.size_bytes for part in arrived_parts(upload)) == upload.size_bytes:
            raise StateConflict("upload_received", "The recording is here: complete its upload.")


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

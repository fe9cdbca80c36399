"""What the transfer app must know and write: grants by token, and that the bytes arrived."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from interviews.models import Session
from ops import ledger
from ops.authentication import member_principal
from ops.models import User
from ops.principals import NOBODY, Principal
from recordings.handed_out import ORIGINAL, original_of, rendition_of
from recordings.models import Recording, Upload, UrlGrant
from recordings.objects import count, count_bytes
from recordings.parts import Cut, cuts
from recordings.purposes import Purpose, purposes
from recordings.services.arrivals import mark_received
from recordings.services.uploads import charged
from recordings.storage import LocalStore
from recordings.transfer_tokens import grant_of, reference_of

__all__ = [
    "Served",
    "UploadTerms",
    "count_served",
    "mark_received",
    "served_object",
    "upload_terms",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadTerms:
    """What the one PUT of a grant, or of a part of it, must be."""

    upload_id: UUID
    object_key: str
    content_type: str  # "": a part, which has none
    size_bytes: int
    is_open: bool  # nothing arrived yet
    multipart_id: str = ""
    number: int = 0  # of the part; may be sent again until all are put together


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An object that somebody may read now."""

    content_type: str
    size_bytes: int
    sha256: str
    content_disposition: str
    object_key: str
    session: Session  # which pays
    content: bytes | None = None  # of a poster, which lives in its row


def upload_terms(token: str, *, now: datetime) -> UploadTerms | None:
    """Return the grant of a PUT token; None whatever is wrong with it."""
    named = reference_of(token, "put", now=now)
    upload = Upload.objects.filter(pk=named.grant_id, revoked_at=None).first() if named else None
    if upload is None or upload.expires_at <= now or upload.state == Upload.State.ABORTED:
        return None
    is_open = upload.state == Upload.State.GRANTED
    if not upload.part_bytes:
        return _terms(upload, is_open=is_open)
    every = cuts(upload.size_bytes, upload.part_bytes)
    cut = next((cut for cut in every if named and cut.number == named.part), None)
    return _terms(upload, cut) if cut and is_open else None  # put together: no part is taken


def _terms(upload: Upload, cut: Cut | None = None, *, is_open: bool = True) -> UploadTerms:
    return UploadTerms(
        upload_id=upload.pk,
        object_key=upload.object_key,
        content_type="" if cut else upload.content_type,
        size_bytes=cut.size_bytes if cut else upload.size_bytes,
        is_open=is_open,
        multipart_id=upload.multipart_id,
        number=cut.number if cut else 0,
    )


def served_object(token: str, *, now: datetime) -> Served | None:
    """Return what a GET token opens; None whatever is wrong with it.

    The asker's access is checked again, so that losing it ends the URLs given before.
    """
    grant_id = grant_of(token, "get", now=now)
    live = UrlGrant.objects.filter(revoked_at=None, expires_at__gt=now)
    grant = live.filter(pk=grant_id).first() if grant_id else None
    if grant is None:
        return None
    purpose, principal = purposes(settings.URL_PURPOSES)[grant.purpose], _principal(grant.actor)
    if not purpose.is_allowed(principal):
        return None
    open_to = Recording.objects.open_to(principal).select_related("session")
    recording = open_to.filter(pk=grant.recording_id).first()
    return None if recording is None else _served(recording, grant.rendition, purpose)


def count_served(served: Served, read_bytes: int) -> None:
    """Count what was read of a stored object for somebody outside."""
    with ledger.opened_bill(), charged(served.session):
        count("get", provider=LocalStore.kind)
        count_bytes("out", read_bytes, provider=LocalStore.kind)


def _served(recording: Recording, kind: str, purpose: Purpose) -> Served | None:
    content = None
    if kind == ORIGINAL:
        given = None if recording.original_deleted_at else original_of(recording)
    else:
        rendition = recording.renditions.filter(kind=kind).first()
        given = rendition_of(recording, rendition) if rendition else None
        if rendition and rendition.inline is not None:
            content = bytes(rendition.inline)
    # An object of a store elsewhere has URLs of its own.
    if given is None or (content is None and given.storage_type != LocalStore.kind):
        return None
    return Served(
        content_type=given.content_type,
        size_bytes=given.size_bytes,
        sha256=given.sha256,
        content_disposition=given.content_disposition(purpose.disposition),
        object_key=given.object_key,
        session=recording.session,
        content=content,
    )


def _principal(actor: str) -> Principal:
    """Return today's principal of a Principal.key."""
    kind, _, name = actor.partition(":")
    if kind == "member":
        user = User.objects.select_related("membership").filter(pk=name).first()
        return member_principal(user)
    if kind == "candidate":
        session = Session.objects.filter(pk=name).exclude(state=Session.State.ERASED).first()
        if session is not None:
            return Principal(
                kind="candidate", organization_id=session.organization_id, session_id=session.pk
            )
    return NOBODY

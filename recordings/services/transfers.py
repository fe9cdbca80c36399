"""What the transfer app must know and write: grants by token, and that the bytes arrived."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from interviews.models import Session
from ops.authentication import member_principal
from ops.models import User
from ops.principals import NOBODY, Principal
from recordings.models import Recording, Rendition, Upload, UrlGrant
from recordings.parts import Cut, cuts
from recordings.services.arrivals import mark_received
from recordings.services.urls import GONE, ORIGINAL, PURPOSES
from recordings.transfer_tokens import grant_of, reference_of

__all__ = ["EXTENSIONS", "Served", "UploadTerms", "mark_received", "served_object", "upload_terms"]

EXTENSIONS = {
    "matroska": "webm",
    "mov": "mp4",
    "audio/ogg": "ogg",
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
    "image/jpeg": "jpg",
}


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
    file_name: str
    is_inline: bool
    object_key: str = ""
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
    grant = (
        UrlGrant.objects.filter(pk=grant_id, revoked_at=None, expires_at__gt=now)
        .select_related("recording")
        .exclude(recording__state__in=GONE)
        .first()
        if grant_id
        else None
    )
    if grant is None or not _has_access(grant):
        return None
    if grant.rendition == ORIGINAL:
        return _original(grant.recording)
    rendition = Rendition.objects.filter(recording=grant.recording_id, kind=grant.rendition).first()
    return None if rendition is None else _rendition(rendition, grant)


def _has_access(grant: UrlGrant) -> bool:
    principal = _principal(grant.actor)
    if not PURPOSES[grant.purpose].is_allowed(principal):
        return False
    return Recording.objects.visible_to(principal).filter(pk=grant.recording_id).exists()


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


def _original(recording: Recording) -> Served:
    extension = EXTENSIONS.get(recording.container, recording.container or "bin")
    return Served(
        content_type=recording.content_type,
        size_bytes=recording.size_bytes,
        sha256=recording.sha256,
        file_name=f"recording-{recording.pk.hex[:8]}-original.{extension}",
        is_inline=False,  # a stranger's bytes are never rendered on our origin
        object_key=recording.object_key,
    )


def _rendition(rendition: Rendition, grant: UrlGrant) -> Served:
    extension = EXTENSIONS.get(rendition.content_type, "bin")
    name = f"recording-{rendition.recording_id.hex[:8]}-{rendition.kind}.{extension}"
    return Served(
        content_type=rendition.content_type,
        size_bytes=rendition.size_bytes,
        sha256=rendition.sha256,
        file_name=name,
        is_inline=PURPOSES[grant.purpose].disposition == "inline",
        object_key=rendition.object_key,
        content=bytes(rendition.inline) if rendition.inline is not None else None,
    )

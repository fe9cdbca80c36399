"""What of a recording is given out, and under which name: the same by our URLs and by a store's."""

from dataclasses import dataclass
from uuid import UUID

from recordings.models import Recording, Rendition
from recordings.purposes import Disposition

ORIGINAL = "original"
EXTENSIONS = {
    "matroska": "webm",
    "mov": "mp4",
    "audio/ogg": "ogg",
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
    "image/jpeg": "jpg",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """One object of a recording: its original, or what was made from it."""

    recording_id: UUID
    storage_type: str
    bucket: str
    object_key: str  # "": its bytes live in a row
    content_type: str
    size_bytes: int
    sha256: str
    file_name: str
    is_original: bool

    @property
    def version(self) -> str:
        """Another one when the bytes are others, or lie elsewhere: URLs of before are stale."""
        return f"{self.sha256}|{self.storage_type}|{self.bucket}|{self.object_key}"

    def content_disposition(self, wanted: Disposition) -> str:
        """Return the header. A stranger's bytes are never shown inline."""
        shown = "attachment" if self.is_original else wanted
        return f'{shown}; filename="{self.file_name}"'


def original_of(recording: Recording) -> HandedOut:
    """Return what the candidate sent."""
    extension = EXTENSIONS.get(recording.container, recording.container or "bin")
    return HandedOut(
        recording_id=recording.pk,
        storage_type=recording.storage_type,
        bucket=recording.bucket,
        object_key=recording.object_key,
        content_type=recording.content_type,
        size_bytes=recording.size_bytes,
        sha256=recording.sha256,
        file_name=f"recording-{recording.pk.hex[:8]}-original.{extension}",
        is_original=True,
    )


def rendition_of(recording: Recording, rendition: Rendition) -> HandedOut:
    """Return what was made from it; it lies where its recording lies."""
    extension = EXTENSIONS.get(rendition.content_type, "bin")
    return HandedOut(
        recording_id=recording.pk,
        storage_type=recording.storage_type,
        bucket=recording.bucket,
        object_key=rendition.object_key,
        content_type=rendition.content_type,
        size_bytes=rendition.size_bytes,
        sha256=rendition.sha256,
        file_name=f"recording-{recording.pk.hex[:8]}-{rendition.kind}.{extension}",
        is_original=False,
    )

"""What the server has of an upload: the truth for a client that resumes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recordings.models import Recording, Upload
from recordings.objects import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStatus:
    """An upload's state; `parts` are those that have arrived, while it is under way."""

    upload_id: UUID
    take_id: UUID
    state: str
    size_bytes: int
    received_bytes: int
    part_bytes: int  # 0: one PUT
    parts: Sequence[Part]
    content_type: str
    expires_at: datetime
    recording_id: UUID | None
    recording_state: str | None


def upload_status(upload: Upload, parts: Sequence[Part]) -> UploadStatus:
    """Return the state of an upload and of the recording it became, in one query.

    `parts` is what its store has of it.
    """
    arrived = upload.state in (Upload.State.RECEIVED, Upload.State.COMPLETED)
    recording = (
        Recording.objects.filter(take_id=upload.take_id).only("pk", "state").first()
        if upload.state == Upload.State.COMPLETED
        else None
    )
    return UploadStatus(
        upload_id=upload.pk,
        take_id=upload.take_id,
        state=upload.state,
        size_bytes=upload.size_bytes,
        received_bytes=upload.size_bytes if arrived else sum(part.size_bytes for part in parts),
        part_bytes=upload.part_bytes,
        parts=() if arrived else parts,
        content_type=upload.content_type,
        expires_at=upload.expires_at,
        recording_id=recording.pk if recording else None,
        recording_state=recording.state if recording else None,
    )

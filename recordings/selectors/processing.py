"""What a stage must know about a recording before it works outside any transaction."""

from dataclasses import dataclass
from uuid import UUID

from recordings.models import Recording

QUARTER_TURN = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """An original: where it is and what is known of it."""

    recording_id: UUID
    organization_id: UUID
    session_id: UUID
    storage_type: str
    bucket: str
    object_key: str
    content_type: str
    size_bytes: int
    sha256: str
    duration_ms: int | None
    upright_size: tuple[int, int] | None  # of the picture that may be shown
    wants_video: bool  # an answer by voice alone shows no picture, whatever the file holds
    is_kept: bool  # what was made of it may outlive the original


def source_file(recording_id: UUID) -> SourceFile:
    """Return the original of a recording, in one query. Raises Recording.DoesNotExist."""
    recording = Recording.objects.select_related("session", "take").get(pk=recording_id)
    wants_video = recording.take.mode == "video"
    return SourceFile(
        recording_id=recording.pk,
        organization_id=recording.session.organization_id,
        session_id=recording.session_id,
        storage_type=recording.storage_type,
        bucket=recording.bucket,
        object_key=recording.object_key,
        content_type=recording.content_type,
        size_bytes=recording.size_bytes,
        sha256=recording.sha256,
        duration_ms=recording.duration_ms,
        upright_size=_upright_size(recording) if wants_video else None,
        wants_video=wants_video,
        is_kept=recording.original_deleted_at is None and not recording.is_ended,
    )


def _upright_size(recording: Recording) -> tuple[int, int] | None:
    if not recording.video_codec or recording.width is None or recording.height is None:
        return None
    is_turned = round((recording.rotation or 0) / QUARTER_TURN) % 2
    size = (recording.width, recording.height)
    return (size[1], size[0]) if is_turned else size

"""Is it what was promised, and can it be heard? Only then is a take saved."""

import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from ops.failures import StageFailure
from ops.pipeline import Effect, Report, Skip, stage
from recordings import media, services
from recordings.originals import ORIGINAL_DROPPED, admit_original, stored_original
from recordings.selectors import SourceFile, source_file

HASHED_SHARE = 0.1  # of the stage's progress; decoding takes the rest


@stage(
    scope="recording",
    weight=5,
    timeout=timedelta(minutes=5),
    on_dead=services.record_verifying_dead,
)
def verify(recording_id: UUID, report: Report) -> Effect | Skip:
    """Compare size and hash with the upload's, decode the sound to its end, end the quarantine.

    Raises: StageFailure
    """
    source = source_file(recording_id)
    if not source.is_kept:
        return Skip(ORIGINAL_DROPPED)
    with stored_original(source) as original:
        sha256 = _compare(original.path, source, report)
        found = media.probe(
            original.path,
            content_type=source.content_type,
            wants_video=source.wants_video,
            watch=report,
        )
        object_key = admit_original(source, original)
    return Effect(
        write=lambda: services.record_verified(
            recording_id=recording_id,
            found=found,
            sha256=sha256,
            object_key=object_key,
            now=timezone.now(),
        ),
        media_s=found.duration_ms / 1000,
    )


def _compare(path: Path, source: SourceFile, report: Report) -> str:
    """Return the hash of the bytes; they must be the promised ones where any were promised."""
    if path.stat().st_size != source.size_bytes:
        raise StageFailure("invalid_media", "the stored size is not the uploaded one")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if source.sha256 and source.sha256 != sha256:
        raise StageFailure("invalid_media", "the stored bytes are not the uploaded ones")
    report.progress(HASHED_SHARE)
    return sha256

"""Speech for machines, playback for people, a poster and a waveform, made from the original."""

import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from ops.failures import StageFailure
from ops.pipeline import Effect, Report, Skip, stage
from recordings import media, services
from recordings.models import Rendition
from recordings.originals import ORIGINAL_DROPPED, keep_rendition, stored_original
from recordings.selectors import SourceFile, source_file
from recordings.services import PreparedFile
from recordings.storage import rendition_key


@stage(
    scope="recording",
    after="verify",
    weight=20,
    timeout=timedelta(minutes=30),
    on_dead=services.record_preparing_dead,
)
def prepare(recording_id: UUID, report: Report) -> Effect | Skip:
    """Encode everything anew; the original is never shown.

    Raises: StageFailure
    """
    source = source_file(recording_id)
    if not source.is_kept:
        return Skip(ORIGINAL_DROPPED)
    if source.duration_ms is None:
        raise StageFailure("invalid_media", "the recording was never verified")
    with tempfile.TemporaryDirectory(prefix="candor-prepare-") as folder:
        with stored_original(source) as original:
            made = media.normalise(
                original.path,
                Path(folder),
                content_type=source.content_type,
                expected_ms=source.duration_ms,
                size=source.upright_size,
                watch=report,
            )
        report.check()
        files = _stored(source, made)
    quality = {
        "loudness_dbfs": made.loudness_dbfs,
        "peak_dbfs": made.peak_dbfs,
        "clipped_share": made.clipped_share,
        "silent_share": made.silent_share,
        "reasons": made.reasons,
    }
    return Effect(
        write=lambda: services.record_prepared(
            recording_id=recording_id, files=files, peaks=list(made.peaks), quality=quality
        ),
        media_s=made.duration_ms / 1000,
    )


def _stored(source: SourceFile, made: media.Normalised) -> list[PreparedFile]:
    """Put the renditions where a retry would put the same bytes again."""
    playback_type = "video/mp4" if source.upright_size else "audio/mp4"
    files = [
        _put(source, made.speech, Rendition.Kind.SPEECH, "audio/ogg", made.duration_ms),
        _put(source, made.playback, Rendition.Kind.PLAYBACK, playback_type, made.duration_ms),
    ]
    if made.poster is not None:
        picture = made.poster.read_bytes()
        files.append(
            PreparedFile(
                kind=Rendition.Kind.POSTER,
                content_type="image/jpeg",
                size_bytes=len(picture),
                sha256=hashlib.sha256(picture).hexdigest(),
                inline=picture,
            )
        )
    return files


def _put(
    source: SourceFile, path: Path, kind: Rendition.Kind, content_type: str, duration_ms: int
) -> PreparedFile:
    extension = {"audio/ogg": "ogg", "video/mp4": "mp4", "audio/mp4": "m4a"}[content_type]
    key = rendition_key(source.organization_id, source.recording_id, kind.value, extension)
    keep_rendition(source, path, key, content_type=content_type)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return PreparedFile(
        kind=kind,
        content_type=content_type,
        size_bytes=path.stat().st_size,
        sha256=sha256,
        object_key=key,
        duration_ms=duration_ms,
    )

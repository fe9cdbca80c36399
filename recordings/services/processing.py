"""What the stages found out, written in the transaction that settles their job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from interviews.models import Take
from interviews.services import reopen_response
from ops.failures import StageFailure
from recordings.media import Probe
from recordings.models import QualityReport, Recording, Rendition

MEASURED = ("loudness_dbfs", "peak_dbfs", "clipped_share", "silent_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFile:
    """A rendition that lies in the storage, or in `inline`."""

    kind: str
    content_type: str
    size_bytes: int
    sha256: str
    object_key: str = ""
    inline: bytes | None = None
    duration_ms: int | None = None


def record_verified(
    *, recording_id: UUID, found: Probe, sha256: str, object_key: str, now: datetime
) -> None:
    """Keep what the file holds and where it is now; its take is saved from now on."""
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=recording_id)
    recording.sha256 = sha256
    recording.object_key = object_key
    recording.container = found.container
    recording.audio_codec = found.audio_codec
    recording.video_codec = found.video_codec
    recording.width, recording.height = found.width, found.height
    recording.rotation = found.rotation
    recording.duration_ms = found.duration_ms
    recording.failure_code = ""
    if recording.state == Recording.State.REFUSED:
        recording.state = Recording.State.STORED
    recording.save()
    # A take that was discarded meanwhile stays so; one that failed came back by a redrive.
    open_states = (Take.State.VERIFYING, Take.State.TECHNICAL_FAILED)
    Take.objects.filter(pk=recording.take_id, state__in=open_states).update(
        state=Take.State.SAVED, is_counted=True, failure_code="", saved_at=now
    )


def record_verifying_dead(recording_id: UUID, code: str) -> None:
    """The recording can't be used: its take does not count, its question may be answered again."""
    ended = (Recording.State.DELETING, Recording.State.DELETED)
    Recording.objects.filter(pk=recording_id).exclude(state__in=ended).update(
        state=Recording.State.REFUSED, failure_code=code
    )
    take = Take.objects.select_related("response").get(recording=recording_id)
    failed = Take.objects.filter(pk=take.pk, state=Take.State.VERIFYING).update(
        state=Take.State.TECHNICAL_FAILED, is_counted=False, failure_code=code
    )
    if failed:
        reopen_response(response=take.response)


def record_prepared(
    *, recording_id: UUID, files: list[PreparedFile], peaks: list[int], quality: dict[str, Any]
) -> None:
    """Keep the renditions, the waveform and the quality report: the recording can be played.

    Raises: StageFailure media_missing when its end has begun meanwhile.
    """
    kept = Recording.objects.select_for_update(of=("self",)).get(pk=recording_id)
    if kept.is_ended:
        raise StageFailure("media_missing", "the recording is no longer kept")
    for file in files:
        Rendition.objects.update_or_create(
            recording_id=recording_id,
            kind=file.kind,
            defaults={
                "content_type": file.content_type,
                "size_bytes": file.size_bytes,
                "sha256": file.sha256,
                "object_key": file.object_key,
                "inline": file.inline,
                "duration_ms": file.duration_ms,
            },
        )
    figures = {name: quality[name] for name in MEASURED}
    QualityReport.objects.update_or_create(
        recording_id=recording_id, defaults=figures | {"reasons": quality["reasons"]}
    )
    Recording.objects.filter(pk=recording_id).update(
        peaks=peaks, state=Recording.State.AVAILABLE, failure_code=""
    )


def record_preparing_dead(recording_id: UUID, code: str) -> None:
    """The recording stays, but can only be downloaded."""
    Recording.objects.filter(pk=recording_id).update(failure_code=code)

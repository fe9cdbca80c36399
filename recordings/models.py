"""Uploads, the recordings they become, their renditions, and who was given a URL."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models

from interviews.models import Session, Take
from ops.principals import Principal


class Upload(models.Model):
    """One grant to put one object of a known size and type under a key that we made."""

    class State(models.TextChoices):
        GRANTED = "granted"
        RECEIVED = "received"  # every byte arrived; not yet completed by the client
        COMPLETED = "completed"
        ABORTED = "aborted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    take = models.ForeignKey(Take, on_delete=models.CASCADE, related_name="uploads")
    storage_type = models.CharField(max_length=10, default="local")
    bucket = models.CharField(max_length=100, blank=True)
    object_key = models.CharField(max_length=200, unique=True)
    multipart_id = models.CharField(max_length=1024, blank=True)  # the store's; "": one PUT
    part_bytes = models.PositiveIntegerField(default=0)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)  # as promised by the client
    received_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.GRANTED)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)  # nothing is left under object_key

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"], name="uploads_to_clear", condition=models.Q(cleared_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"upload {self.id}"


class RecordingQuerySet(models.QuerySet["Recording"]):
    """Recordings by who may see them."""

    def visible_to(self, principal: Principal) -> Self:
        """The recordings of the sessions that the principal may see."""
        return self.filter(session__in=Session.objects.visible_to(principal))

    def open_to(self, principal: Principal) -> Self:
        """Those of them whose bytes the principal may be given: a withdrawal holds at once."""
        kept = self.visible_to(principal).exclude(state__in=Recording.GONE)
        return kept.exclude(session__state=Session.State.WITHDRAWN)


class Recording(models.Model):
    """A stored answer: metadata in this row, bytes behind the storage door."""

    class State(models.TextChoices):
        STORED = "stored"
        REFUSED = "refused"  # verify found it unusable; failure_code says why
        NORMALISED = "normalised"
        AVAILABLE = "available"
        COLD = "cold"  # in an archive: it plays once it was restored
        RESTORING = "restoring"
        DELETING = "deleting"  # its end has begun; nothing is given out any more
        DELETED = "deleted"  # a tombstone: what, when and why stay

    GONE: ClassVar = (State.DELETING, State.DELETED, State.REFUSED)
    ARCHIVED: ClassVar = (State.COLD, State.RESTORING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="recordings")
    take = models.OneToOneField(Take, on_delete=models.CASCADE, related_name="recording")
    storage_type = models.CharField(max_length=10, default="local")
    bucket = models.CharField(max_length=100, blank=True)
    object_key = models.CharField(max_length=200)
    storage_class = models.CharField(max_length=20, default="STANDARD")
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    container = models.CharField(max_length=20, blank=True)
    audio_codec = models.CharField(max_length=20, blank=True)
    video_codec = models.CharField(max_length=20, blank=True)
    width = models.PositiveSmallIntegerField(null=True)
    height = models.PositiveSmallIntegerField(null=True)
    rotation = models.SmallIntegerField(null=True)  # degrees
    duration_ms = models.PositiveIntegerField(null=True)
    peaks = models.JSONField(null=True)  # waveform: up to 400 values 0..100
    state = models.CharField(max_length=12, choices=State.choices, default=State.STORED)
    failure_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    original_deleted_at = models.DateTimeField(null=True, blank=True)  # its renditions stay
    readable_until = models.DateTimeField(null=True, blank=True)  # the copy of an archived one
    deleted_at = models.DateTimeField(null=True, blank=True)
    deletion_reason = models.CharField(max_length=20, blank=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["session", "created_at"]),
            models.Index(
                fields=["created_at"],
                name="recordings_by_age",
                condition=~models.Q(state="deleted"),
            ),
        ]

    def __str__(self) -> str:
        return f"recording {self.id}"

    @property
    def is_ended(self) -> bool:
        """Whether it is no longer kept, or on its way there."""
        return self.state in (self.State.DELETING, self.State.DELETED)

    def is_cold(self, now: datetime) -> bool:
        """Whether it is in an archive and no copy of it can be read."""
        return is_cold(self.state, self.readable_until, now)


def is_cold(state: str, readable_until: datetime | None, now: datetime) -> bool:
    """Whether a recording of that state is in an archive and no copy of it can be read."""
    is_readable = readable_until is not None and now < readable_until
    return state in Recording.ARCHIVED and not is_readable


class Rendition(models.Model):
    """What was made from a recording: speech for machines, playback for people, a poster."""

    class Kind(models.TextChoices):
        SPEECH = "speech"
        PLAYBACK = "playback"
        POSTER = "poster"

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    object_key = models.CharField(max_length=200, blank=True)
    inline = models.BinaryField(null=True)  # a poster of at most 15 KB lives in the row
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    duration_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recording", "kind"], name="one_rendition_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.recording_id}"


class QualityReport(models.Model):
    """How well the recording can be heard. A failed measurement is null plus a reason."""

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="quality")
    loudness_dbfs = models.FloatField(null=True)  # RMS of the whole recording
    peak_dbfs = models.FloatField(null=True)
    clipped_share = models.FloatField(null=True)  # 0..1
    silent_share = models.FloatField(null=True)  # 0..1
    reasons = models.JSONField(default=dict)  # field -> why it is null

    def __str__(self) -> str:
        return f"quality of {self.recording_id}"


class UrlGrant(models.Model):
    """A log of who was given access to what and why. The URL itself is never stored."""

    class Purpose(models.TextChoices):
        DOWNLOAD = "download"
        PREVIEW = "preview"
        BATCH = "batch"
        ADMIN = "admin"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="url_grants")
    rendition = models.CharField(max_length=10)  # a Rendition kind, or "original"
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    actor = models.CharField(max_length=80)  # Principal.key
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "URL grant"

    def __str__(self) -> str:
        return f"{self.purpose} for {self.actor}"

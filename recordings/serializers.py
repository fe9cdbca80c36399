"""The shapes of recordings in REST."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from recordings.handed_out import ORIGINAL
from recordings.models import Rendition, UrlGrant
from recordings.parts import MAX_PARTS
from recordings.services.takes import RECORDED_MODES
from recordings.services.urls import MAX_BATCH

SHA256_CHARS = 64
RENDITIONS = (*Rendition.Kind.values, ORIGINAL)


class TakeRequest(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(choices=RECORDED_MODES)


class TakeDocument(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    response_id = serializers.UUIDField()
    number = serializers.IntegerField()
    mode = serializers.CharField()
    state = serializers.CharField()
    is_counted = serializers.BooleanField()
    failure_code = serializers.CharField(allow_blank=True)
    started_at = serializers.DateTimeField()


class UploadRequest(serializers.Serializer[Any]):
    bytes = serializers.IntegerField(min_value=0, max_value=2**53)
    content_type = serializers.CharField(max_length=200)
    sha256 = serializers.RegexField(
        rf"^[0-9a-fA-F]{{{SHA256_CHARS}}}$", required=False, allow_blank=True
    )


class UploadPart(serializers.Serializer[Any]):
    """Where the bytes of the file from `first_byte` on go."""

    number = serializers.IntegerField()
    first_byte = serializers.IntegerField()
    size_bytes = serializers.IntegerField()
    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField())


class UploadGrantDocument(serializers.Serializer[Any]):
    """Where and how the recording goes: by one PUT to `url`, or by one for each of `parts`.

    Every header has to be sent as it is given.
    """

    upload_id = serializers.UUIDField()
    method = serializers.ChoiceField(choices=["PUT"])
    url = serializers.CharField(allow_blank=True)
    headers = serializers.DictField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()
    part_bytes = serializers.IntegerField(help_text="0: one PUT")
    parts = UploadPart(many=True)


class UploadRenewRequest(serializers.Serializer[Any]):
    """The numbers of the parts that are still to be sent; none for an upload by one PUT."""

    parts = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_PARTS),
        max_length=MAX_PARTS,
        default=list,
    )


class ArrivedPart(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    size_bytes = serializers.IntegerField()


class UploadStatusDocument(serializers.Serializer[Any]):
    upload_id = serializers.UUIDField()
    take_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["granted", "received", "completed", "aborted"])
    size_bytes = serializers.IntegerField()
    received_bytes = serializers.IntegerField()
    part_bytes = serializers.IntegerField(help_text="0: one PUT")
    parts = ArrivedPart(many=True)
    content_type = serializers.CharField()
    expires_at = serializers.DateTimeField()
    recording_id = serializers.UUIDField(allow_null=True)
    recording_state = serializers.CharField(allow_null=True)


class UploadCompleted(serializers.Serializer[Any]):
    recording_id = serializers.UUIDField(source="pk")
    take_id = serializers.UUIDField()
    state = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class TechnicalFailureRequest(serializers.Serializer[Any]):
    """Why the take could not be recorded or sent, in the recorder's own words."""

    reason = serializers.ChoiceField(
        choices=["device_lost", "recorder_failed", "upload_failed", "page_closed", "storage_lost"]
    )


@extend_schema_serializer(component_name="RecordingUrlRequest")
class RecordingUrlRequest(serializers.Serializer[Any]):
    recording_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_BATCH
    )
    purpose = serializers.ChoiceField(choices=UrlGrant.Purpose.values)
    rendition = serializers.ChoiceField(choices=RENDITIONS, default=Rendition.Kind.PLAYBACK.value)


class RecordingUrl(serializers.Serializer[Any]):
    recording_id = serializers.UUIDField()
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()
    cached = serializers.BooleanField()


class RecordingUrlError(serializers.Serializer[Any]):
    recording_id = serializers.UUIDField()
    code = serializers.CharField()
    message = serializers.CharField()


class RecordingUrlResponse(serializers.Serializer[Any]):
    urls = RecordingUrl(many=True)
    errors = RecordingUrlError(many=True)  # type: ignore[assignment] # a field, by API.md


class RecordingRestoreDocument(serializers.Serializer[Any]):
    """How far a recording is on its way out of the archive."""

    recording_id = serializers.UUIDField(source="pk")
    state = serializers.ChoiceField(choices=["restoring", "cold"])
    readable_until = serializers.DateTimeField(allow_null=True)

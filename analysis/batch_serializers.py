"""What starts a session's analysis and how it goes, as the OpenAPI schema names it."""

from typing import Any

from rest_framework import serializers

from ops.serializers import PRIORITIES, FailureSerializer, JobSerializer

MAX_CHOSEN = 100


class BatchProcessRequestSerializer(serializers.Serializer[Any]):
    """Which stages to run. Without `force` only what is missing or failed."""

    transcribe = serializers.BooleanField(default=True)
    analyze = serializers.BooleanField(default=True)
    measure_video = serializers.BooleanField(default=False)
    force = serializers.BooleanField(default=False)
    may_wait = serializers.BooleanField(
        default=False,
        help_text="A language model's ratings may take up to a day, at half the price.",
    )
    priority = serializers.ChoiceField(choices=PRIORITIES, default=PRIORITIES[1])
    not_before = serializers.DateTimeField(
        default=None, allow_null=True, help_text="When to begin; at once when absent."
    )
    recording_ids = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        allow_empty=False,
        max_length=MAX_CHOSEN,
        help_text="Only these recordings; all of the session's when absent.",
    )


class AnalysisRequestSerializer(BatchProcessRequestSerializer):
    """The same, for a session named by its id alone."""

    session_id = serializers.UUIDField()


class BatchProcessResponseSerializer(serializers.Serializer[Any]):
    """The run that was started, or the one that was open."""

    run_id = serializers.UUIDField()
    status_url = serializers.CharField()
    stream_url = serializers.CharField()
    jobs = JobSerializer(many=True)


class RetryCountSerializer(serializers.Serializer[Any]):
    """How often a failure was answered by another attempt."""

    code = serializers.CharField()
    strategy = serializers.CharField()
    count = serializers.IntegerField()


class FailedJobSerializer(serializers.Serializer[Any]):
    """A stage that gave up."""

    job_id = serializers.UUIDField(source="public_id")
    stage = serializers.CharField()
    subject_id = serializers.UUIDField()
    failure = FailureSerializer(allow_null=True)


class BatchStatusSerializer(serializers.Serializer[Any]):
    """How the processing of a session goes."""

    session_id = serializers.UUIDField()
    run_id = serializers.UUIDField(source="run.id")
    status = serializers.CharField(source="run.state")
    percent = serializers.FloatField(source="run.percent")
    current_stage = serializers.CharField(source="run.current_stage", allow_blank=True)
    estimated_completion_s = serializers.FloatField(
        source="run.estimated_completion_s", allow_null=True
    )
    estimated_error_s = serializers.FloatField(source="run.estimated_error_s", allow_null=True)
    last_event_seq = serializers.IntegerField(source="run.last_event_seq")
    stages = JobSerializer(source="run.jobs", many=True)
    retries = RetryCountSerializer(many=True)
    next_retry_at = serializers.DateTimeField(allow_null=True)
    failures = FailedJobSerializer(source="failed", many=True)

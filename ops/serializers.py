"""The machine room's rows as REST, sockets and streams show them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ops.models import Job, Run
from ops.selectors import RunSnapshot

PRIORITIES = Job.Priority.labels
HEALTH_STATUSES = ("healthy", "degraded", "unhealthy")


class FailureSerializer(serializers.Serializer[Any]):
    """Why a stage failed, for people and programs."""

    code = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField()
    retryable = serializers.BooleanField()
    retry_at = serializers.DateTimeField(allow_null=True)
    support_reference = serializers.CharField(allow_blank=True)


class JobSerializer(serializers.Serializer[Any]):
    """One stage for one subject."""

    id = serializers.UUIDField(source="public_id")
    stage = serializers.CharField()
    subject_kind = serializers.CharField()
    subject_id = serializers.UUIDField()
    generation = serializers.IntegerField(help_text="Of the session's stages.")
    state = serializers.ChoiceField(choices=Job.State.choices)
    outcome = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    progress = serializers.FloatField(help_text="0..1")
    attempts = serializers.IntegerField()
    priority = serializers.ChoiceField(choices=PRIORITIES, source="priority_name")
    run_at = serializers.DateTimeField(help_text="When it is, or was, due.")
    finished_at = serializers.DateTimeField(allow_null=True)
    failure = FailureSerializer(allow_null=True)


class RunSerializer(serializers.Serializer[Any]):
    """One pass over a session or recording, with its stages."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Run.State.choices)
    percent = serializers.FloatField(help_text="0..100, never falls.")
    current_stage = serializers.CharField(allow_blank=True)
    estimated_completion_s = serializers.FloatField(allow_null=True)
    estimated_error_s = serializers.FloatField(allow_null=True)
    last_event_seq = serializers.IntegerField()
    sealed = serializers.BooleanField(help_text="No more recordings will come.")
    generation = serializers.IntegerField(help_text="Of the session's stages.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    subject_kind = serializers.CharField()
    subject_id = serializers.UUIDField()
    jobs = JobSerializer(many=True)


class RunStatusSerializer(serializers.Serializer[Any]):
    """The few facts of a run that a poller needs."""

    run_id = serializers.UUIDField(source="id")
    status = serializers.ChoiceField(choices=Run.State.choices, source="state")
    percent = serializers.FloatField()
    current_stage = serializers.CharField(allow_blank=True)
    estimated_completion_s = serializers.FloatField(allow_null=True)
    estimated_error_s = serializers.FloatField(allow_null=True)
    last_event_seq = serializers.IntegerField()


class JobEntrySerializer(JobSerializer):
    """A job in a list, with the run it belongs to."""

    run_id = serializers.UUIDField()
    created_at = serializers.DateTimeField()


class RescheduleSerializer(serializers.Serializer[Any]):
    """Where a waiting job is moved to."""

    priority = serializers.ChoiceField(choices=PRIORITIES, required=False)
    run_at = serializers.DateTimeField(
        required=False, help_text="Not before then; a moment that has passed means at once."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a move that moves nothing."""
        if not attrs:
            raise serializers.ValidationError(_("Send priority, run_at or both."))
        return attrs


class JobFiltersSerializer(serializers.Serializer[Any]):
    """Which jobs to list."""

    state = serializers.ChoiceField(choices=Job.State.choices, required=False)
    kind = serializers.CharField(max_length=40, required=False, help_text="A stage's name.")
    session = serializers.UUIDField(required=False)
    run = serializers.UUIDField(required=False)


class LivenessSerializer(serializers.Serializer[Any]):
    """That the web process is up."""

    status = serializers.CharField()
    version = serializers.CharField()


class WorkerSerializer(serializers.Serializer[Any]):
    """One cluster of workers, as it last reported."""

    id = serializers.CharField()
    queue = serializers.CharField()
    last_heartbeat_s = serializers.FloatField()
    running = serializers.IntegerField()


class QueueSerializer(serializers.Serializer[Any]):
    """What a queue holds, and what ended in it within the window."""

    waiting = serializers.IntegerField(help_text="Due, not taken.")
    active = serializers.IntegerField()
    retry_wait = serializers.IntegerField(help_text="Due later.")
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    oldest_waiting_s = serializers.FloatField(allow_null=True)


class DeadLettersSerializer(serializers.Serializer[Any]):
    """What gave up and waits for a person."""

    open = serializers.IntegerField()
    oldest_s = serializers.FloatField(allow_null=True)


class BreakerSerializer(serializers.Serializer[Any]):
    """Whether an outside service may be called."""

    state = serializers.CharField(help_text="closed, open or half_open.")
    forced = serializers.CharField(help_text="What staff hold it at: open, closed or nothing.")
    failure_code = serializers.CharField(help_text="Of the failure that opened it last.")
    open_for_s = serializers.FloatField(allow_null=True)
    next_probe_s = serializers.FloatField(allow_null=True)


class WorkerHealthSerializer(serializers.Serializer[Any]):
    """How the workers are. Staff see all of it, others the first three members."""

    PUBLIC = ("status", "timestamp", "response_time_ms")

    status = serializers.ChoiceField(choices=HEALTH_STATUSES)
    timestamp = serializers.DateTimeField()
    response_time_ms = serializers.FloatField()
    reasons = serializers.ListField(child=serializers.CharField(), required=False)
    window_s = serializers.IntegerField(
        required=False, help_text="Over which completed and failed are counted."
    )
    broker = serializers.DictField(required=False)
    database = serializers.DictField(required=False)
    storage = serializers.DictField(required=False, allow_null=True)
    workers = WorkerSerializer(many=True, required=False)
    queues = serializers.DictField(child=QueueSerializer(), required=False)
    breakers = serializers.DictField(child=BreakerSerializer(), required=False)
    dead_letters = DeadLettersSerializer(required=False)
    redis = serializers.DictField(required=False, allow_null=True, help_text="Null: not used.")
    total_failed = serializers.IntegerField(required=False)


class DifferenceSerializer(serializers.Serializer[Any]):
    """One field that two people wrote differently."""

    theirs = serializers.JSONField(help_text="What is stored.")
    yours = serializers.JSONField(help_text="What was sent, and is not stored.")


class ProblemSerializer(serializers.Serializer[Any]):
    """Any error (RFC 9457)."""

    type = serializers.CharField(help_text="URN of the kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    code = serializers.CharField(help_text="Stable; a failure code where one applies.")
    suggestion = serializers.CharField(required=False)
    retryable = serializers.BooleanField()
    retry_after_s = serializers.FloatField(required=False)
    support_reference = serializers.CharField(required=False)
    errors = serializers.DictField(  # type: ignore[assignment]  # a field, not Serializer.errors
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Field -> messages, for wrong input.",
    )
    differences = serializers.DictField(
        child=DifferenceSerializer(),
        required=False,
        help_text="Field -> both texts, when somebody else saved meanwhile.",
    )
    edit_number = serializers.IntegerField(
        required=False, help_text="The edit to start from now, with `differences`."
    )


def run_as_json(snapshot: RunSnapshot) -> dict[str, Any]:
    """Return the run as sockets and streams send it."""
    return dict(RunSerializer(snapshot).data)

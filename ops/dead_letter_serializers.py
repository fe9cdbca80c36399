"""Dead letters over REST: what is asked for and what is told."""

from typing import Any

from rest_framework import serializers

from ops.exact import ExactSerializer
from ops.failures import FAILURES
from ops.models import DeadLetter

ACTIONS = ("retry", "retry_all", "discard", "clear")
MOST_JOBS = 100
FASTEST_PER_MIN = 6000


class LetterFiltersSerializer(serializers.Serializer[Any]):
    """Which dead letters."""

    state = serializers.ChoiceField(
        choices=DeadLetter.State.choices, default=DeadLetter.State.OPEN.value
    )
    queue = serializers.CharField(required=False, max_length=20)
    stage = serializers.CharField(required=False, max_length=40)
    code = serializers.ChoiceField(choices=sorted(FAILURES), required=False)
    fingerprint = serializers.CharField(required=False, max_length=64)
    similar = serializers.CharField(required=False, max_length=32)
    older_than_s = serializers.FloatField(required=False, min_value=0, max_value=10**9)
    group_by = serializers.ChoiceField(
        choices=("fingerprint", "similar"),
        default="fingerprint",
        help_text="One cause in the code, or messages that read alike wherever they arose.",
    )


class QueueOfLettersSerializer(serializers.Serializer[Any]):
    """What gave up in one queue."""

    count = serializers.IntegerField()
    oldest_failure_at = serializers.DateTimeField()
    by_code = serializers.DictField(child=serializers.IntegerField())


class LetterGroupSerializer(serializers.Serializer[Any]):
    """Letters that have something in common."""

    key = serializers.CharField(help_text="The fingerprint, or what similar messages share.")
    failure_code = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField()
    shape = serializers.CharField(help_text="The error without ids, paths and numbers.")
    stages = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField()
    candidates = serializers.IntegerField(help_text="Whose sessions wait.")
    scheduled = serializers.IntegerField(help_text="Will be driven again without more ado.")
    last_hour = serializers.IntegerField()
    is_spike = serializers.BooleanField(
        help_text="At least 5 within the hour, and 3 times the mean hour of the day before."
    )
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()


class DeadLetterSerializer(serializers.Serializer[Any]):
    """A job that gave up."""

    id = serializers.UUIDField()
    job_id = serializers.UUIDField(source="job.public_id")
    run_id = serializers.UUIDField(source="job.run_id")
    state = serializers.CharField()
    stage = serializers.CharField()
    queue = serializers.CharField()
    failure_code = serializers.CharField()
    fingerprint = serializers.CharField()
    similar = serializers.CharField()
    shape = serializers.CharField()
    redrives = serializers.IntegerField()
    redrive_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class DeadLetterQueueSerializer(serializers.Serializer[Any]):
    """Counts, groups and one page of entries of the letters asked for."""

    total = serializers.IntegerField()
    queues = serializers.DictField(child=QueueOfLettersSerializer())
    groups = LetterGroupSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DeadLetterSerializer(many=True)


class LetterActionSerializer(ExactSerializer):
    """What to do with dead letters: to those of `job_ids`, or to all that match."""

    action = serializers.ChoiceField(choices=ACTIONS)
    job_ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MOST_JOBS
    )
    queue = serializers.CharField(required=False, max_length=20)
    stage = serializers.CharField(required=False, max_length=40)
    code = serializers.ChoiceField(choices=sorted(FAILURES), required=False)
    fingerprint = serializers.CharField(required=False, max_length=64)
    similar = serializers.CharField(required=False, max_length=32)
    older_than_s = serializers.FloatField(required=False, min_value=0, max_value=10**9)
    rate_per_min = serializers.FloatField(
        required=False, min_value=0.1, max_value=FASTEST_PER_MIN, help_text="For retry_all."
    )
    reason = serializers.CharField(max_length=200, help_text="Kept in the audit trail.")
    dry_run = serializers.BooleanField(default=False, help_text="Count, change nothing.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let `retry` and `discard` name their jobs, `retry_all` and `clear` their filter."""
        names_jobs = attrs["action"] in ("retry", "discard")
        if names_jobs and "job_ids" not in attrs:
            raise serializers.ValidationError(
                {"job_ids": ["Say which. For all that match there are retry_all and clear."]}
            )
        if not names_jobs and "job_ids" in attrs:
            raise serializers.ValidationError(
                {"job_ids": ["This action takes all that match; leave the list out."]}
            )
        return attrs


class LetterItemSerializer(serializers.Serializer[Any]):
    """What became of one job."""

    job_id = serializers.UUIDField()
    done = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why not; empty when done.")


class LetterActionAnswerSerializer(serializers.Serializer[Any]):
    """What was done, or in a dry run would be."""

    action = serializers.CharField()
    dry_run = serializers.BooleanField()
    count = serializers.IntegerField()
    candidates = serializers.IntegerField(allow_null=True, help_text="Whose sessions wait.")
    rate_per_min = serializers.FloatField(allow_null=True)
    last_at = serializers.DateTimeField(
        allow_null=True, help_text="When the last of them goes back to work."
    )
    results = LetterItemSerializer(many=True, help_text="One for each of `job_ids`.")

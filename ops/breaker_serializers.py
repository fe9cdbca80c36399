"""Circuit breakers over REST: what is asked for and what is told."""

from typing import Any

from rest_framework import serializers

from ops.breaker_rules import Force
from ops.exact import ExactSerializer
from ops.failures import FAILURES

FORCES: dict[str, Force] = {"open": "open", "closed": "closed", "auto": ""}


class BreakerRowSerializer(serializers.Serializer[Any]):
    """How one outside service fares."""

    dependency = serializers.CharField()
    state = serializers.ChoiceField(choices=("closed", "open", "half_open"))
    held = serializers.CharField(
        source="forced", help_text="What staff hold it at: open, closed, or empty: it judges."
    )
    failures_in_row = serializers.IntegerField()
    opened_at = serializers.DateTimeField(allow_null=True)
    next_probe_at = serializers.DateTimeField(source="open_until", allow_null=True)
    refused = serializers.IntegerField(help_text="Calls turned away since it opened.")
    trips = serializers.IntegerField()
    failure_code = serializers.CharField(help_text="What opened it last; empty: nothing ever did.")
    message = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()

    def get_message(self, view: Any) -> str:
        """Return the sentence of the code."""
        failure = FAILURES.get(view.failure_code)
        return failure.message if failure else ""


class BreakerListSerializer(serializers.Serializer[Any]):
    """Every breaker that has counted a call."""

    breakers = BreakerRowSerializer(many=True)


class HoldBreakerSerializer(ExactSerializer):
    """What to do with a breaker."""

    dependency = serializers.CharField(max_length=60)
    to = serializers.ChoiceField(
        choices=tuple(FORCES), help_text="auto: it judges by itself again, starting closed."
    )
    reason = serializers.CharField(max_length=200, help_text="Kept in the audit trail.")

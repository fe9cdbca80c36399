"""REST documents of assignments."""

from typing import Any

from rest_framework import serializers

from interviews.services.assignments import MOST_SESSIONS


class AssignmentDocument(serializers.Serializer[Any]):
    """A session that a member reviews."""

    id = serializers.UUIDField()
    session_id = serializers.UUIDField()
    candidate_alias = serializers.CharField()
    reviewer = serializers.EmailField(source="reviewer_email")
    reviewer_name = serializers.CharField()
    assigned_at = serializers.DateTimeField()
    reviewed_at = serializers.DateTimeField(
        allow_null=True, help_text="When her review was handed in."
    )


class AssignmentFilter(serializers.Serializer[Any]):
    """Which assignments are wanted."""

    session = serializers.UUIDField(required=False)
    reviewer = serializers.EmailField(required=False, help_text="A member of your organization.")


class AssignRequest(serializers.Serializer[Any]):
    """Who is to review which sessions."""

    session_ids = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=MOST_SESSIONS
    )
    reviewer = serializers.EmailField(help_text="A member of your organization.")
    send_email = serializers.BooleanField(default=True)


class AssignAnswer(serializers.Serializer[Any]):
    """The assignments that are new, and whether their mail did not leave."""

    assignments = AssignmentDocument(many=True)
    mail_failed = serializers.BooleanField()

"""REST documents of invitations."""

from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from interviews.models import Invitation
from interviews.selectors.invitations import STATES
from interviews.services.invitations import DEFAULT_DAYS, LONGEST_DAYS, MOST_USES


class Days(serializers.Serializer[Any]):
    """Until when."""

    days = serializers.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, default=DEFAULT_DAYS, help_text="Counted from now."
    )

    def deadline(self, now: datetime) -> datetime:
        """Return the moment that the days come to."""
        days: int = self.validated_data["days"]
        return now + timedelta(days=days)


class InvitationRequest(Days):
    """One person (`personal`), or a link for many (`open`)."""

    kind = serializers.ChoiceField(choices=Invitation.Kind.choices, default="personal")
    name = serializers.CharField(max_length=200, required=False, help_text="Of a personal link.")
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    external_id = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default=""
    )
    send_email = serializers.BooleanField(default=False)
    label = serializers.CharField(  # type: ignore[assignment]  # DRF's own name for another thing
        max_length=100, required=False, help_text="Of an open link."
    )
    max_uses = serializers.IntegerField(
        min_value=1, max_value=MOST_USES, required=False, help_text="Of an open link."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = ("label", "max_uses") if attrs["kind"] == "open" else ("name",)
        missing = {name: ["This field is required."] for name in needed if name not in attrs}
        if missing:
            raise serializers.ValidationError(missing)
        return attrs


class SheetOptions(Days):
    """What goes with a CSV body, as query parameters."""

    send_email = serializers.BooleanField(default=False)


class InvitationFilters(serializers.Serializer[Any]):
    """Which invitations are wanted."""

    q = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=200,
        help_text="Part of a name, address, alias or label.",
    )
    state = serializers.ChoiceField(choices=STATES, required=False, default="")
    external_id = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=100, help_text="The whole of it."
    )


class RenewRequest(serializers.Serializer[Any]):
    """Whether the new link is mailed."""

    send_email = serializers.BooleanField(default=True)


class InvitationDocument(serializers.Serializer[Any]):
    """An invitation. `state` is opened once somebody pressed Start."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Invitation.Kind.choices)
    state = serializers.ChoiceField(choices=STATES)
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    alias = serializers.CharField(allow_blank=True)
    external_id = serializers.CharField(allow_blank=True)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # as above
    uses = serializers.IntegerField()
    max_uses = serializers.IntegerField(allow_null=True)
    mail_state = serializers.CharField(allow_blank=True, help_text="sent, failed or empty")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class InvitationMade(InvitationDocument):
    """With its link, which no later answer repeats, not even to the same Idempotency-Key."""

    link = serializers.CharField(allow_null=True)


class SheetRowDocument(serializers.Serializer[Any]):
    """What became of one row of a CSV body."""

    line = serializers.IntegerField(source="row.line")
    name = serializers.CharField(source="row.name", allow_blank=True)
    email = serializers.CharField(source="row.email", allow_blank=True)
    external_id = serializers.CharField(source="row.external_id", allow_blank=True)
    invitation_id = serializers.UUIDField(
        source="link.invitation.pk", allow_null=True, default=None
    )
    mail_state = serializers.CharField(
        source="link.invitation.mail_state", allow_blank=True, default=""
    )
    link = serializers.CharField(source="link.url", allow_null=True, default=None)
    problem = serializers.CharField(allow_blank=True)


class SheetReportDocument(serializers.Serializer[Any]):
    """What became of a CSV body."""

    invited = serializers.IntegerField()
    refused = serializers.IntegerField()
    not_mailed = serializers.IntegerField()
    rows = SheetRowDocument(many=True)

"""REST documents of an organization: its members, who is invited, its keys."""

from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from ops.exact import ExactSerializer
from ops.models import Membership
from ops.principals import SCOPES
from ops.services import LONGEST_KEY_DAYS

ROLES = Membership.Role.choices
SCOPE_CHOICES = [(scope, scope) for scope in SCOPES]
KEY_STATES = ("live", "expired", "revoked")
DEFAULT_KEY_DAYS = 90


class OrganizationDocument(serializers.Serializer[Any]):
    """Where you belong, as what, and what you may do the way you ask."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES, help_text="Yours.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="Of this key.")


class BudgetDocument(serializers.Serializer[Any]):
    """What may be spent in a month, and how far this month's is used."""

    budget_usd = serializers.DecimalField(
        max_digits=10, decimal_places=2, allow_null=True, help_text="Null: no limit."
    )
    spent_usd = serializers.DecimalField(
        max_digits=18, decimal_places=12, help_text="This month, of what has a price."
    )
    is_warning = serializers.BooleanField(help_text="80 % or more are used.")
    is_exceeded = serializers.BooleanField(help_text="Hosted engines rest; local ones go on.")
    month_starts_at = serializers.DateTimeField()
    month_ends_at = serializers.DateTimeField()


class BudgetRequest(ExactSerializer):
    """A new limit."""

    budget_usd = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, allow_null=True
    )


class MemberDocument(serializers.Serializer[Any]):
    """Somebody who belongs to the organization."""

    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    is_self = serializers.BooleanField()
    has_second_factor = serializers.BooleanField()
    joined_at = serializers.DateTimeField()


class RoleRequest(ExactSerializer):
    """A member's new role."""

    role = serializers.ChoiceField(choices=ROLES)


class MemberInvitationRequest(RoleRequest):
    """Who is invited, as what."""

    email = serializers.EmailField()
    send_email = serializers.BooleanField(default=True)


class MemberInvitationDocument(serializers.Serializer[Any]):
    """An invitation that nobody has accepted yet."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class MemberInvitationMade(MemberInvitationDocument):
    """With its link, which no later answer repeats, not even to the same Idempotency-Key."""

    is_mailed = serializers.BooleanField()
    link = serializers.CharField(allow_null=True)


class KeyRequest(ExactSerializer):
    """A new key of your own."""

    name = serializers.CharField(max_length=100, help_text="What uses it.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPE_CHOICES), allow_empty=False, max_length=20
    )
    days = serializers.IntegerField(
        min_value=1, max_value=LONGEST_KEY_DAYS, default=DEFAULT_KEY_DAYS
    )

    def expires_at(self, now: datetime) -> datetime:
        """Return when the key that is asked for ends."""
        days: int = self.validated_data["days"]
        return now + timedelta(days=days)


class KeyDocument(serializers.Serializer[Any]):
    """An API key without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How it begins.")
    scopes = serializers.ListField(child=serializers.CharField())
    holder = serializers.CharField(help_text="For whom it acts.")
    state = serializers.ChoiceField(choices=KEY_STATES)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class KeyMade(KeyDocument):
    """With the key itself, which no later answer repeats."""

    key = serializers.CharField(allow_null=True)

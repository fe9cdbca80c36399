"""The shapes of receipts and costs in answers, as the OpenAPI schema names them."""

from typing import Any

from rest_framework import serializers

from analysis.month_costs import MONTH
from analysis.shapes import Shape
from ops.exact import ExactSerializer
from ops.prices import KINDS

KNOWN = "Of what has a price; null where nothing has."


def money(**more: Any) -> serializers.DecimalField:
    """Return the field of a sum in dollars, to a trillionth."""
    return serializers.DecimalField(max_digits=18, decimal_places=12, **more)


def month_field() -> serializers.RegexField:
    """Return the field of a month that may be asked for."""
    return serializers.RegexField(
        rf"^{MONTH}$", required=False, help_text="Such as 2026-11; by default this one."
    )


class ReceiptLineShape(Shape):
    """Entries of one kind, provider and model, summed."""

    kind = serializers.CharField()
    what = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    provider = serializers.CharField()
    model = serializers.CharField(allow_blank=True, help_text="Or the storage class.")
    quantity = serializers.FloatField()
    cost_usd = money(allow_null=True, help_text=KNOWN)
    saved_by = serializers.CharField(allow_blank=True)
    saved_quantity = serializers.FloatField()
    saved_usd = money(allow_null=True)
    alternative = serializers.CharField(allow_blank=True, help_text="What was spared.")
    entries = serializers.IntegerField()
    unpriced = serializers.IntegerField(help_text="Entries without a price, not in the cost.")


class SumsShape(Shape):
    """What the lines come to."""

    storage_calls = serializers.IntegerField()
    s3_calls = serializers.IntegerField()
    audio_s = serializers.FloatField()
    tokens = serializers.IntegerField()
    mails = serializers.IntegerField()
    entries = serializers.IntegerField()
    unpriced = serializers.IntegerField()
    cost_usd = money(allow_null=True, help_text=KNOWN)
    saved_usd = money()
    cache_share = serializers.FloatField(
        allow_null=True, help_text="Spared by caches, of what would have been paid without. 0..1"
    )


class SessionReceiptSerializer(Shape):
    """What was used for a session, adding up to the rows that were counted."""

    session_id = serializers.UUIDField()
    summary = serializers.CharField()
    sums = SumsShape()
    lines = ReceiptLineShape(many=True)
    heard_locally = serializers.IntegerField(
        help_text="Recordings that a local engine heard because the budget was used up."
    )
    is_unrated_by_budget = serializers.BooleanField()
    why_local = serializers.CharField(allow_blank=True)


class InterviewCostsShape(Shape):
    """What the sessions of one interview used in the month."""

    key = serializers.CharField(allow_blank=True, help_text="Empty: of no interview.")
    title = serializers.CharField(allow_blank=True)
    sessions = serializers.IntegerField()
    cost_usd = money(allow_null=True, help_text=KNOWN)
    saved_usd = money()


class SavedShape(Shape):
    """What one lever spared, against its stated alternative."""

    by = serializers.CharField()
    alternative = serializers.CharField()
    kind = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    quantity = serializers.FloatField()
    usd = money(allow_null=True)


class KeepingShape(Shape):
    """A thousand objects like the newest, from their first to their last day."""

    objects = serializers.IntegerField(help_text="That it rests on.")
    days = serializers.IntegerField()
    rule_usd = money(help_text="By the lifecycle rule of the settings.")
    standard_usd = money(help_text="All the time in the standard class.")
    classic_usd = money(help_text="By the usual rule: IA after 30 days, Glacier after 90.")


class KeptShape(Shape):
    """What is stored now, and what a month of it costs."""

    size_bytes = serializers.IntegerField()
    month_usd = money(allow_null=True)
    standard_usd = money(allow_null=True, help_text="All of it in the standard class.")
    wav_bytes = serializers.IntegerField(help_text="The same answers as 8 kHz 16-bit WAV.")
    audio_ms = serializers.IntegerField()
    keeping = KeepingShape(allow_null=True)


class ProjectionShape(Shape):
    """A thousand sessions like the mean of those of the month."""

    sessions = serializers.IntegerField(help_text="That it rests on.")
    usd = money()
    without_savings_usd = money()


class BudgetShape(Shape):
    """This month's budget; no `budget_usd` is no limit."""

    budget_usd = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    spent_usd = money()
    share = serializers.FloatField(allow_null=True)
    is_warning = serializers.BooleanField(help_text="80 % or more are used.")
    is_exceeded = serializers.BooleanField(help_text="Hosted engines rest.")


class UsageSerializer(Shape):
    """A month of the organization."""

    month = serializers.CharField()
    sums = SumsShape()
    lines = ReceiptLineShape(many=True)
    interviews = InterviewCostsShape(many=True)
    saved = SavedShape(many=True)
    by_day = serializers.DictField(
        child=serializers.DictField(child=money()), help_text="Day -> group of kinds -> USD."
    )
    kept = KeptShape()
    projection_per_1000_sessions = ProjectionShape(allow_null=True)
    budget = BudgetShape()


class UsageQuerySerializer(ExactSerializer):
    """Which month, and of which interview."""

    month = month_field()
    interview = serializers.CharField(required=False, max_length=64, help_text="Its key.")


class EntriesQuerySerializer(ExactSerializer):
    """Which rows."""

    month = month_field()
    kind = serializers.ChoiceField(choices=tuple(KINDS), required=False)
    session = serializers.UUIDField(required=False)
    cursor = serializers.CharField(required=False)
    page_size = serializers.CharField(required=False)


class UsageEntrySerializer(serializers.Serializer[Any]):
    """One counted row of the ledger."""

    at = serializers.DateTimeField()
    subject_kind = serializers.CharField(allow_blank=True)
    subject_id = serializers.UUIDField(allow_null=True)
    run_id = serializers.UUIDField(allow_null=True)
    job_id = serializers.UUIDField(allow_null=True)
    attempt = serializers.IntegerField(allow_null=True)
    kind = serializers.CharField()
    provider = serializers.CharField()
    model = serializers.CharField(allow_blank=True)
    quantity = serializers.FloatField()
    unit = serializers.CharField(allow_blank=True)
    unit_cost_usd = serializers.DecimalField(max_digits=20, decimal_places=14, allow_null=True)
    cost_usd = money(allow_null=True)
    saved_by = serializers.CharField(allow_blank=True)
    saved_quantity = serializers.FloatField()
    saved_usd = money(allow_null=True)
    alternative = serializers.CharField(allow_blank=True)

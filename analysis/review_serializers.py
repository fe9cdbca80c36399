"""What REST clients send to judge a session."""

from typing import Any

from rest_framework import serializers

from analysis.models import Scorecard
from analysis.review_forms import NOTE_CHARS, REASON_CHARS
from analysis.scorecards import Draft, Mark
from ops.exact import ExactSerializer

MAX_SCALES = 250  # more than an interview of 50 questions pins


class ScorecardMarkRequest(ExactSerializer):
    """A mark for one competency; without level and not insufficient it is not rated."""

    rubric_id = serializers.UUIDField()
    level = serializers.IntegerField(
        min_value=1, max_value=5, allow_null=True, required=False, default=None
    )
    is_insufficient = serializers.BooleanField(required=False, default=False)
    note = serializers.CharField(
        max_length=NOTE_CHARS,
        allow_blank=True,
        required=False,
        default="",
        trim_whitespace=False,
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["level"] is not None and attrs["is_insufficient"]:
            raise serializers.ValidationError(
                {"is_insufficient": ["Give a level, or say that the evidence is insufficient."]}
            )
        return attrs


class ScorecardRequest(ExactSerializer):
    """All of a scorecard: what is left out is empty, what is not named is not rated."""

    edit_number = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    note = serializers.CharField(
        max_length=NOTE_CHARS,
        allow_blank=True,
        required=False,
        default="",
        trim_whitespace=False,
    )
    recommendation = serializers.ChoiceField(
        choices=Scorecard.Recommendation.choices, allow_blank=True, required=False, default=""
    )
    ratings = ScorecardMarkRequest(many=True, required=False, default=list)

    def validate_ratings(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(rows) > MAX_SCALES:
            raise serializers.ValidationError(f"Give at most {MAX_SCALES}.")
        if len({row["rubric_id"] for row in rows}) < len(rows):
            raise serializers.ValidationError("Name each rubric once.")
        return rows

    @property
    def draft(self) -> Draft:
        """What was sent, as it is to be stored."""
        sent = self.validated_data
        marks = {
            row["rubric_id"]: Mark(
                level=row["level"], is_insufficient=row["is_insufficient"], note=row["note"]
            )
            for row in sent["ratings"]
        }
        return Draft(note=sent["note"], recommendation=sent["recommendation"], marks=marks)


class ScorecardSubmitRequest(ExactSerializer):
    """That a scorecard is done, gaps and all if `accepts_missing`."""

    edit_number = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    accepts_missing = serializers.BooleanField(required=False, default=False)


class ScorecardAmendRequest(ExactSerializer):
    """Why somebody judges again."""

    reason = serializers.CharField(max_length=REASON_CHARS)

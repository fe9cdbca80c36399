"""The shapes of scorecards in answers, as the OpenAPI schema names them."""

from typing import Any

from rest_framework import serializers

from analysis.models import Scorecard


class Shape(serializers.Serializer[Any]):
    """A shape of an answer, for the schema: `wire.as_data` writes it."""


class ReviewProgressShape(Shape):
    """How many of a session's reviews are in."""

    assigned = serializers.IntegerField()
    submitted = serializers.IntegerField(help_text="by members to whom it is assigned")
    unassigned = serializers.IntegerField(help_text="submitted by others")


class AnchorShape(Shape):
    """What an answer at one level looks like."""

    level = serializers.IntegerField()
    text = serializers.CharField()


class ScaleShape(Shape):
    """A competency to be judged, on the scale that the session's version pins."""

    rubric_id = serializers.UUIDField()
    competency_id = serializers.UUIDField()
    competency = serializers.CharField()
    definition = serializers.CharField(allow_blank=True)
    anchors = AnchorShape(many=True)
    questions = serializers.ListField(child=serializers.IntegerField(), help_text="their orders")


class ScorecardRatingShape(Shape):
    """A reviewer's mark; without level and not insufficient: not rated yet."""

    rubric_id = serializers.UUIDField()
    competency_id = serializers.UUIDField()
    competency = serializers.CharField()
    level = serializers.IntegerField(allow_null=True, min_value=1, max_value=5)
    is_insufficient = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)


class ScorecardSerializer(Shape):
    """What one member makes of a session."""

    id = serializers.UUIDField(allow_null=True, help_text="null before anything is stored")
    session_id = serializers.UUIDField()
    reviewer = serializers.CharField(allow_blank=True)
    is_mine = serializers.BooleanField()
    state = serializers.ChoiceField(choices=Scorecard.State.choices)
    edit_number = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)
    recommendation = serializers.ChoiceField(
        choices=Scorecard.Recommendation.choices, allow_blank=True
    )
    is_blind = serializers.BooleanField(
        help_text="whether other ratings were hidden from her when she began"
    )
    supersedes = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="why it supersedes another")
    submitted_at = serializers.DateTimeField(allow_null=True)
    ratings = ScorecardRatingShape(many=True)


class CompetencyPanelShape(Shape):
    """What the submitted scorecards say of one competency."""

    rubric_id = serializers.UUIDField()
    competency = serializers.CharField()
    mean_level = serializers.FloatField(allow_null=True, help_text="every reviewer alike")
    rated_count = serializers.IntegerField()
    insufficient_count = serializers.IntegerField()


class ReviewSerializer(Shape):
    """A session's scorecards as the asking member may see them.

    While `is_blind`, other members' are left out, and the machine's ratings too.
    """

    is_blind = serializers.BooleanField()
    is_assigned = serializers.BooleanField()
    can_write = serializers.BooleanField()
    progress = ReviewProgressShape()
    scales = ScaleShape(many=True)
    mine = ScorecardSerializer(allow_null=True)
    scorecards = ScorecardSerializer(many=True, help_text="submitted and in force")
    superseded = ScorecardSerializer(many=True)
    competencies = CompetencyPanelShape(many=True)

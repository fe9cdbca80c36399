"""The shape of agreement in answers, as the OpenAPI schema names it."""

from rest_framework import serializers

from analysis.shapes import Shape


class EstimateShape(Shape):
    """A number with its 95 % interval; null together, with the reason."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    pair_count = serializers.IntegerField()
    session_count = serializers.IntegerField()
    reason = serializers.CharField(
        allow_blank=True,
        help_text="too_few_pairs, too_few_sessions, too_uniform or not_above_zero; else empty.",
    )


class ReliabilityShape(Shape):
    """ICC of one reviewer, and of the mean of `panel_size`."""

    model = serializers.CharField(help_text="one-way or two-way")
    single = EstimateShape()
    mean = EstimateShape()
    panel_size = serializers.IntegerField()


class PanelShape(Shape):
    """How many reviewers' mean reaches the target; null: no number of them."""

    target = serializers.FloatField()
    count = serializers.IntegerField(allow_null=True)
    count_at_best = serializers.IntegerField(allow_null=True, help_text="At the ICC's upper end.")
    count_at_worst = serializers.IntegerField(allow_null=True, help_text="At its lower end.")


class CompetencyAgreementShape(Shape):
    """How far reviewers agree on one competency."""

    competency_id = serializers.UUIDField()
    competency = serializers.CharField()
    alpha = EstimateShape(help_text="Krippendorff's, ordinal.")
    reliability = ReliabilityShape()
    enough = PanelShape(allow_null=True, help_text="null: the reliability is not known.")


class ReviewerSeverityShape(Shape):
    """By how much somebody's levels lie above the others' on the same sessions."""

    member_id = serializers.UUIDField()
    reviewer = serializers.CharField()
    is_me = serializers.BooleanField()
    severity = EstimateShape(help_text="In levels; below 0 is stricter than the others.")


class MachineAgreementShape(Shape):
    """How far a machine rater agrees with the reviewers' mean on one competency."""

    provider = serializers.CharField()
    competency_id = serializers.UUIDField()
    competency = serializers.CharField()
    kappa = EstimateShape(help_text="With quadratic weights.")


class InterviewAgreementSerializer(Shape):
    """Agreement in one interview, of scorecards that were written without seeing another."""

    interview_key = serializers.CharField()
    interview_title = serializers.CharField()
    min_pairs = serializers.IntegerField(help_text="Below it nothing is told.")
    min_sessions = serializers.IntegerField(help_text="As above.")
    session_count = serializers.IntegerField(help_text="With a scorecard that counts.")
    scorecard_count = serializers.IntegerField()
    open_scorecard_count = serializers.IntegerField(
        help_text="Left out: begun when other ratings could be seen."
    )
    hidden_session_count = serializers.IntegerField(
        help_text="Left out: your own review of them is not in."
    )
    competencies = CompetencyAgreementShape(many=True)
    reviewers = ReviewerSeverityShape(many=True)
    machines = MachineAgreementShape(many=True)

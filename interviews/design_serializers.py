"""REST documents of interviews, their versions, questions and competencies."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from interviews import design_limits as limits
from interviews.models import Interview, InterviewVersion
from interviews.models.design import LEVELS
from interviews.services.designing import MOST_QUESTIONS
from ops.exact import ExactSerializer

KINDS = [(kind, kind) for kind in limits.KINDS]
MODES = [(mode, mode) for mode in limits.MODES]
CODES = [(code, code) for code, _name in limits.LOCALES]
EDIT = "The edit that you started from; the ETag of your last read as If-Match says the same."


class SearchQuery(serializers.Serializer[Any]):
    """What is looked for in a list."""

    q = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class InterviewFilters(SearchQuery):
    """Which interviews are wanted."""

    state = serializers.ChoiceField(choices=Interview.State.choices, required=False)
    external_id = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=100, help_text="The whole of it."
    )


class Edited(ExactSerializer):
    """A change that names the edit it started from."""

    edit_number = serializers.IntegerField(required=False, min_value=0, help_text=EDIT)


class InterviewFields(ExactSerializer):
    """What holds for a whole interview."""

    title = serializers.CharField(max_length=200)
    introduction = serializers.CharField(
        max_length=limits.LONGEST_TEXT,
        required=False,
        allow_blank=True,
        help_text="The first thing candidates read.",
    )
    locale = serializers.ChoiceField(choices=CODES, required=False)
    ai_mode = serializers.ChoiceField(choices=Interview.AiMode.choices, required=False)
    external_id = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="Your own number for it."
    )


class InterviewRequest(InterviewFields):
    """A new interview: everything but the title has a default."""


class InterviewPatch(InterviewFields, Edited):
    """What shall be different; the rest stays."""

    title = serializers.CharField(max_length=200, required=False)


class DuplicateRequest(ExactSerializer):
    """What the copy is called; without a title "… (copy)"."""

    title = serializers.CharField(max_length=200, required=False)
    external_id = serializers.CharField(max_length=100, required=False, allow_blank=True)


class CompetencyWeight(ExactSerializer):
    """A competency that answers to a question show, and how much it counts."""

    competency_id = serializers.UUIDField()
    weight = serializers.FloatField(
        min_value=limits.LEAST_WEIGHT, max_value=limits.MOST_WEIGHT, default=1.0
    )

    def validate_weight(self, weight: float) -> float:
        if weight != weight:  # noqa: PLR0124 - "NaN" is a float, and equals nothing
            raise serializers.ValidationError("A valid number is required.")
        return weight


class QuestionFields(ExactSerializer):
    """A question of a draft. It may be incomplete: publishing tells what is missing."""

    text = serializers.CharField(max_length=limits.LONGEST_TEXT, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    think_time_s = serializers.IntegerField(
        min_value=0, max_value=limits.LONGEST_THINK_S, required=False
    )
    answer_limit_s = serializers.IntegerField(
        min_value=limits.SHORTEST_ANSWER_S, max_value=limits.LONGEST_ANSWER_S, required=False
    )
    max_takes = serializers.IntegerField(
        min_value=1, max_value=limits.MOST_RETAKES + 1, required=False, help_text="Retakes + 1."
    )
    modes = serializers.ListField(
        child=serializers.ChoiceField(choices=MODES),
        required=False,
        max_length=len(MODES),
        help_text="How it may be answered; the first is offered first.",
    )
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]  # a field, not Field.required
    competencies = CompetencyWeight(many=True, required=False, max_length=MOST_QUESTIONS)  # type: ignore[call-arg]  # of the list
    weight_reason = serializers.CharField(
        max_length=limits.LONGEST_TEXT,
        required=False,
        allow_blank=True,
        help_text="Why they count differently, where they do.",
    )

    def validate_modes(self, modes: list[str]) -> list[str]:
        return refuse_twice(modes)

    def validate_competencies(self, weighed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        refuse_twice([each["competency_id"] for each in weighed])
        return weighed


class QuestionRequest(QuestionFields):
    """A new question, put at the end. What is left out has the defaults that serve most."""


class QuestionPatch(QuestionFields, Edited):
    """What shall be different; the rest stays. `competencies` are replaced as a whole."""


class OrderRequest(ExactSerializer):
    """Every question of the draft, once, in the order wanted."""

    question_ids = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_QUESTIONS)


class AnchorText(ExactSerializer):
    """What an answer at one level looks like."""

    level = serializers.IntegerField(min_value=LEVELS[0], max_value=LEVELS[-1])
    text = serializers.CharField(max_length=limits.LONGEST_TEXT, allow_blank=True)


class CompetencyFields(ExactSerializer):
    """What interviews look for, with its anchored scale."""

    name = serializers.CharField(max_length=100)
    definition = serializers.CharField(
        max_length=limits.LONGEST_TEXT, required=False, allow_blank=True
    )
    anchors = AnchorText(many=True, required=False, max_length=len(LEVELS))  # type: ignore[call-arg]  # of the list

    def validate_anchors(self, anchors: list[dict[str, Any]]) -> list[dict[str, Any]]:
        refuse_twice([each["level"] for each in anchors])
        return anchors


class CompetencyRequest(CompetencyFields):
    """A new competency; all five levels are needed before an interview with it is published."""


class CompetencyPatch(CompetencyFields, Edited):
    """What shall be different; levels that are not named stay, an empty text takes one away."""

    name = serializers.CharField(max_length=100, required=False)


def refuse_twice(values: list[Any]) -> list[Any]:
    if len(set(values)) != len(values):
        raise serializers.ValidationError("Name each only once.")
    return values


# --- answers ------------------------------------------------------------------------------------
class Shape(serializers.Serializer[Any]):
    """A shape of an answer."""


class WeightDocument(Shape):
    competency_id = serializers.UUIDField()
    weight = serializers.FloatField()


class QuestionDocument(Shape):
    """A question as its version asks it."""

    id = serializers.UUIDField()
    order = serializers.IntegerField()
    kind = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    think_time_s = serializers.IntegerField()
    answer_limit_s = serializers.IntegerField()
    max_takes = serializers.IntegerField()
    modes = serializers.ListField(child=serializers.CharField())
    required = serializers.BooleanField()  # type: ignore[assignment]  # as above
    competencies = serializers.SerializerMethodField()
    weight_reason = serializers.CharField(allow_blank=True)
    edit_number = serializers.IntegerField()

    @extend_schema_field(WeightDocument(many=True))
    def get_competencies(self, question: Any) -> list[dict[str, Any]]:
        weights = {str(pk): weight for pk, weight in question.weights.items()}
        return [{"competency_id": pk, "weight": weights[pk]} for pk in sorted(weights)]


class ProblemOfDraft(Shape):
    """What stands between the draft and its publish."""

    code = serializers.CharField()
    message = serializers.CharField()
    question_id = serializers.UUIDField(allow_null=True)
    competency_id = serializers.UUIDField(allow_null=True)


class RemovedDocument(Shape):
    """A question that can be brought back."""

    id = serializers.UUIDField()
    text = serializers.CharField(allow_blank=True)


class DraftDocument(Shape):
    """The version that is being written."""

    number = serializers.IntegerField(source="version_number")
    questions = QuestionDocument(many=True)
    removed = RemovedDocument(many=True)
    problems = ProblemOfDraft(many=True)
    is_ready = serializers.BooleanField(help_text="It can be published.")
    has_many_questions = serializers.BooleanField(help_text="Six or more: candidates like fewer.")
    longest_min = serializers.IntegerField(help_text="If every second is used once.")


class VersionShape(Shape):
    """A version in a list."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=InterviewVersion.State.choices)
    published_at = serializers.DateTimeField(allow_null=True)
    question_count = serializers.IntegerField()
    session_count = serializers.IntegerField()


class VersionDocument(VersionShape):
    """A version with what it asks; once published it never changes."""

    questions = QuestionDocument(many=True)


class FunnelDocument(Shape):
    """How many people came at least this far."""

    invited = serializers.IntegerField()
    opened = serializers.IntegerField()
    started = serializers.IntegerField()
    submitted = serializers.IntegerField()
    reviewed = serializers.IntegerField()


class InterviewRow(Shape):
    """An interview in a list. `active_at` is when something last happened in it."""

    key = serializers.CharField()
    title = serializers.CharField()
    external_id = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=Interview.State.choices)
    question_count = serializers.IntegerField()
    active_at = serializers.DateTimeField()
    funnel = FunnelDocument()
    to_review_count = serializers.IntegerField()
    assigned_count = serializers.IntegerField(help_text="To you.")
    done_count = serializers.IntegerField(help_text="Of those assigned to you.")


class InterviewDocument(Shape):
    """An interview with its draft, if there is one, and all its versions."""

    key = serializers.CharField()
    title = serializers.CharField()
    introduction = serializers.CharField(allow_blank=True)
    locale = serializers.CharField()
    ai_mode = serializers.ChoiceField(choices=Interview.AiMode.choices)
    external_id = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=Interview.State.choices)
    created_at = serializers.DateTimeField()
    edit_number = serializers.IntegerField()
    draft = DraftDocument(allow_null=True)
    versions = VersionShape(many=True)


class LevelDocument(Shape):
    level = serializers.IntegerField()
    text = serializers.CharField()


class CompetencyRow(Shape):
    """A competency with its newest scale."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    definition = serializers.CharField(allow_blank=True)
    anchors = serializers.SerializerMethodField()
    is_complete = serializers.BooleanField(help_text="All five levels are described.")
    is_published = serializers.BooleanField(help_text="The newest scale is frozen.")
    edit_number = serializers.IntegerField()

    @extend_schema_field(LevelDocument(many=True))
    def get_anchors(self, competency: Any) -> list[dict[str, Any]]:
        return [{"level": n, "text": text} for n, text in sorted(competency.anchors.items())]


class ScaleDocument(Shape):
    """A version of a scale; once published it never changes."""

    number = serializers.IntegerField()
    published_at = serializers.DateTimeField(allow_null=True)
    content_hash = serializers.CharField(allow_blank=True)
    definition = serializers.CharField(allow_blank=True)
    anchors = LevelDocument(many=True)


class CompetencyDocument(CompetencyRow):
    """A competency with every version of its scale."""

    rubrics = ScaleDocument(many=True)

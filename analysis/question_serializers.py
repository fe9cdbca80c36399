"""REST documents of question generation."""

from typing import Any

from rest_framework import serializers

from analysis import question_bank
from analysis.coding_tasks import LANGUAGES
from analysis.shapes import Shape
from analysis.suggestions import (
    DIFFICULTIES,
    ID_LETTERS,
    KINDS,
    MOST_TOPIC_CHARS,
    SOURCES,
    Wish,
)
from interviews.design_serializers import CODES
from ops.exact import ExactSerializer

MOST_EXCLUDED = 200
MOST_SEED = 2**31 - 1
RELAXABLE = ("locale", "difficulty", "topic")


class GenerateRequest(ExactSerializer):
    """What the question should be like; whatever is left out has a default."""

    kind = serializers.ChoiceField(choices=[(k, k) for k in KINDS], default="behavioural")
    difficulty = serializers.ChoiceField(choices=[(d, d) for d in DIFFICULTIES], default="medium")
    locale = serializers.ChoiceField(choices=CODES, default="en")
    programming_language = serializers.ChoiceField(
        choices=[(name, name) for name in LANGUAGES],
        required=False,
        help_text="Needed for coding questions.",
    )
    topic = serializers.CharField(max_length=MOST_TOPIC_CHARS, allow_blank=True, default="")
    competency = serializers.CharField(
        max_length=60, allow_blank=True, default="", help_text="The key of a library competency."
    )
    interview_key = serializers.CharField(
        max_length=20, required=False, help_text="Nothing is repeated that this interview asks."
    )
    candidate_id = serializers.UUIDField(
        required=False, help_text="Nothing is repeated that this candidate was asked."
    )
    exclude = serializers.ListField(
        child=serializers.RegexField(rf"^[0-9a-f]{{{ID_LETTERS}}}$"),
        max_length=MOST_EXCLUDED,
        default=list,
        help_text="Ids of suggestions that you have seen.",
    )
    seed = serializers.IntegerField(
        min_value=0,
        max_value=MOST_SEED,
        required=False,
        help_text="Passes the cache by: the bank gives the same question for the same seed.",
    )

    def validate_competency(self, key: str) -> str:
        if key and question_bank.bank().competency(key) is None:
            raise serializers.ValidationError("The library has no such competency.")
        return key

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == "coding" and "programming_language" not in attrs:
            told = "Say in which programming language."
            raise serializers.ValidationError({"programming_language": [told]})
        return attrs

    @property
    def wish(self) -> Wish:
        """Return what was asked for, once it is valid."""
        asked: dict[str, Any] = self.validated_data
        return Wish(
            kind=asked["kind"],
            difficulty=asked["difficulty"],
            locale=asked["locale"],
            programming_language=asked.get("programming_language", ""),
            topic=asked["topic"],
            competency=asked["competency"],
        )


class ExampleShape(Shape):
    """A call that candidates see."""

    input = serializers.CharField(help_text="a JSON array of the arguments")
    output = serializers.CharField(help_text="the JSON value that is returned")
    explanation = serializers.CharField(allow_blank=True)


class HiddenTestShape(Shape):
    """A call that only the runner sees."""

    name = serializers.CharField()
    input = serializers.CharField()
    output = serializers.CharField()


class CodingTaskShape(Shape):
    """A function to be written. Its structure was checked; its solution was not run."""

    language = serializers.ChoiceField(choices=[(name, name) for name in LANGUAGES])
    function = serializers.CharField()
    starter_code = serializers.CharField()
    examples = ExampleShape(many=True)
    hidden_tests = HiddenTestShape(many=True)
    reference_solution = serializers.CharField(help_text="never for candidates")


class FallbackShape(Shape):
    """Why the language model was passed over."""

    code = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField()


class GeneratedQuestion(Shape):
    """A question with what a good answer to it shows, where it is from and what it cost."""

    id = serializers.CharField(help_text="of its words: for `exclude`")
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=[(k, k) for k in KINDS])
    difficulty = serializers.ChoiceField(choices=[(d, d) for d in DIFFICULTIES])
    locale = serializers.CharField()
    programming_language = serializers.CharField(allow_blank=True)
    topic = serializers.CharField(allow_blank=True)
    competency = serializers.CharField(allow_blank=True)
    good_answer = serializers.ListField(child=serializers.CharField())
    follow_ups = serializers.ListField(child=serializers.CharField())
    think_time_s = serializers.IntegerField()
    answer_limit_s = serializers.IntegerField()
    task = CodingTaskShape(allow_null=True)
    source = serializers.ChoiceField(choices=[(s, s) for s in SOURCES])  # type: ignore[assignment]  # a field, not Field.source
    provider = serializers.CharField()
    model = serializers.CharField(allow_blank=True)
    cached = serializers.BooleanField()
    tokens_used = serializers.IntegerField(help_text="0 when it was kept, or is the bank's")
    cost_usd = serializers.DecimalField(
        max_digits=12, decimal_places=6, allow_null=True, help_text="null: nobody knows the price"
    )
    relaxed = serializers.ListField(
        child=serializers.ChoiceField(choices=[(r, r) for r in RELAXABLE]),
        help_text="what of the wish the bank had nothing left for",
    )
    doubts = serializers.ListField(
        child=serializers.CharField(),
        help_text="what is worth a second look: double_barrelled, closed, too_long",
    )
    fallback = FallbackShape(allow_null=True)

"""Forms of suggestions: what a question should be like, and which one is taken."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.competency_library import LibraryEntry, spoken
from analysis.suggestions import DIFFICULTIES, ID_LETTERS, MOST_TOPIC_CHARS, Suggestion, Wish
from interviews.design_forms import KINDS, line, with_current
from interviews.design_limits import (
    LOCALES,
    LONGEST_ANSWER_S,
    LONGEST_TEXT,
    LONGEST_THINK_S,
    SHORTEST_ANSWER_S,
)
from interviews.services.designing import DEFAULT_MODES, QuestionDesign
from interviews.services.taking import Provenance

DIFFICULTY_NAMES = (
    ("easy", _("Easy: for somebody's first year")),
    ("medium", _("Medium: for somebody with experience")),
    ("hard", _("Hard: for somebody who leads others in it")),
)
MOST_SHOWN = 200


class WishForm(forms.Form):
    """What the next suggestion should be like."""

    template_name: ClassVar[str] = "components/form.html"
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    difficulty = forms.ChoiceField(
        label=_("Difficulty"), choices=DIFFICULTY_NAMES, initial="medium"
    )
    competency = forms.ChoiceField(label=_("Shows"), required=False)
    locale = forms.ChoiceField(label=_("Language"), choices=LOCALES)
    topic = forms.CharField(
        label=_("Topic"),
        required=False,
        max_length=MOST_TOPIC_CHARS,
        help_text=_("Optional: some words about the work, such as “night shift”."),
        widget=line(),
    )

    def __init__(self, data: Any, *, locale: str, library: Sequence[LibraryEntry]) -> None:
        super().__init__(data, auto_id="suggest-%s", label_suffix="")
        fields: dict[str, Any] = self.fields
        fields["locale"].initial = locale
        fields["locale"].choices = with_current(LOCALES, locale)
        any_one = ("", _("Any competency"))
        fields["competency"].choices = [any_one, *((each.key, each.name) for each in library)]

    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)

    def shown(self) -> list[str]:
        """Return the ids of suggestions that the page shows already."""
        ids = self.data.getlist("shown") if hasattr(self.data, "getlist") else []
        return [each for each in ids if len(each) == ID_LETTERS][:MOST_SHOWN]


class TakeForm(forms.Form):
    """A suggestion as it goes into the draft; every member could write the same by herself."""

    text = forms.CharField(max_length=LONGEST_TEXT, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=KINDS, widget=forms.HiddenInput)
    difficulty = forms.ChoiceField(
        choices=[(each, each) for each in DIFFICULTIES], widget=forms.HiddenInput
    )
    locale = forms.CharField(max_length=10, widget=forms.HiddenInput)
    topic = forms.CharField(required=False, max_length=LONGEST_TEXT, widget=forms.HiddenInput)
    competency = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    think_time_s = forms.IntegerField(
        min_value=0, max_value=LONGEST_THINK_S, widget=forms.HiddenInput
    )
    answer_limit_s = forms.IntegerField(
        min_value=SHORTEST_ANSWER_S, max_value=LONGEST_ANSWER_S, widget=forms.HiddenInput
    )
    is_generated = forms.BooleanField(required=False, widget=forms.HiddenInput)
    with_competency = forms.BooleanField(required=False)

    @classmethod
    def of(cls, suggestion: Suggestion, *, is_generated: bool) -> "TakeForm":
        """Return the form that takes this suggestion."""
        plain = [name for name in cls.base_fields if hasattr(suggestion, name)]
        values = {name: getattr(suggestion, name) for name in plain}
        values |= {"is_generated": is_generated, "with_competency": True}
        return cls(initial=values, auto_id=f"take-{suggestion.id}-%s")

    def design(self) -> QuestionDesign:
        clean = self.cleaned_data
        return QuestionDesign(
            text=clean["text"],
            kind=clean["kind"],
            think_time_s=clean["think_time_s"],
            answer_limit_s=clean["answer_limit_s"],
            modes=("text",) if clean["kind"] == "text" else DEFAULT_MODES,
        )

    def provenance(self) -> Provenance:
        clean = self.cleaned_data
        return Provenance(
            difficulty=clean["difficulty"],
            locale=clean["locale"],
            topic=clean["topic"],
            is_generated=clean["is_generated"],
        )

    @property
    def library_locale(self) -> str:
        return spoken(self.cleaned_data["locale"])

"""Forms of the editor: each knows the edit it started from and compares itself with newer ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from interviews.design_limits import (
    LEAST_WEIGHT,
    LOCALES,
    LONGEST_ANSWER_S,
    LONGEST_TEXT,
    LONGEST_THINK_S,
    MOST_RETAKES,
    MOST_WEIGHT,
    SHORTEST_ANSWER_S,
)
from interviews.models import Interview, Question
from interviews.models.design import LEVELS
from interviews.selectors.design import CompetencyDesign, DesignedQuestion, InterviewDesign
from interviews.services import designing, rubrics

KINDS = (
    (Question.Kind.BEHAVIOURAL, _("Behavioural: what somebody did")),
    (Question.Kind.SITUATIONAL, _("Situational: what somebody would do")),
    (Question.Kind.KNOWLEDGE, _("Knowledge: what somebody knows")),
    (Question.Kind.TEXT, _("Writing: a text to compose")),
)
MODES = (("video", _("Video")), ("audio", _("Sound only")), ("text", _("Typed text")))
AI_MODES = (
    (Interview.AiMode.ASSIST, _("Suggest ratings with quotes as evidence")),
    (Interview.AiMode.OFF, _("Off: people rate alone")),
)
LEVEL_NAMES = {
    1: _("Level 1: clearly below"),
    2: _("Level 2: below"),
    3: _("Level 3: meets what is needed"),
    4: _("Level 4: above"),
    5: _("Level 5: clearly above"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two people wrote differently."""

    label: str
    theirs: str
    yours: str


def area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


def line() -> forms.TextInput:
    return forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"})


def with_current(choices: Sequence[tuple[str, Any]], current: str | None) -> list[tuple[str, Any]]:
    """Return the choices, and what is stored already though it is not offered here."""
    known = {value for value, _label in choices}
    return [*choices, *([(current, current)] if current and current not in known else [])]


class EditForm(forms.Form):
    """A part of the editor that is saved by itself."""

    template_name: ClassVar[str] = "components/form.html"
    edit_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    over = forms.IntegerField(widget=forms.HiddenInput, required=False)  # "keep mine": knowingly

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    @property
    def expected(self) -> int:
        """The edit that may be replaced: the one started from, or the one seen since."""
        over = self.cleaned_data["over"]
        return int(self.cleaned_data["edit_number"] if over is None else over)

    def differences(self, current: Mapping[str, Any]) -> list[Difference]:
        """Return each field in which what was typed differs from what is stored by now."""
        return [
            Difference(str(field.label), self.shown(name, current.get(name)), mine)
            for name, field in self.fields.items()
            if name not in EditForm.base_fields
            and (mine := self.shown(name, self.cleaned_data.get(name)))
            != self.shown(name, current.get(name))
        ]

    def shown(self, name: str, value: Any) -> str:
        """Return a value in words for people."""
        choices = {str(k): str(v) for k, v in getattr(self.fields[name], "choices", ())}
        if isinstance(value, (list, tuple)):
            return ", ".join(sorted(choices.get(str(each), str(each)) for each in value))
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        if isinstance(value, float):
            return f"{value:g}"
        text = "" if value is None else str(value)
        return choices.get(text, text.replace("\r\n", "\n").strip())

    def typed(self) -> list[tuple[str, str]]:
        """Return every text that was typed, for somebody who must copy it elsewhere."""
        return [
            (str(field.label), str(self.data.get(name)))
            for name, field in self.fields.items()
            if isinstance(field, forms.CharField) and self.data.get(name)
        ]


class SettingsForm(EditForm):
    """What holds for the whole interview."""

    title = forms.CharField(label=_("Title"), max_length=200, widget=line())
    introduction = forms.CharField(
        label=_("Introduction"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=_("The first thing candidates read: who you are, what the work is."),
        widget=area(4),
    )
    locale = forms.ChoiceField(label=_("Language"), choices=LOCALES)
    ai_mode = forms.ChoiceField(label=_("Software's part"), choices=AI_MODES)
    external_id = forms.CharField(
        label=_("Your own number for this interview"),
        required=False,
        max_length=100,
        help_text=_("Optional. You can search for it later."),
        widget=line(),
    )

    def __init__(self, *args: Any, current: InterviewDesign, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.values_of(current), **kwargs)
        self.fields["locale"].choices = with_current(LOCALES, current.locale)  # type: ignore[attr-defined] # a ChoiceField

    @staticmethod
    def values_of(current: InterviewDesign) -> dict[str, Any]:
        names = ("title", "introduction", "locale", "ai_mode", "external_id", "edit_number")
        return {name: getattr(current, name) for name in names}

    def design(self) -> designing.InterviewSettings:
        names = ("title", "introduction", "locale", "ai_mode", "external_id")
        return designing.InterviewSettings(**{name: self.cleaned_data[name] for name in names})


class NewInterviewForm(forms.Form):
    """All that an interview needs to begin with."""

    template_name: ClassVar[str] = "components/form.html"
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("Candidates see it. You can change it later."),
        widget=line(),
    )


class QuestionForm(EditForm):
    """A question; a draft may be incomplete, publishing tells what is missing."""

    text = forms.CharField(
        label=_("Question"), required=False, max_length=LONGEST_TEXT, widget=area(3)
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    think_time_s = forms.IntegerField(
        label=_("Seconds to think"), min_value=0, max_value=LONGEST_THINK_S
    )
    answer_limit_s = forms.IntegerField(
        label=_("Seconds to answer"), min_value=SHORTEST_ANSWER_S, max_value=LONGEST_ANSWER_S
    )
    retakes = forms.IntegerField(label=_("Retakes"), min_value=0, max_value=MOST_RETAKES)
    modes = forms.MultipleChoiceField(
        label=_("May be answered by"),
        required=False,
        choices=MODES,
        widget=forms.CheckboxSelectMultiple,
    )
    first_mode = forms.ChoiceField(label=_("Offered first"), required=False, choices=MODES)
    required = forms.BooleanField(label=_("An answer is required"), required=False)
    competencies = forms.MultipleChoiceField(
        label=_("Competencies that it shows"), required=False, widget=forms.CheckboxSelectMultiple
    )
    weight_reason = forms.CharField(
        label=_("Why they count differently"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=_("Needed only where the weights are not equal."),
        widget=area(2),
    )

    def __init__(
        self,
        *args: Any,
        current: DesignedQuestion | None,
        competencies: Sequence[CompetencyDesign],
        **kwargs: Any,
    ) -> None:
        values = self.values_of(current) if current else {}
        super().__init__(*args, initial=values, **kwargs)
        self.offered = competencies
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = with_current(KINDS, current.kind if current else None)
        modes = current.modes if current else ()
        for mode in modes:
            for name in ("modes", "first_mode"):
                fields[name].choices = with_current(fields[name].choices, mode)
        fields["competencies"].choices = [(str(each.id), each.name) for each in competencies]
        for each in competencies:
            fields[weight_name(each.id)] = forms.FloatField(
                label=_("Weight of %(name)s") % {"name": each.name},
                min_value=LEAST_WEIGHT,
                max_value=MOST_WEIGHT,
                required=False,
                initial=values.get(weight_name(each.id), 1.0),
                widget=forms.NumberInput(attrs={"step": "0.1"}),
            )

    @staticmethod
    def values_of(current: DesignedQuestion) -> dict[str, Any]:
        names = (
            *("text", "kind", "think_time_s", "answer_limit_s", "retakes", "required"),
            *("weight_reason", "edit_number"),
        )
        return {
            **{name: getattr(current, name) for name in names},
            "modes": list(current.modes),
            "first_mode": current.modes[0] if current.modes else "",
            "competencies": [str(each) for each in current.weights],
            **{weight_name(each): weight for each, weight in current.weights.items()},
        }

    def rows(self) -> list[tuple[CompetencyDesign, Any, Any]]:
        """Return each competency with its checkbox and its weight."""
        boxes = list(self["competencies"])
        return [
            (each, box, self[weight_name(each.id)])
            for each, box in zip(self.offered, boxes, strict=True)
        ]

    def differences(self, current: Mapping[str, Any]) -> list[Difference]:
        """As ever; the weight of what was not chosen counts for nothing."""
        chosen = {weight_name(UUID(each)) for each in self.cleaned_data["competencies"]}
        ones = {name: 1.0 for name in self.fields if name.startswith("weight-")}
        for name in ones.keys() - chosen:
            self.cleaned_data[name] = current.get(name, 1.0)
        return super().differences({**ones, **current})

    def design(self) -> designing.QuestionDesign:
        clean = self.cleaned_data
        first = clean["first_mode"]
        return designing.QuestionDesign(
            text=clean["text"],
            kind=clean["kind"],
            think_time_s=clean["think_time_s"],
            answer_limit_s=clean["answer_limit_s"],
            max_takes=clean["retakes"] + 1,
            modes=tuple(sorted(clean["modes"], key=lambda mode: mode != first)),
            required=clean["required"],
            weight_reason=clean["weight_reason"],
            weights={
                UUID(each): clean[weight_name(UUID(each))] or 1.0 for each in clean["competencies"]
            },
        )


def weight_name(competency_id: UUID) -> str:
    return f"weight-{competency_id}"


class CompetencyForm(EditForm):
    """A competency with the five levels of its scale."""

    name = forms.CharField(label=_("Name"), max_length=100, widget=line())
    definition = forms.CharField(
        label=_("Definition"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=_("What it means in this work, so that two people think of the same thing."),
        widget=area(3),
    )

    def __init__(self, *args: Any, current: CompetencyDesign | None = None, **kwargs: Any) -> None:
        values = self.values_of(current) if current else {"edit_number": 0}
        super().__init__(*args, initial=values, **kwargs)
        for level in LEVELS:
            self.fields[f"anchor_{level}"] = forms.CharField(
                label=LEVEL_NAMES[level], required=False, max_length=LONGEST_TEXT, widget=area(2)
            )

    @staticmethod
    def values_of(current: CompetencyDesign) -> dict[str, Any]:
        return {
            "name": current.name,
            "definition": current.definition,
            "edit_number": current.edit_number,
            **{f"anchor_{level}": text for level, text in current.anchors.items()},
        }

    def design(self) -> rubrics.CompetencyDesign:
        clean = self.cleaned_data
        return rubrics.CompetencyDesign(
            name=clean["name"],
            definition=clean["definition"],
            anchors={level: clean[f"anchor_{level}"] for level in LEVELS},
        )

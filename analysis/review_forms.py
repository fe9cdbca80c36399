"""What a scorecard's form may hold."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from analysis.models import Scorecard
from analysis.review_page import INSUFFICIENT, level_name, note_name, typed_draft
from analysis.scorecards import LEVELS, Draft, Scale

NOTE_CHARS = 5_000
REASON_CHARS = 1_000
LEVEL_CHOICES = [("", ""), *((str(level), str(level)) for level in LEVELS), (INSUFFICIENT, "")]


class ScorecardForm(forms.Form):
    """The marks of a scorecard, with two fields for each scale."""

    edit_number = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    over = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    note = forms.CharField(required=False, max_length=NOTE_CHARS, strip=False)
    recommendation = forms.ChoiceField(required=False, choices=Scorecard.Recommendation.choices)

    def __init__(self, data: Mapping[str, Any], scales: Iterable[Scale]) -> None:
        super().__init__(data)
        self.scales = tuple(scales)
        for scale in self.scales:
            self.fields[level_name(scale)] = forms.ChoiceField(
                required=False, choices=LEVEL_CHOICES
            )
            self.fields[note_name(scale)] = forms.CharField(
                required=False, max_length=NOTE_CHARS, strip=False
            )

    @property
    def started_from(self) -> int:
        """The edit that is written over: the one that was opened, or that she saw to differ."""
        over = self.cleaned_data["over"]
        return int(self.cleaned_data["edit_number"] if over is None else over)

    def draft(self) -> Draft:
        """Return what is to be stored; browsers send the end of a line as two characters."""
        texts = {
            name: str(value or "").replace("\r\n", "\n")
            for name, value in self.cleaned_data.items()
        }
        return typed_draft(texts, self.scales)

    def message(self) -> str:
        """Say what is wrong, with the name of the competency that it is about."""
        names = {note_name(scale): scale.competency for scale in self.scales}
        names |= {level_name(scale): scale.competency for scale in self.scales}
        found = [
            f"{names.get(field, _('Summary'))}: {error}"
            for field, errors in self.errors.items()
            for error in errors
        ]
        return " ".join([_("Not saved."), *found])


class SubmitForm(forms.Form):
    """The confirmation that a scorecard is done."""

    edit_number = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    accepts_missing = forms.BooleanField(required=False)


class AmendForm(forms.Form):
    """Why somebody judges again."""

    reason = forms.CharField(max_length=REASON_CHARS)

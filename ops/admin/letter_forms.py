"""What staff ask for when they act on dead letters: which of them, how fast, and why."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ops.admin.filters import codes, queues, stages
from ops.admin_actions import ReasonForm
from ops.letter_queries import GroupBy, LetterFilters

FASTEST_PER_MIN = 6000
ANY = [("", _("any"))]


class LetterFilterForm(forms.Form):
    """Which open dead letters; what is empty or unknown does not narrow."""

    by = forms.ChoiceField(
        label=_("Grouped by"),
        required=False,
        choices=[
            ("fingerprint", _("cause in the code")),
            ("similar", _("messages that read alike")),
        ],
    )
    code = forms.ChoiceField(label=_("Failure code"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    queue = forms.ChoiceField(label=_("Queue"), required=False)
    fingerprint = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    similar = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        for name, known in (("code", codes), ("stage", stages), ("queue", queues)):
            field: Any = self.fields[name]
            field.choices = [*ANY, *known()]
        self.full_clean()

    @property
    def asked(self) -> Mapping[str, str]:
        """What was understood and is not empty."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_refused(self) -> bool:
        """Whether something was asked for that there is not: then nothing may be done."""
        return bool(self.errors)

    @property
    def grouped_by(self) -> GroupBy:
        return "similar" if self.asked.get("by") == "similar" else "fingerprint"

    @property
    def filters(self) -> LetterFilters:
        chosen: dict[str, Any] = {k: v for k, v in self.asked.items() if k != "by"}
        return LetterFilters(**chosen)

    @property
    def query(self) -> str:
        """The same question as an address."""
        return urlencode(self.asked)


class LetterOrderForm(ReasonForm):
    """How fast, and why."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=3,
        max_length=200,
        help_text=_("Kept in the audit trail. Name no candidate."),
        widget=forms.TextInput(
            attrs={"class": "vTextField", "aria-describedby": "id_reason_helptext"}
        ),
    )
    rate_per_min = forms.FloatField(
        label=_("Jobs a minute"),
        min_value=0.1,
        max_value=FASTEST_PER_MIN,
        help_text=_("So that what has just recovered is not knocked down again."),
        widget=forms.NumberInput(attrs={"aria-describedby": "id_rate_per_min_helptext"}),
    )

    def __init__(self, data: QueryDict | None = None, *, has_rate: bool) -> None:
        super().__init__(data, initial={"rate_per_min": f"{settings.REDRIVES_PER_MIN:g}"})
        if not has_rate:
            del self.fields["rate_per_min"]

"""How the board's list is narrowed and ordered, as its address says it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms

from analysis.session_lists import SORTS, SessionFilter
from interviews.models import Session
from interviews.selectors.assignments import Reviewer

NOBODY = "nobody"
LARGEST_ID = 2**63 - 1
NARROWING = ("q", "state", "reviewer", "from_on", "until_on")
KEPT = (*NARROWING, "sort")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveFilter:
    """Something by which the list is narrowed, and the address without it."""

    name: str
    value: str
    without: str


class BoardForm(forms.Form):
    """What makes no sense is left out."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=Session.State.choices)
    reviewer = forms.CharField(required=False, max_length=20)
    from_on = forms.DateField(required=False)
    until_on = forms.DateField(required=False)
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTS])

    def clean_reviewer(self) -> str:
        """Return a membership's number, or that nobody is meant."""
        text: str = self.cleaned_data["reviewer"]
        is_number = text.isascii() and text.isdigit() and int(text) <= LARGEST_ID
        if text and text != NOBODY and not is_number:
            raise forms.ValidationError("No such reviewer.")
        return text

    def asked(self) -> dict[str, Any]:
        """Return what was asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def wanted(self, *, sees_reviewers: bool) -> SessionFilter:
        """Return which sessions are wanted."""
        asked = self.asked()
        reviewer = asked.get("reviewer", "") if sees_reviewers else ""
        return SessionFilter(
            search=asked.get("q", ""),
            states=(asked["state"],) if "state" in asked else (),
            is_unassigned=reviewer == NOBODY,
            reviewer_id=int(reviewer) if reviewer.isdigit() else None,
            from_on=asked.get("from_on"),
            until_on=asked.get("until_on"),
        )

    @property
    def order(self) -> str:
        order: str = self.asked().get("sort", "newest")
        return order

    def query(self, *, without: str = "") -> str:
        """Return the address's query, as far as it makes sense."""
        asked = self.asked()
        return urlencode({n: asked[n] for n in KEPT if n in asked and n != without})

    def active(self, reviewers: tuple[Reviewer, ...]) -> tuple[ActiveFilter, ...]:
        """Return by what the list is narrowed, each with the way to do without it."""
        names = {str(each.id): each.name for each in reviewers}
        asked = self.asked()
        return tuple(
            ActiveFilter(
                name=name,
                value=names.get(str(asked[name]), str(asked[name])),
                without=self.query(without=name),
            )
            for name in NARROWING
            if name in asked
        )

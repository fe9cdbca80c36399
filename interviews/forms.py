"""Forms of the pages; REST has its own serializers."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

DEFAULT_DAYS = 14
LONGEST_DAYS = 180


class InviteForm(forms.Form):
    """Who is invited, and until when."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("Reviewers do not see it: they see an alias."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Optional. Candor does not write to it yet: you pass the link on yourself."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(
        label=_("Days until the deadline"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=DEFAULT_DAYS,
    )
    template_name: ClassVar[str] = "components/form.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class ConsentForm(forms.Form):
    """A yes for each scope that is ticked; what is not ticked is a no."""

    notice_hash = forms.CharField(max_length=64)
    granted = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, scopes: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scopes = scopes
        field = self.fields["granted"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(scope, scope) for scope in scopes]

    def answers(self) -> dict[str, bool]:
        """Return yes or no for every scope offered."""
        return {scope: scope in self.cleaned_data["granted"] for scope in self.scopes}


class TextAnswerForm(forms.Form):
    """A typed answer."""

    text = forms.CharField(strip=True, required=False)

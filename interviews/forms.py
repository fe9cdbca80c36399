"""Forms of the pages; REST has its own serializers."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from interviews.selectors import invitations, members, reviews
from interviews.services.assignments import MOST_SESSIONS
from interviews.services.invitations import DEFAULT_DAYS, LONGEST_DAYS, MOST_USES
from ops.members import live_members
from ops.models import Membership


def choices(words: Iterable[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


class PlainForm(forms.Form):
    """A form in our look."""

    template_name: ClassVar[str] = "components/form.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class DaysForm(PlainForm):
    """Until when."""

    days = forms.IntegerField(
        label=_("Days until the deadline"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=DEFAULT_DAYS,
    )


class InviteForm(DaysForm):
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
        help_text=_("Optional. Without one you pass the link on yourself."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    external_id = forms.CharField(
        label=_("Your own number for this person"),
        max_length=100,
        required=False,
        help_text=_("Optional. You can search for it later."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sends_mail = forms.BooleanField(
        label=_("Send the link by e-mail"), required=False, initial=True
    )
    field_order = ["name", "email", "external_id", "days", "sends_mail"]


class OpenLinkForm(DaysForm):
    """One link for many people."""

    label = forms.CharField(
        label=_("What is this link for?"),
        max_length=100,
        help_text=_("For example the page on which it will stand. Only your team sees it."),
    )
    max_uses = forms.IntegerField(
        label=_("How many people may use it"), min_value=1, max_value=MOST_USES, initial=100
    )
    field_order = ["label", "max_uses", "days"]


class SheetForm(DaysForm):
    """A spreadsheet of people."""

    sheet = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,  # refused further on, in the same words as any wrong file
        help_text=_("Columns name, email and, if you like, external_id. Up to 1,000 rows, UTF-8."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    sends_mail = forms.BooleanField(
        label=_("Send each person the link by e-mail"), required=False, initial=True
    )
    field_order = ["sheet", "days", "sends_mail"]


class InvitationFilterForm(forms.Form):
    """What is looked for in the list; what makes no sense is left out."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=choices(invitations.STATES))
    before = forms.UUIDField(required=False)


class InterviewFilterForm(forms.Form):
    """Which interviews are looked for; what makes no sense is left out."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=choices(members.STATES))
    after = forms.CharField(required=False, max_length=60)


class ReviewFilterForm(forms.Form):
    """Which of her reviews a member looks at; what makes no sense is left out."""

    show = forms.ChoiceField(required=False, choices=choices(reviews.SHOWN))
    after = forms.UUIDField(required=False)


class TickedSessions(forms.Field):
    """The sessions that were ticked in a list."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {"required": _("Tick the sessions first.")}

    def clean(self, value: list[str] | None) -> list[UUID]:
        """Return their ids.

        Raises: ValidationError
        """
        if not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(value) > MOST_SESSIONS:
            raise forms.ValidationError(
                _("Assign at most %(most)d sessions at once."), params={"most": MOST_SESSIONS}
            )
        field = forms.UUIDField()
        return [field.clean(each) for each in value]


class AssignForm(PlainForm):
    """Who is to review."""

    member = forms.ModelChoiceField(
        label=_("Assign to"),
        queryset=Membership.objects.none(),
        empty_label=_("Choose somebody"),
        error_messages={"required": _("Choose who is to review.")},
    )

    def __init__(self, *args: Any, organization_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = live_members(organization_id).filter(user__is_active=True)


class AssignManyForm(AssignForm):
    """Who is to review which sessions; `back` is how the list was narrowed."""

    session = TickedSessions()
    back = forms.CharField(required=False, max_length=2000)


class OpenEntryForm(PlainForm):
    """Who comes in by an open link."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        help_text=_("Optional. We send you the link by which you can come back."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


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

"""Forms of accounts and organizations; REST has its own serializers."""

from datetime import datetime, timedelta
from typing import Any

from allauth.core import context
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops import members
from ops.models import MemberInvitation, Membership, User
from ops.principals import SCOPES
from ops.services import LONGEST_KEY_DAYS

JOINING = "joining"  # the browser session's name for the invitation that it opened
ROLES = [
    (Membership.Role.REVIEWER, _("Reviewer: reviews what is assigned")),
    (Membership.Role.INTERVIEWER, _("Interviewer: designs, invites and reviews")),
    (Membership.Role.OWNER, _("Owner: all of that, and members and keys")),
]


def invitation_held_by(request: HttpRequest) -> MemberInvitation | None:
    """Return the live invitation that this browser session opened, if any."""
    return members.live_member_invitation(
        invitation_id=request.session.get(JOINING), now=timezone.now()
    )


class FoundingForm(forms.Form):
    """What sign-up asks beside address and password: whoever was invited founds nothing."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    organization = forms.CharField(
        label=_("Organization"),
        max_length=200,
        help_text=_("A company or a team. You become its owner and can invite others."),
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    field_order = ["name", "organization", "email", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation_held_by(context.request)
        if self.invitation is not None:
            del self.fields["organization"]
            self.fields["email"].disabled = True
            self.initial["email"] = self.invitation.email

    def signup(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002 - allauth's signature
        """Finish what allauth began: a name and, without an invitation, an organization."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        if self.invitation is None:
            members.found_organization(user=user, name=self.cleaned_data["organization"])


class PlainForm(forms.Form):
    """A form as components/form.html shows it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class OrganizationForm(PlainForm):
    """A new organization for an account that has none."""

    organization = forms.CharField(label=_("Name of the organization"), max_length=200)


class MemberForm(PlainForm):
    """Who is invited, as what."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput({"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)


class BudgetForm(PlainForm):
    """What may be spent in a month."""

    budget_usd = forms.DecimalField(
        label=_("Dollars a month"),
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        help_text=_("Leave it empty for no limit. At 0 only engines on this machine are used."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )


class RoleForm(PlainForm):
    """A member's new role."""

    role = forms.ChoiceField(choices=Membership.Role.choices)


class KeyForm(PlainForm):
    """A new API key. Only scopes that the member may hold are offered."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What uses it, e.g. “nightly export”."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(
        label=_("Days until it expires"), min_value=1, max_value=LONGEST_KEY_DAYS, initial=90
    )

    def __init__(self, *args: Any, allowed: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101 - declared above
        scopes.choices = [(scope, scope) for scope in SCOPES if scope in allowed]

    def expires_at(self, now: datetime) -> datetime:
        """Return when the key that is asked for ends."""
        return now + timedelta(days=self.cleaned_data["days"])

"""What staff do to rows they selected: asked for by POST, confirmed with counts and a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ops.authentication import principal_of
from ops.dead_letters import Tally

AT_ONCE = 500
REASON_LENGTH = 300


class ReasonForm(forms.Form):
    """Why: it is kept in the audit trail."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=3,
        max_length=REASON_LENGTH,
        help_text=_("Kept in the audit trail. Name no candidate."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One action on rows: what it is called, which rows allow it, what does it."""

    name: str
    label: str | Promise
    consequence: str | Promise  # what will happen, in a sentence
    done: str | Promise  # "retried"
    allowed: Q
    target: str  # the field that `perform` knows rows by
    perform: Callable[..., Tally]


def confirmed_action(deed: Deed) -> Any:
    """Return the admin action that asks first and then does the deed."""

    def act(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "confirm" in request.POST else None)
        if form.is_bound and form.is_valid():
            _do(deed, request, queryset, form.cleaned_data["reason"])
            return None  # the admin shows the list again
        return _ask(deed, model_admin, request, queryset, form)

    act.__name__ = deed.name
    act.short_description = deed.label  # type: ignore[attr-defined] # where the admin looks
    return act


def _do(deed: Deed, request: HttpRequest, queryset: QuerySet[Any], reason: str) -> None:
    tally = deed.perform(
        ids=list(queryset.values_list(deed.target, flat=True)[:AT_ONCE]),
        actor=principal_of(request).key,
        reason=reason,
        now=timezone.now(),
    )
    if tally.done:
        messages.success(request, f"{deed.done}: {tally.done}")
    if tally.refused:
        why = " ".join(tally.reasons)
        messages.warning(request, _("Left as they were: %d.") % tally.refused + f" {why}")


def _ask(
    deed: Deed,
    model_admin: Any,
    request: HttpRequest,
    queryset: QuerySet[Any],
    form: ReasonForm,
) -> TemplateResponse:
    """Show how many rows it is about; those that don't allow it are counted and left out."""
    selected = list(queryset.values_list("pk", flat=True)[: AT_ONCE + 1])
    allowed = list(queryset.filter(deed.allowed).values_list("pk", flat=True)[:AT_ONCE])
    opts = model_admin.opts
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{deed.label}?",
        "opts": opts,
        "deed": deed,
        "form": form,
        "is_cut": len(selected) > AT_ONCE,
        "at_once": AT_ONCE,
        "allowed": allowed,
        "count_text": ngettext("%d is ready for it.", "%d are ready for it.", len(allowed))
        % len(allowed),
        "left_out": len(selected[:AT_ONCE]) - len(allowed),
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/confirm_action.html", context)

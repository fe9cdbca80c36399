"""The panel of suggestions in the editor; without script it is a page of its own."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from analysis.competency_library import adopt_competency, library_entries, library_entry
from analysis.suggestion_forms import TakeForm, WishForm
from analysis.suggestion_page import next_card
from interviews.editor_views import designer_page
from interviews.models import Interview
from interviews.services.taking import take_question
from ops.authentication import principal_of
from ops.conflicts import StateConflict
from ops.throttles import is_allowed

PANEL, CARD = "analysis/_suggest_panel.html", "analysis/_suggestion.html"
PAGE = "analysis/suggestions.html"


@require_http_methods(["GET", "POST"])
@designer_page
def question_suggestions(request: HttpRequest, interview: Interview) -> HttpResponse:
    """The form, and for a POST the next suggestion below what is shown already."""
    library = library_entries(principal_of(request), interview.locale)
    data = request.POST if request.method == "POST" else None
    form = WishForm(data, locale=interview.locale, library=library)
    if request.method == "GET":
        template = PANEL if in_editor(request) else PAGE
        return render(request, template, {"interview": interview, "form": form})
    return shown(request, interview, form, outcome(request, interview, form))


def outcome(request: HttpRequest, interview: Interview, form: WishForm) -> Mapping[str, Any]:
    """Return a card, or a sentence on why there is none."""
    principal = principal_of(request)
    if not form.is_valid():
        return {"refusal": _("Look at what is marked here."), "errors": form.errors}
    if not is_allowed("questions", principal.key):
        return {"refusal": _("That was very often. Wait a minute, then ask again.")}
    try:
        return {"card": next_card(principal, interview, form)}
    except StateConflict as conflict:
        return {"refusal": conflict.message}


def shown(
    request: HttpRequest, interview: Interview, form: WishForm, found: Mapping[str, Any]
) -> HttpResponse:
    """Answer script with the card alone, a browser with the page."""
    context = {"interview": interview, "form": form, **found}
    if in_editor(request):
        return render(request, CARD, context)
    status = 400 if form.errors else 200
    return render(request, PAGE, {**context, "seen": form.shown()}, status=status)


@require_POST
@designer_page
def suggestion_take(request: HttpRequest, interview: Interview) -> HttpResponse:
    """Add a suggestion to the draft, with its competency if that is wanted, and go there."""
    form = TakeForm(request.POST)
    editor = reverse("interview_edit", kwargs={"key": interview.key})
    if not form.is_valid():
        messages.error(request, _("That suggestion could not be read. Ask for it again."))
        return redirect(editor)
    try:
        question = taken(request, interview, form)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
        return redirect(editor)
    messages.success(request, _("The question was added. Change it as you like."))
    return redirect(f"{editor}#question-{question.pk}")


def taken(request: HttpRequest, interview: Interview, form: TakeForm) -> Any:
    """Add the question; adopt its competency first where the organization has none like it."""
    key, locale = form.cleaned_data["competency"], form.library_locale
    competency_id = None
    entry = library_entry(principal_of(request), key, locale)
    if entry is not None and form.cleaned_data["with_competency"]:
        competency_id = entry.competency_id
        if competency_id is None:
            own = adopt_competency(
                organization_id=interview.organization_id, key=key, locale=locale
            )
            competency_id = own.pk
    return take_question(
        interview=interview,
        design=form.design(),
        provenance=form.provenance(),
        competency_id=competency_id,
    )


def in_editor(request: HttpRequest) -> bool:
    """Whether the panel inside the editor asks, by htmx."""
    return bool(getattr(request, "htmx", False))

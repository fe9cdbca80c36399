"""The organization's competencies, each with the five levels that ratings are anchored in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from interviews.design_forms import CompetencyForm
from interviews.permissions import access_competency, access_designing
from interviews.saving import INVALID, as_json, attempt, wants_json
from interviews.selectors.design import CompetencyDesign, competency_designs
from interviews.services import rubrics
from ops.authentication import principal_of
from ops.conflicts import StateConflict


@never_cache
@login_required
@require_GET
def competency_list(request: HttpRequest) -> HttpResponse:
    """All competencies with how far their scales are described."""
    principal = principal_of(request)
    access_designing(principal)
    context = {"competencies": competency_designs(principal)}
    return render(request, "interviews/edit_competencies.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def competency_create(request: HttpRequest) -> HttpResponse:
    """Write a competency; its scale may be finished later."""
    organization_id = access_designing(principal_of(request))
    form = CompetencyForm(request.POST or None, auto_id="competency-%s")
    if request.method == "POST" and form.is_valid():
        try:
            competency = rubrics.create_competency(
                organization_id=organization_id, design=form.design()
            )
        except StateConflict as conflict:
            form.add_error("name", conflict.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("competency_edit", competency_id=competency.pk)
    status = INVALID if form.errors else 200
    return render(request, "interviews/edit_competency.html", {"form": form}, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def competency_edit(request: HttpRequest, competency_id: UUID) -> HttpResponse:
    """Change a competency and its newest scale; what was published stays as it was."""
    competency = access_competency(principal_of(request), competency_id)
    current = competency_now(request, competency_id)
    form = CompetencyForm(request.POST or None, current=current, auto_id="competency-%s")
    context: dict[str, object] = {"form": form, "competency": current}
    if request.method == "GET":
        return render(request, "interviews/edit_competency.html", context)
    outcome = attempt(
        form,
        lambda: rubrics.save_competency(
            competency=competency, design=form.design(), edit_number=form.expected
        ),
        lambda: CompetencyForm.values_of(competency_now(request, competency_id)),
    )
    if wants_json(request):
        return as_json(request, form, outcome)
    if outcome.is_saved:
        messages.success(request, _("Saved."))
        return redirect("competency_edit", competency_id=competency_id)
    context |= {"outcome": outcome, "theirs_url": request.path}
    return render(request, "interviews/edit_competency.html", context, status=outcome.status)


def competency_now(request: HttpRequest, competency_id: UUID) -> CompetencyDesign:
    """Return the competency as it is stored at this moment."""
    return competency_designs(principal_of(request), only=[competency_id])[0]

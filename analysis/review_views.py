"""A reviewer's scorecard: write it, submit it, amend it, discard it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from analysis import reviewing
from analysis.review_forms import AmendForm, SubmitForm
from analysis.review_page import ScorecardFormView, review_view
from analysis.review_saving import Outcome, attempt, refused_form
from analysis.reviews import session_review
from interviews.models import Session
from interviews.permissions import access_session
from interviews.saving import wants_json
from ops.authentication import principal_of
from ops.conflicts import StateConflict


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def scorecard(request: HttpRequest, key: str, session_id: UUID) -> HttpResponseBase:
    """The scorecard alone; a POST saves it. Script asks for JSON and keeps its page."""
    principal = principal_of(request)
    session = access_session(principal, key, session_id)
    if request.method == "GET":
        return alone(request, session, review_view(session_review(principal, session)).form)
    data = request.POST.dict()
    outcome = attempt(principal=principal, session=session, data=data)
    if outcome.is_saved:
        return saved(request, session, outcome)
    form = refused_form(principal=principal, session=session, data=data, outcome=outcome)
    if not wants_json(request):
        return alone(request, session, form, status=outcome.status)
    notice = render_to_string("analysis/_scorecard_outcome.html", context(session, form), request)
    answer = {"edit_number": outcome.edit_number, "notice": notice}
    return JsonResponse(answer, status=outcome.status)


def saved(request: HttpRequest, session: Session, outcome: Outcome) -> HttpResponseBase:
    """Answer a save that was done."""
    if wants_json(request):
        return JsonResponse({"edit_number": outcome.edit_number, "notice": ""})
    if request.POST.get("then") == "submit":
        return redirect("scorecard_submit", session.version.interview.key, session.pk)
    messages.success(request, _("Your scorecard is saved."))
    return back(session)


def alone(
    request: HttpRequest, session: Session, form: ScorecardFormView | None, status: int = 200
) -> HttpResponse:
    """Show the scorecard on a page of its own."""
    found = context(session, form)
    return render(request, "analysis/scorecard.html", found, status=status)


def context(session: Session, form: ScorecardFormView | None) -> dict[str, Any]:
    """Return what the templates of the form want."""
    return {
        "form": form,
        "key": session.version.interview.key,
        "session_id": session.pk,
        "alias": session.candidate.alias,
        "title": session.version.interview.title,
    }


def back(session: Session) -> HttpResponse:
    """Return to the scorecard's place on the session's page."""
    page = reverse("session_results", args=[session.version.interview.key, session.pk])
    return redirect(f"{page}#scorecard")


@login_required
@require_POST
def scorecard_begin(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """Begin a scorecard on a session that is not assigned."""
    principal = principal_of(request)
    session = access_session(principal, key, session_id)
    try:
        reviewing.begin_scorecard(principal=principal, session=session)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    return back(session)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def scorecard_submit(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """Show what is about to be frozen and what is missing; then freeze it."""
    principal = principal_of(request)
    session = access_session(principal, key, session_id)
    form = SubmitForm(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            reviewing.submit_scorecard(
                principal=principal, session=session, now=timezone.now(), **form.cleaned_data
            )
        except StateConflict as conflict:
            messages.error(request, conflict.message)
        else:
            messages.success(request, _("Your scorecard is submitted. Others' are open now."))
            return back(session)
    mine = session_review(principal, session).mine
    if mine is None or mine.is_submitted:
        return back(session)
    found = context(session, None) | {"card": mine}
    return render(request, "analysis/scorecard_submit.html", found)


@login_required
@require_POST
def scorecard_amend(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """Judge again, for a reason that stays beside what was said before."""
    principal = principal_of(request)
    session = access_session(principal, key, session_id)
    form = AmendForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why you judge again, in at most 1,000 characters."))
        return back(session)
    try:
        reviewing.amend_scorecard(
            principal=principal, session=session, reason=form.cleaned_data["reason"]
        )
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    return back(session)


@login_required
@require_POST
def scorecard_discard(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    principal = principal_of(request)
    session = access_session(principal, key, session_id)
    try:
        reviewing.discard_scorecard(principal=principal, session=session)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("The draft is discarded."))
    return back(session)

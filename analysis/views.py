"""What interviewers see: the live board and a session's results, with the parts that refresh."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST

from analysis import boards, costs, selectors, services
from analysis.board_forms import BoardForm
from analysis.board_page import board_page, row_view
from analysis.captions import webvtt
from analysis.permissions import access_session_job, access_session_run
from analysis.session_lists import SORTS
from analysis.session_page import session_page
from interviews.models import Session
from interviews.permissions import access_session
from interviews.selectors.assignments import Reviewer, possible_reviewers
from ops import jobs
from ops.authentication import principal_of
from ops.conflicts import StateConflict
from recordings.permissions import access_recording
from recordings.services import request_restore


@never_cache
@login_required
@require_GET
def board(request: HttpRequest, key: str) -> HttpResponse:
    """The sessions of an interview, live."""
    return render(request, "analysis/board.html", board_context(request, key))


@never_cache
@login_required
@require_GET
def board_rows(request: HttpRequest, key: str) -> HttpResponse:
    """The board's list alone, when a session that was not there yet begins."""
    return render(request, "analysis/_board_rows.html", board_context(request, key))


@never_cache
@login_required
@require_GET
def board_row(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """One row of the board, after an event."""
    principal = principal_of(request)
    row = boards.board_row(principal, key, session_id)
    context = {
        "view": row_view(row, timezone.now()),
        "key": key,
        "can_design": principal.can_design,
    }
    return render(request, "analysis/_board_row.html", context)


def board_context(request: HttpRequest, key: str) -> dict[str, Any]:
    """Return the board as its templates want it.

    Raises: Http404
    """
    principal = principal_of(request)
    form = BoardForm(request.GET)
    found = boards.board(
        principal,
        key,
        wanted=form.wanted(sees_reviewers=principal.can_design),
        sort=form.order,
        before=mark_of(request),
    )
    reviewers = possible_reviewers(found.organization_id) if principal.can_design else ()
    return {
        "page": board_page(found, timezone.now()),
        "key": key,
        "can_design": principal.can_design,
        "reviewers": reviewers,
        **narrowing(form, reviewers),
    }


def narrowing(form: BoardForm, reviewers: tuple[Reviewer, ...]) -> dict[str, Any]:
    """Return what was asked for, and what can be."""
    return {
        "asked": form.asked(),
        "query": form.query(),
        "active": form.active(reviewers),
        "order": form.order,
        "orders": tuple(SORTS),
        "states": Session.State.values,
    }


def mark_of(request: HttpRequest) -> UUID | None:
    """Return the session that the asked page of the board comes after.

    Raises: Http404
    """
    text = request.GET.get("before")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Http404 from None


@never_cache
@login_required
@require_GET
def session_results(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """A session's results, or how far they are, and what it cost."""
    context = session_context(request, key, session_id)
    if context["can_design"]:
        context["costs"] = costs.session_receipt(principal_of(request), key, session_id)
    return render(request, "analysis/session.html", context)


@never_cache
@login_required
@require_GET
def session_print(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """All of a session on paper: everything opened, nothing to play."""
    context = session_context(request, key, session_id)
    return render(request, "analysis/session_print.html", context)


@never_cache
@login_required
@require_GET
def session_progress(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """The part of the session page that follows its run."""
    context = session_context(request, key, session_id)
    return render(request, "analysis/_progress.html", context)


def session_context(request: HttpRequest, key: str, session_id: UUID) -> dict[str, Any]:
    """Return the session as its templates want it.

    Raises: Http404
    """
    principal = principal_of(request)
    results, run = selectors.results_and_run(principal, key, session_id)
    return {"page": session_page(results, run), "key": key, "can_design": principal.can_design}


@login_required
@require_GET
@cache_control(private=True, max_age=3600)
def poster(request: HttpRequest, key: str, session_id: UUID, recording_id: UUID) -> HttpResponse:
    """A video's first picture, from its row."""
    content, content_type = selectors.poster(principal_of(request), key, session_id, recording_id)
    return HttpResponse(content, content_type=content_type)


@never_cache
@login_required
@require_GET
def captions(request: HttpRequest, key: str, session_id: UUID, recording_id: UUID) -> HttpResponse:
    """Captions of a recording, from its stored words."""
    recording = selectors.recording_results(principal_of(request), key, session_id, recording_id)
    if recording.transcript is None:
        raise Http404
    return HttpResponse(
        webvtt(recording.transcript.segments.value), content_type="text/vtt; charset=utf-8"
    )


@login_required
@require_POST
def process_again(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """Do again what is missing, or everything with `force`."""
    principal = principal_of(request)
    session = access_session(principal, key, session_id)
    try:
        services.start_analysis(
            principal=principal,
            session=session,
            force=request.POST.get("force") == "1",
            now=timezone.now(),
        )
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("Processing has started. This page follows it."))
    return redirect("session_results", key, session_id)


@login_required
@require_POST
def retry_job(request: HttpRequest, key: str, session_id: UUID, job_id: UUID) -> HttpResponse:
    """Drive a dead job again."""
    principal = principal_of(request)
    job = access_session_job(principal, key, session_id, job_id)
    try:
        jobs.redrive(job_id=job.public_id, actor=principal.key, now=timezone.now())
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("The step is being tried again."))
    return redirect("session_results", key, session_id)


@login_required
@require_POST
def cancel_run(request: HttpRequest, key: str, session_id: UUID, run_id: UUID) -> HttpResponse:
    """Stop processing; what is done stays."""
    principal = principal_of(request)
    run = access_session_run(principal, key, session_id, run_id)
    try:
        jobs.cancel_run(run_id=run.pk, actor=principal.key)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("Processing was stopped. What was done is kept."))
    return redirect("session_results", key, session_id)


@login_required
@require_POST
def restore_recording(
    request: HttpRequest, key: str, session_id: UUID, recording_id: UUID
) -> HttpResponse:
    """Ask for a recording out of the archive."""
    principal = principal_of(request)
    recording = access_recording(principal, key, session_id, recording_id)
    try:
        request_restore(principal=principal, recording=recording, now=timezone.now())
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("The recording was asked for. This takes some hours."))
    return redirect("session_results", key, session_id)

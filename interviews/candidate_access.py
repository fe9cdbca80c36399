"""What each of the candidate's pages starts with: her session by its cookie, as it now stands."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from interviews.models import Session
from interviews.permissions import LinkRevoked, candidate_session
from interviews.selectors.candidates import CandidateSession, candidate_view
from ops.conflicts import StateConflict

Page = Callable[..., HttpResponse]
BEFORE_CONSENT = (Session.State.INVITED, Session.State.DECLINED)
GONE = 410


def own_page(page: Page) -> Page:
    """Give the page the session of the candidate's cookie, whatever became of it."""

    @never_cache
    @wraps(page)
    def with_session(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            session = candidate_session(request, may_be_over=True)
        except LinkRevoked:
            return render(request, "interviews/revoked.html", status=GONE)
        view = candidate_view(session, now=timezone.now())
        try:
            return page(request, session, view, **kwargs)
        except StateConflict as conflict:
            messages.error(request, conflict.message)
            return redirect(way_back(request, kwargs))

    return with_session


def way_back(request: HttpRequest, kwargs: dict[str, Any]) -> str:
    """Return the page on which the refused step was taken."""
    if "order" in kwargs:
        return reverse("candidate_question", kwargs=kwargs)
    return request.path if request.path == reverse("candidate_consent") else "candidate_home"


def open_page(page: Page) -> Page:
    """As `own_page` while the session is open; after its end the last page is shown."""

    @own_page
    @wraps(page)
    def while_open(
        request: HttpRequest, session: Session, view: CandidateSession, **kwargs: Any
    ) -> HttpResponse:
        if not is_open(view) and not view.can_finish(kwargs.get("order")):
            return redirect("candidate_done")
        return page(request, session, view, **kwargs)

    return while_open


def asked_page(page: Page) -> Page:
    """As `open_page`, once consent was given; before that the notice comes first."""

    @open_page
    @wraps(page)
    def after_consent(
        request: HttpRequest, session: Session, view: CandidateSession, **kwargs: Any
    ) -> HttpResponse:
        if view.state in BEFORE_CONSENT:
            return redirect("candidate_consent")
        return page(request, session, view, **kwargs)

    return after_consent


def is_open(view: CandidateSession) -> bool:
    """Whether there is something to do before the last page."""
    return not view.is_over and view.state in (*BEFORE_CONSENT, *Session.ANSWERABLE)


def show(
    request: HttpRequest, template: str, view: CandidateSession, **context: Any
) -> HttpResponse:
    """Render one of the candidate's pages."""
    shared = {"view": view, "organization_name": view.organization_name}
    return render(request, template, {**shared, **context})

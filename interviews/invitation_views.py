"""Members' pages about links: who was invited, new links, many at once, and their end."""

import base64
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from interviews import services
from interviews.csv_rows import SheetRefusedError
from interviews.forms import DaysForm, InvitationFilterForm, InviteForm, OpenLinkForm, SheetForm
from interviews.models import Interview, Invitation
from interviews.permissions import access_design, access_invitation
from interviews.selectors.invitations import (
    STATES,
    InvitationFilter,
    invitation_page,
    invitation_row,
)
from ops.authentication import principal_of
from ops.conflicts import StateConflict


def deadline(form: DaysForm, now: datetime) -> datetime:
    return now + timedelta(days=form.cleaned_data["days"])


@never_cache
@login_required
@require_GET
def invitations(request: HttpRequest, key: str) -> HttpResponse:
    """Everybody who was invited, newest first."""
    interview = access_design(principal_of(request), key)
    form = InvitationFilterForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    wanted = InvitationFilter(search=asked.get("q", "").strip(), state=asked.get("state", ""))
    page = invitation_page(interview, wanted, before=asked.get("before"), now=timezone.now())
    context = {"interview": interview, "page": page, "wanted": wanted, "states": STATES}
    return render(request, "interviews/invitations.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, key: str) -> HttpResponse:
    """Make a personal link. It is shown on this answer and never again."""
    principal = principal_of(request)
    interview = access_design(principal, key)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now, asked = timezone.now(), form.cleaned_data
        person = services.Person(
            name=asked["name"], email=asked["email"], external_id=asked["external_id"]
        )
        try:
            (link,) = services.invite_people(
                interview=interview,
                people=[person],
                expires_at=deadline(form, now),
                now=now,
                actor=principal.key,
            )
        except StateConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            return shown_link(request, link, sends_mail=asked["sends_mail"])
    return render(request, "interviews/invite.html", {"interview": interview, "form": form})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest, key: str) -> HttpResponse:
    """Make a link for many. It is shown on this answer and never again."""
    principal = principal_of(request)
    interview = access_design(principal, key)
    form = OpenLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            link = services.create_open_link(
                interview=interview,
                label=form.cleaned_data["label"],
                max_uses=form.cleaned_data["max_uses"],
                expires_at=deadline(form, now),
                now=now,
                actor=principal.key,
            )
        except StateConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            return shown_link(request, link, sends_mail=False)
    return render(request, "interviews/open_link.html", {"interview": interview, "form": form})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def invite_many(request: HttpRequest, key: str) -> HttpResponse:
    """Invite a CSV file's people; the report shows their links this once."""
    principal = principal_of(request)
    interview = access_design(principal, key)
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            report = services.invite_sheet(
                interview=interview,
                data=form.cleaned_data["sheet"].read(),
                expires_at=deadline(form, now),
                now=now,
                actor=principal.key,
            )
        except SheetRefusedError as refused:
            form.add_error("sheet", str(refused))
        except StateConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            return shown_report(request, interview, report, form.cleaned_data["sends_mail"])
    return render(request, "interviews/invite_many.html", {"interview": interview, "form": form})


@never_cache
@login_required
@require_GET
def invitation_detail(request: HttpRequest, key: str, invitation_id: UUID) -> HttpResponse:
    """One invitation, and what can be done with it."""
    invitation = access_invitation(principal_of(request), key, invitation_id)
    return detail_page(request, invitation, DaysForm())


@never_cache
@login_required
@require_POST
def invitation_renew(request: HttpRequest, key: str, invitation_id: UUID) -> HttpResponse:
    """Make a new link; the one before opens nothing any more."""
    principal = principal_of(request)
    invitation = access_invitation(principal, key, invitation_id)
    try:
        link = services.renew_link(invitation=invitation, now=timezone.now(), actor=principal.key)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
        return redirect("invitation", key=key, invitation_id=invitation_id)
    return shown_link(request, link, sends_mail="mail" in request.POST)


@never_cache
@login_required
@require_POST
def invitation_extend(request: HttpRequest, key: str, invitation_id: UUID) -> HttpResponse:
    """Set another deadline."""
    principal = principal_of(request)
    invitation = access_invitation(principal, key, invitation_id)
    form = DaysForm(request.POST)
    now = timezone.now()
    if form.is_valid():
        try:
            services.extend_invitation(
                invitation=invitation,
                expires_at=deadline(form, now),
                now=now,
                actor=principal.key,
            )
            messages.success(request, _("The deadline was changed."))
        except StateConflict as conflict:
            messages.error(request, conflict.message)
        return redirect("invitation", key=key, invitation_id=invitation_id)
    return detail_page(request, invitation, form)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def invitation_revoke(request: HttpRequest, key: str, invitation_id: UUID) -> HttpResponse:
    """Ask whether it is meant, then end the link for good."""
    principal = principal_of(request)
    invitation = access_invitation(principal, key, invitation_id)
    now = timezone.now()
    if request.method == "POST":
        services.revoke_invitation(invitation=invitation, now=now, actor=principal.key)
        messages.success(request, _("The invitation was revoked: its link opens nothing any more."))
        return redirect("invitations", key=key)
    row = invitation_row(invitation, now=now)
    context = {"interview": invitation.interview, "row": row}
    return render(request, "interviews/revoke.html", context)


def detail_page(request: HttpRequest, invitation: Invitation, form: DaysForm) -> HttpResponse:
    context = {
        "interview": invitation.interview,
        "row": invitation_row(invitation, now=timezone.now()),
        "form": form,
    }
    return render(request, "interviews/invitation.html", context)


def shown_link(request: HttpRequest, link: services.Link, *, sends_mail: bool) -> HttpResponse:
    """Show a link this once, and say whether its mail left."""
    if sends_mail:
        services.send_links(links=[link], now=timezone.now())
    context = {
        "interview": link.invitation.interview,
        "invitation": link.invitation,
        "link": link.url,
        "wanted_mail": sends_mail,
    }
    return render(request, "interviews/link.html", context)


def shown_report(
    request: HttpRequest, interview: Interview, report: services.SheetReport, sends_mail: bool
) -> HttpResponse:
    """Show what became of every row, its link this once, and the same as a file."""
    unsent = services.send_links(links=report.links, now=timezone.now()) if sends_mail else []
    context = {
        "interview": interview,
        "report": report,
        "unsent": unsent,
        "wanted_mail": sends_mail,
        # In the page itself: the links are stored nowhere, so nothing could be fetched later.
        "file": base64.b64encode(report.as_csv().encode("utf-8-sig")).decode(),
    }
    return render(request, "interviews/sheet_report.html", context)

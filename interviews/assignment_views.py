"""Members' pages that say who reviews a session."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from interviews import services
from interviews.forms import AssignForm, AssignManyForm
from interviews.models import Interview, Session
from interviews.permissions import (
    access_assignment,
    access_design,
    access_reviewed,
    access_session,
)
from interviews.selectors.assignments import Panel, possible_reviewers, reviewers_of
from ops.authentication import principal_of
from ops.conflicts import StateConflict
from ops.models import Membership


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def session_reviewers(request: HttpRequest, key: str, session_id: UUID) -> HttpResponse:
    """Who reviews a session. POST assigns somebody."""
    interview = access_design(principal_of(request), key)
    session = access_session(principal_of(request), key, session_id)
    form = AssignForm(request.POST or None, organization_id=interview.organization_id)
    if request.method == "POST" and form.is_valid():
        assign(request, interview, [session.pk], form.cleaned_data["member"])
        return redirect("session_reviewers", key=key, session_id=session_id)
    return reviewers_page(request, session, form)


def reviewers_page(request: HttpRequest, session: Session, form: AssignForm) -> HttpResponse:
    rows = reviewers_of(session)
    members = possible_reviewers(session.organization_id)
    undo = request.GET.get("undo", "")
    taken = {row.reviewer_id for row in rows}
    context = {
        "interview": session.version.interview,
        "session": session,
        "alias": session.candidate.alias,
        "rows": rows,
        "panel": Panel(assigned=len(rows), done=sum(not row.can_end for row in rows)),
        "members": [each for each in members if each.id not in taken],
        "former": next((m for m in members if str(m.id) == undo and m.id not in taken), None),
        "form": form,
    }
    return render(request, "interviews/reviewers.html", context)


@login_required
@require_POST
def assign_many(request: HttpRequest, key: str) -> HttpResponse:
    """Give the ticked sessions of the list to somebody."""
    principal = principal_of(request)
    interview = access_design(principal, key)
    form = AssignManyForm(request.POST, organization_id=interview.organization_id)
    if form.is_valid():
        asked = form.cleaned_data
        access_reviewed(principal, key, asked["session"])
        assign(request, interview, asked["session"], asked["member"])
    else:
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
    back = QueryDict(request.POST.get("back", "")).urlencode()
    address = reverse("board", kwargs={"key": key})
    return redirect(f"{address}?{back}" if back else address)


@login_required
@require_POST
def assignment_end(request: HttpRequest, key: str, assignment_id: UUID) -> HttpResponse:
    """Take a session back from its reviewer; the page that follows offers to undo that."""
    principal = principal_of(request)
    assignment = access_assignment(principal, key, assignment_id)
    address = reverse("session_reviewers", kwargs={"key": key, "session_id": assignment.session_id})
    try:
        services.unassign(assignment=assignment, actor=principal.key)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
        return redirect(address)
    return redirect(f"{address}?{urlencode({'undo': assignment.member_id})}")


def assign(
    request: HttpRequest, interview: Interview, session_ids: list[UUID], member: Membership
) -> None:
    """Assign, mail the reviewer, and say what came of both."""
    principal = principal_of(request)
    try:
        made = services.assign_sessions(session_ids=session_ids, member=member, actor=principal.key)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
        return
    name = member.user.get_full_name()
    told = ngettext(
        "%(count)d session was assigned to %(name)s.",
        "%(count)d sessions were assigned to %(name)s.",
        len(made),
    )
    messages.success(request, told % {"count": len(made), "name": name})
    is_sent = services.send_assignments(
        assignments=made, interview=interview, actor_user_id=principal.user_id
    )
    if not is_sent:
        messages.warning(request, _("The e-mail could not be sent. Please tell her yourself."))

"""Members' pages about themselves and their organization."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ops import budgets, mail, members, people, services
from ops.authentication import principal_of
from ops.conflicts import StateConflict
from ops.forms import (
    JOINING,
    ROLES,
    BudgetForm,
    KeyForm,
    MemberForm,
    OrganizationForm,
    RoleForm,
    invitation_held_by,
)
from ops.models import User
from ops.permissions import (
    access_api_key,
    access_member,
    access_member_invitation,
    access_organization,
)

LARGEST_ID = 2**63 - 1  # what a BIGINT column can be asked for


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; the views that ask are behind login_required."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


@contextmanager
def told(request: HttpRequest, done: str) -> Iterator[None]:
    """Tell on the next page that it is done, or why the present state does not allow it."""
    try:
        yield
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, done)


@never_cache
@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """One's own account and what can be changed about it."""
    membership = user_of(request).live_membership
    context = {"membership": membership, "can_found": settings.SIGNUP_OPEN}
    return render(request, "ops/account.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def found_organization(request: HttpRequest) -> HttpResponse:
    """An organization for an account that has none."""
    if not settings.SIGNUP_OPEN:
        raise Http404
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["organization"]
        try:
            members.found_organization(user=user_of(request), name=name)
        except StateConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            return redirect("organization")
    return render(request, "ops/found_organization.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def organization(request: HttpRequest) -> HttpResponse:
    """Members and open invitations. POST invites; the link is on that answer and never again."""
    principal = principal_of(request)
    owned = access_organization(principal)
    now = timezone.now()
    form = MemberForm(request.POST or None)
    context: dict[str, object] = {"roles": ROLES}
    if request.method == "POST" and form.is_valid():
        try:
            invited = members.invite_member(
                organization=owned, **form.cleaned_data, actor=principal.key, now=now
            )
        except StateConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            invitation, token = invited
            link = settings.PUBLIC_URL + reverse("join_by_link", kwargs={"token": token})
            is_mailed = mail.send_member_invitation(invitation=invitation, link=link)
            context |= {"invitation": invitation, "link": link, "is_mailed": is_mailed}
            form = MemberForm()
    context |= {"form": form, "team": people.team(owned, principal, now=now)}
    return render(request, "ops/organization.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def budget(request: HttpRequest) -> HttpResponse:
    """What the organization may spend in a month, and how far that is used."""
    principal = principal_of(request)
    owned = access_organization(principal)
    form = BudgetForm(request.POST or None, initial={"budget_usd": owned.budget_usd})
    if request.method == "POST" and form.is_valid():
        budgets.set_budget(organization=owned, **form.cleaned_data, actor=principal.key)
        messages.success(request, _("The budget is set."))
        return redirect("budget")
    state = budgets.budget_state(owned.pk, now=timezone.now())
    return render(
        request, "ops/budget.html", {"form": form, "budget": state, "organization": owned}
    )


@login_required
@require_POST
def member_role(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Give a member another role."""
    principal = principal_of(request)
    member = access_member(principal, min(membership_id, LARGEST_ID))
    form = RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        with told(request, _("The role is changed.")):
            members.change_role(membership=member, role=role, actor=principal.key)
    return redirect("home" if member.user_id == principal.user_id else "organization")


@login_required
@require_POST
def member_remove(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Take a member out of the organization; her keys are dead from then on."""
    principal = principal_of(request)
    member = access_member(principal, min(membership_id, LARGEST_ID))
    with told(request, _("The member is removed, and every key of hers is dead.")):
        members.remove_member(membership=member, actor=principal.key, now=timezone.now())
    return redirect("home" if member.user_id == principal.user_id else "organization")


@login_required
@require_POST
def member_invitation_revoke(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """End an open invitation of a member."""
    principal = principal_of(request)
    invitation = access_member_invitation(principal, invitation_id)
    members.revoke_member_invitation(invitation=invitation, actor=principal.key, now=timezone.now())
    messages.success(request, _("The invitation is revoked."))
    return redirect("organization")


@never_cache
@login_required
@require_GET
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Who did what in the organization, newest first."""
    owned = access_organization(principal_of(request))
    before = request.GET.get("before", "")
    is_number = before.isascii() and before.isdigit()
    page = people.audit_trail(owned, before=min(int(before), LARGEST_ID) if is_number else None)
    return render(request, "ops/audit_trail.html", {"page": page, "organization": owned})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def api_keys(request: HttpRequest) -> HttpResponse:
    """API keys. POST makes one; it is shown on that answer and never again."""
    principal = principal_of(request)
    if principal.organization_id is None:
        raise Http404
    now = timezone.now()
    form = KeyForm(request.POST or None, allowed=principal.scopes)
    context: dict[str, object] = {"is_owner": principal.role == "owner"}
    if request.method == "POST" and form.is_valid():
        row, key = services.create_api_key(
            user=user_of(request),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.expires_at(now),
            now=now,
        )
        context |= {"made": row, "key": key}
        form = KeyForm(allowed=principal.scopes)
    context |= {"form": form, "keys": people.keys_seen_by(principal, now=now)}
    return render(request, "ops/api_keys.html", context)


@login_required
@require_POST
def api_key_revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """End an API key: programs that use it are refused from then on."""
    principal = principal_of(request)
    key = access_api_key(principal, key_id)
    services.revoke_api_key(key=key, actor=principal.key, now=timezone.now())
    messages.success(request, _("The key is revoked: programs that use it are refused from now."))
    return redirect("api_keys")


@never_cache
@require_http_methods(["GET", "POST"])
def join_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites. POST keeps the invitation in the browser's session, without the token."""
    invitation = members.find_member_invitation(token=token, now=timezone.now())
    if invitation is None:
        return render(request, "ops/join_ended.html", status=404)
    if request.method == "POST":
        request.session[JOINING] = str(invitation.pk)
        return redirect("join")
    return render(request, "ops/join_by_link.html", {"invitation": invitation})


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Sign up or in, then accept the invitation that this browser opened."""
    invitation = invitation_held_by(request)
    if invitation is None:
        return render(request, "ops/join_ended.html", status=404)
    if request.method == "POST" and request.user.is_authenticated:
        done = _("Welcome to %(name)s.") % {"name": invitation.organization.name}
        with told(request, done):
            members.accept_member_invitation(
                invitation=invitation, user=user_of(request), now=timezone.now()
            )
            del request.session[JOINING]
            return redirect("home")
    return render(request, "ops/join.html", {"invitation": invitation})

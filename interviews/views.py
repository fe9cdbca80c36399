"""Members' pages: their interviews, and links for candidates."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from interviews import services
from interviews.forms import InviteForm
from interviews.permissions import access_design
from interviews.selectors.members import interview_cards
from ops.api import service_index
from ops.authentication import principal_of
from ops.conflicts import StateConflict


@require_GET
@vary_on_headers("Accept", "Cookie")
def home(request: HttpRequest) -> HttpResponse:
    """A member's interviews, a visitor's welcome, or a program's index."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return service_index(request)
    if not request.user.is_authenticated:
        return render(request, "interviews/welcome.html")
    principal = principal_of(request)
    context = {"cards": interview_cards(principal), "can_design": principal.can_design}
    return render(request, "interviews/home.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, key: str) -> HttpResponse:
    """Make a personal link. It is shown on this answer and never again."""
    interview = access_design(principal_of(request), key)
    form = InviteForm(request.POST or None)
    context: dict[str, object] = {"interview": interview, "form": form}
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            invitation, token = services.invite_candidate(
                interview=interview,
                name=form.cleaned_data["name"],
                email=form.cleaned_data["email"],
                expires_at=now + timedelta(days=form.cleaned_data["days"]),
                now=now,
            )
        except StateConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            link = settings.PUBLIC_URL + reverse("candidate_landing", kwargs={"token": token})
            context |= {"invitation": invitation, "link": link}
    return render(request, "interviews/invite.html", context)

"""Members' first page: their interviews."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from interviews.selectors.members import interview_cards
from ops.api import service_index
from ops.authentication import principal_of


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

"""Members' first page: their interviews, and what they have to review."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from interviews.forms import InterviewFilterForm, ReviewFilterForm
from interviews.selectors.members import STATES, InterviewFilter, interview_page
from interviews.selectors.reviews import my_reviews
from ops.api import service_index
from ops.authentication import principal_of

FIRST_REVIEWS = 10


@require_GET
@vary_on_headers("Accept", "Cookie")
def home(request: HttpRequest) -> HttpResponse:
    """A member's interviews, a visitor's welcome, or a program's index."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return service_index(request)
    if not request.user.is_authenticated:
        return render(request, "interviews/welcome.html")
    principal = principal_of(request)
    form = InterviewFilterForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    wanted = InterviewFilter(search=asked.get("q", "").strip(), state=asked.get("state", ""))
    context = {
        "page": interview_page(principal, wanted, after=asked.get("after", "")),
        "reviews": my_reviews(principal, rows=FIRST_REVIEWS),
        "wanted": wanted,
        "states": tuple(STATES),
        "can_design": principal.can_design,
    }
    return render(request, "interviews/home.html", context)


@never_cache
@login_required
@require_GET
def own_reviews(request: HttpRequest) -> HttpResponse:
    """What is assigned to the member: to do, waiting for its candidate, done."""
    form = ReviewFilterForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    page = my_reviews(
        principal_of(request), shown=asked.get("show") or "to_do", after=asked.get("after")
    )
    return render(request, "interviews/reviews.html", {"page": page})

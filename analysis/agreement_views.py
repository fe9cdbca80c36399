"""The page of an interview's agreement."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analysis.agreement_page import agreement_page
from analysis.interview_agreement import interview_agreement
from ops.authentication import principal_of


@never_cache
@login_required
@require_GET
def agreement(request: HttpRequest, key: str) -> HttpResponse:
    """How far reviewers agree with each other, and with the machines."""
    found = interview_agreement(principal_of(request), key)
    return render(request, "analysis/agreement.html", {"page": agreement_page(found), "key": key})

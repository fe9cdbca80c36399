"""The library of competencies: read what there is, adopt what fits."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from analysis import question_bank
from analysis.competency_library import adopt_competency, library_entries, spoken
from interviews.design_limits import LOCALES
from interviews.permissions import access_designing
from ops.authentication import principal_of
from ops.conflicts import StateConflict

LANGUAGES = [(code, name) for code, name in LOCALES if code in question_bank.LOCALES]


class AdoptForm(forms.Form):
    """Which competency, in which language."""

    key = forms.CharField(max_length=60)
    locale = forms.ChoiceField(choices=LANGUAGES)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def competency_library(request: HttpRequest) -> HttpResponse:
    """The library in one language; a POST copies a competency into one's own."""
    organization_id = access_designing(principal_of(request))
    locale = spoken(request.GET.get("locale", ""))
    form = AdoptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        locale = form.cleaned_data["locale"]
        try:
            own = adopt_competency(
                organization_id=organization_id, key=form.cleaned_data["key"], locale=locale
            )
        except StateConflict as conflict:
            messages.error(request, conflict.message)
        else:
            messages.success(request, _("It is yours now. Change it as you like."))
            return redirect("competency_edit", competency_id=own.pk)
    entries = library_entries(principal_of(request), locale)
    context = {"entries": entries, "locale": locale, "languages": LANGUAGES}
    status = 400 if form.errors else 200
    return render(request, "analysis/competency_library.html", context, status=status)

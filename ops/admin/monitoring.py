"""How the machine room has fared, as staff see it: pictures of samples, and the samples."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops.admin_base import StaffAdmin, known_values
from ops.measures import MEASURES
from ops.models import Sample
from ops.tracks import PERIODS
from ops.trends import trends

MetricFilter = known_values("metric", _("measure"), lambda: ((name, name) for name in MEASURES))


@admin.register(Sample)
class SampleAdmin(StaffAdmin):
    list_display = ("at", "span", "metric", "label", "value", "highest")
    list_filter = ("span", MetricFilter)
    search_fields = ("label",)
    search_help_text = _("A queue, a failure code, a dependency or a cache.")


def overview(request: HttpRequest) -> TemplateResponse:
    """Show the last day, week or month; a page that is open asks again for the pictures alone."""
    period = PERIODS.get(request.GET.get("period", ""), PERIODS["24h"])
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("How it has gone"),
        "trends": trends(period, timezone.now()),
        "periods": PERIODS.values(),
    }
    is_renewal = bool(getattr(request, "htmx", False))
    name = "admin/_trends.html" if is_renewal else "admin/trends.html"
    return TemplateResponse(request, name, context)


site: Any = admin.site  # ours: config/apps.py
site.add_page("overview/", overview, "overview")

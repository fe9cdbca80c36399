"""The caches as staff see them: what they hold and spare, and clearing them."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ops import cache_clearing, cache_stats
from ops.admin_actions import ReasonForm
from ops.admin_base import StaffAdmin
from ops.authentication import principal_of
from ops.cache_clearing import Clearing
from ops.charts import Drawing, Series, Tick, line_chart, x_of
from ops.conflicts import StateConflict
from ops.models import CacheEntry, CacheMinute

HOURS = 24
MARK_HOURS = 6
COLOURS = 6


def overview(request: HttpRequest) -> TemplateResponse:
    """Show every cache, how often it knew in the last day, and the newest keys that match."""
    asked = clearing_of(request.GET)
    report = cache_stats.caches_report()
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Caches"),
        "report": report,
        "asked": asked,
        "keys": cache_stats.cache_keys(
            cache=asked.cache, difficulty=asked.difficulty, language=asked.language
        ),
        "most_keys": cache_stats.MOST_KEYS,
        "picture": picture(timezone.now()),
    }
    return TemplateResponse(request, "admin/caches.html", context)


@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Ask with the count, then clear with a reason."""
    what = clearing_of(request.POST)
    form = ReasonForm(request.POST if "confirm" in request.POST else None)
    try:
        count = cache_clearing.count_entries(what)
        if form.is_bound and form.is_valid():
            actor, reason = principal_of(request).key, form.cleaned_data["reason"]
            gone = cache_clearing.clear_caches(what=what, actor=actor, reason=reason)
            told = ngettext("%d entry was cleared.", "%d entries were cleared.", gone)
            messages.success(request, told % gone)
            return redirect("admin:caches")
    except StateConflict as conflict:
        messages.error(request, conflict.message)
        return redirect("admin:caches")
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Clear caches?"),
        "what": what,
        "fields": asdict(what),
        "count": count,
        "form": form,
    }
    return TemplateResponse(request, "admin/caches_clear.html", context)


def clearing_of(told: Any) -> Clearing:
    """Return what a form names; a name that is none finds nothing."""
    names = ("cache", "difficulty", "language", "key")
    return Clearing(**{name: told.get(name, "")[:64] for name in names})


def picture(now: datetime) -> dict[str, Any] | None:
    """Return the hit rates of the last day hour by hour, None where nobody asked."""
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    sums: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    rows = CacheMinute.objects.filter(at__gte=start).values_list("cache", "at", "hits", "asked")
    for name, at, hits, asked in rows:
        hour = sums[name][int((at - start) / timedelta(hours=1))]
        hour[0] += hits
        hour[1] += asked
    if not sums:
        return None
    series = [
        Series(
            name=name,
            values=[_share(*sums[name].get(hour, (0, 0))) for hour in range(HOURS)],
            colour=place % COLOURS + 1,
        )
        for place, name in enumerate(sorted(sums))
    ]
    ticks = [
        Tick(x_of((n + 0.5) / HOURS), f"{timezone.localtime(start + timedelta(hours=n)):%H:%M}")
        for n in range(0, HOURS, MARK_HOURS)
    ]
    drawing: Drawing = line_chart(series, ticks, lambda value: f"{value:.0%}", lambda _top: 1.0)
    totals = {
        name: _share(sum(h for h, _a in hours.values()), sum(a for _h, a in hours.values()))
        for name, hours in sums.items()
    }
    words = "; ".join(
        f"{name} {share:.0%}" for name, share in sorted(totals.items()) if share is not None
    )
    return {
        "title": _("Hit rate of the last 24 hours"),
        "in_words": words,
        "drawing": drawing,
        "keys": [(each.name, each.colour, totals[each.name]) for each in series],
    }


def _share(hits: int, asked: int) -> float | None:
    return hits / asked if asked else None


@admin.register(CacheEntry)
class CacheEntryAdmin(StaffAdmin):
    """Entries without what they keep: that may be what a candidate said."""

    list_display = ("cache", "key", "label", "difficulty", "language", "hits", "expires_at")
    search_fields = ("cache", "key", "label")
    hidden = frozenset({"value", "blob"})


site: Any = admin.site  # ours: config/apps.py
site.add_page("caches/", overview, "caches")
site.add_page("caches/clear/", clear, "caches_clear")

"""The pages of costs: a month of the organization, and its rows as a file."""

import csv
import re
from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analysis.costs_page import costs_page
from analysis.month_costs import MONTH, access_costs, month_at, month_costs, month_entries
from ops.authentication import principal_of
from ops.models import UsageEntry

COLUMNS = (
    "at",
    "subject_kind",
    "subject_id",
    "run_id",
    "job_id",
    "attempt",
    "kind",
    "provider",
    "model",
    "quantity",
    "unit",
    "unit_cost_usd",
    "cost_usd",
    "saved_by",
    "saved_quantity",
    "saved_usd",
    "alternative",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


@never_cache
@login_required
@require_GET
def costs(request: HttpRequest) -> HttpResponse:
    """What a month cost, by interview, day and lever."""
    organization = access_costs(principal_of(request))
    now = timezone.now()
    found = month_costs(organization, month_at=month_asked(request), now=now)
    page = costs_page(found, today=timezone.localdate(now))
    return render(request, "analysis/costs.html", {"page": page, "organization": organization})


@never_cache
@login_required
@require_GET
def costs_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every counted row of a month."""
    organization = access_costs(principal_of(request))
    month_at = month_asked(request)
    rows = month_entries(organization, month_at).order_by("at", "pk")
    return StreamingHttpResponse(
        csv_rows(rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="usage-{month_at:%Y-%m}.csv"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def month_asked(request: HttpRequest) -> datetime:
    """Return a moment of the month that is asked for, by default of this one.

    Raises: Http404
    """
    text = request.GET.get("month", "")
    if text and not re.fullmatch(MONTH, text, re.ASCII):
        raise Http404
    return month_at(text)


class Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_rows(rows: QuerySet[UsageEntry]) -> Iterator[str]:
    """Yield the file line by line."""
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for row in rows.values_list(*COLUMNS).iterator(chunk_size=2000):
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value

"""What an organization's month cost: by kind, interview and day, and what it would have cost."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, UUIDField
from django.db.models.functions import TruncDate, TruncMonth
from django.http import Http404
from django.utils import timezone

from analysis.kept import Kept, kept
from interviews.models import Interview, Session
from ops.budgets import BudgetState, budget_state, month_of
from ops.ledger import EXACT
from ops.models import Organization, UsageEntry
from ops.prices import KINDS
from ops.principals import Principal
from ops.receipts import ZERO, Receipt, ReceiptLine
from ops.savings import LEVERS

MONTH = r"(20[0-9]{2})-(0[1-9]|1[0-2])"  # as it is asked for
THOUSAND = 1000
SUMS: dict[str, Any] = {
    "quantity_sum": Sum("quantity"),
    "cost_sum": Sum("cost_usd"),
    "saved_quantity_sum": Sum("saved_quantity"),
    "saved_sum": Sum("saved_usd"),
    "count": Count("pk"),
    "unpriced_count": Count("pk", filter=Q(cost_usd=None)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewCosts:
    """What the sessions of one interview used in the month."""

    key: str  # "": of no interview
    title: str
    sessions: int
    cost_usd: Decimal | None
    saved_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What one lever spared, against its alternative."""

    lever: str
    kind: str
    unit: str
    quantity: float
    usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What a thousand sessions like those of the month cost."""

    sessions: int  # that it rests on
    usd: Decimal
    without_savings_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCosts:
    """The month, whole."""

    month_on: date
    receipt: Receipt
    interviews: tuple[InterviewCosts, ...]
    saved: tuple[Saved, ...]
    by_day: Mapping[date, Mapping[str, Decimal]]  # day -> group of kinds -> USD
    by_month: Mapping[date, Decimal]
    kept: Kept
    projection: Projection | None  # None: no session used anything that has a price
    budget: BudgetState


def access_costs(principal: Principal) -> Organization:
    """Return the organization, for its owners and interviewers.

    Raises: Http404
    """
    if principal.organization_id is None or not principal.can_design:
        raise Http404
    return Organization.objects.get(pk=principal.organization_id)


def month_at(text: str) -> datetime:
    """Return a moment of the month, by default of this one."""
    if not text:
        return timezone.now()
    year, month = text.split("-")
    return timezone.make_aware(datetime(int(year), int(month), 2))  # noqa: DTZ001 - made aware


def month_entries(organization: Organization, month_at: datetime) -> QuerySet[UsageEntry]:
    """Return the entries of the month in which `month_at` lies."""
    start, end = month_of(month_at)
    return UsageEntry.objects.filter(organization=organization, at__gte=start, at__lt=end)


def month_costs(
    organization: Organization, *, month_at: datetime, now: datetime, interview_key: str = ""
) -> MonthCosts:
    """Return what the month cost, of one interview or all, in a fixed number of queries."""
    entries = month_entries(organization, month_at)
    start, end = month_of(month_at)
    if interview_key:
        entries = entries.filter(subject_id__in=_sessions_of(organization, interview_key))
    receipt = Receipt(lines=tuple(_lines(entries)))
    return MonthCosts(
        month_on=start.date(),
        receipt=receipt,
        interviews=tuple(_interviews(organization, entries)),
        saved=tuple(_saved(receipt)),
        by_day=_by_day(entries),
        by_month=_by_month(organization, end),
        kept=kept(organization, now=now),
        projection=_projection(entries),
        budget=budget_state(organization.pk, now=now),
    )


def _sessions_of(organization: Organization, key: str) -> QuerySet[Session, UUID]:
    sessions = Session.objects.filter(organization=organization, version__interview__key=key)
    return sessions.values_list("pk", flat=True)


def _lines(entries: QuerySet[UsageEntry]) -> list[ReceiptLine]:
    keys = ("kind", "provider", "model", "unit", "saved_by", "alternative")
    rows = entries.values(*keys).annotate(**SUMS).order_by(*keys)
    order = {kind: place for place, kind in enumerate(KINDS)}
    lines = [
        ReceiptLine(
            **{name: row[name] for name in keys},
            what=KINDS[row["kind"]].label if row["kind"] in KINDS else row["kind"],
            quantity=row["quantity_sum"],
            cost_usd=_exact(row["cost_sum"]),
            saved_quantity=row["saved_quantity_sum"],
            saved_usd=_exact(row["saved_sum"]),
            entries=row["count"],
            unpriced=row["unpriced_count"],
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: order.get(line.kind, len(order)))


def _interviews(organization: Organization, entries: QuerySet[UsageEntry]) -> list[InterviewCosts]:
    session = Session.objects.filter(pk=OuterRef("subject_id"), organization=organization)
    rows = (
        entries.annotate(
            interview=Subquery(
                session.values("version__interview_id")[:1], output_field=UUIDField()
            )
        )
        .values("interview")
        .annotate(
            cost_sum=Sum("cost_usd"),
            saved_sum=Sum("saved_usd"),
            sessions=Count("subject_id", distinct=True),
        )
    )
    found = {row["interview"]: row for row in rows}
    named = Interview.objects.in_bulk([pk for pk in found if pk is not None])
    made = [
        InterviewCosts(
            key=named[pk].key if pk in named else "",
            title=named[pk].title if pk in named else "",
            sessions=row["sessions"] if pk in named else 0,
            cost_usd=_exact(row["cost_sum"]),
            saved_usd=_exact(row["saved_sum"]) or ZERO,
        )
        for pk, row in found.items()
    ]
    return sorted(made, key=lambda each: (-(each.cost_usd or ZERO), each.title))


def _saved(receipt: Receipt) -> list[Saved]:
    """Sum savings by lever and kind, in the order of the table of levers."""
    sums: dict[tuple[str, str, str], tuple[float, list[Decimal]]] = {}
    for line in receipt.lines:
        if line.saved_by in LEVERS:
            key = (line.saved_by, line.kind, line.unit)
            before, known = sums.get(key, (0.0, []))
            more = [] if line.saved_usd is None else [line.saved_usd]
            sums[key] = (before + line.saved_quantity, [*known, *more])
    order = list(LEVERS)
    return [
        Saved(
            lever=lever,
            kind=kind,
            unit=unit,
            quantity=amount,
            usd=sum(known, ZERO) if known else None,
        )
        for (lever, kind, unit), (amount, known) in sorted(
            sums.items(), key=lambda each: (order.index(each[0][0]), each[0])
        )
    ]


def _by_day(entries: QuerySet[UsageEntry]) -> dict[date, dict[str, Decimal]]:
    rows = entries.annotate(on=TruncDate("at")).values("on", "kind").annotate(sum=Sum("cost_usd"))
    days: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        group = KINDS[row["kind"]].group if row["kind"] in KINDS else "other"
        days[row["on"]][group] += _exact(row["sum"]) or ZERO
    return {on: dict(groups) for on, groups in sorted(days.items())}


def _by_month(organization: Organization, end: datetime) -> dict[date, Decimal]:
    first = end.replace(year=end.year - 1)
    rows = (
        UsageEntry.objects.filter(organization=organization, at__gte=first, at__lt=end)
        .annotate(month=TruncMonth("at"))
        .values("month")
        .annotate(sum=Sum("cost_usd"))
        .order_by("month")
    )
    return {row["month"].date(): _exact(row["sum"]) or ZERO for row in rows}


def _projection(entries: QuerySet[UsageEntry]) -> Projection | None:
    sums = entries.exclude(subject_id=None).aggregate(
        sessions=Count("subject_id", distinct=True), cost=Sum("cost_usd"), saved=Sum("saved_usd")
    )
    cost, saved, sessions = _exact(sums["cost"]), _exact(sums["saved"]) or ZERO, sums["sessions"]
    if not sessions or cost is None:
        return None
    return Projection(
        sessions=sessions,
        usd=(cost * THOUSAND / sessions).quantize(EXACT),
        without_savings_usd=((cost + saved) * THOUSAND / sessions).quantize(EXACT),
    )


def _exact(amount: Decimal | None) -> Decimal | None:
    """Undo what SQLite's sums of floating numbers do to the last places."""
    return None if amount is None else amount.quantize(EXACT)

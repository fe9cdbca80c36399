"""What was used and what it cost, summed: by organization, by kind, by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from ops.models import Organization, UsageEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Entries of one kind, summed. A price that nobody knows is None, never nothing."""

    kind: str  # with its unit: audio_s, tokens_in, storage_put
    entries: int
    quantity: float
    cost_usd: Decimal | None  # None: nothing of it has a price
    unpriced: int  # entries without a price, not in the cost
    saved_usd: Decimal | None  # None: nothing was saved that has a price


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationUsage:
    """What an organization used of one kind from one provider."""

    organization: str
    provider: str
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUsage:
    """What was used of one kind on one day."""

    on: date
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """What was used in the last `days`, by all organizations or by one."""

    days: int
    organization: str  # "" for all
    by_organization: tuple[OrganizationUsage, ...]
    by_day: tuple[DayUsage, ...]  # the newest first
    cost_usd: Decimal | None  # of all of it; None: nothing of it has a price
    unpriced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An organization to look at by itself."""

    id: UUID
    name: str


NOBODY = "(the installation)"  # what no organization pays for
SUMS: dict[str, Any] = {
    "entries": Count("pk"),
    "total": Sum("quantity"),
    "cost": Sum("cost_usd"),
    "unpriced": Count("pk", filter=Q(cost_usd=None)),
    "saved": Sum("saved_usd"),
}


def usage_report(now: datetime, *, days: int, organization: Choice | None = None) -> UsageReport:
    """Return the sums of the last `days`; days are those of the installation's time zone."""
    entries = UsageEntry.objects.filter(at__gte=now - timedelta(days=days))
    if organization is not None:
        entries = entries.filter(organization_id=organization.id)
    by_organization = tuple(_by_organization(entries))
    costs = [row.amount.cost_usd for row in by_organization if row.amount.cost_usd is not None]
    return UsageReport(
        days=days,
        organization="" if organization is None else organization.name,
        by_organization=by_organization,
        by_day=tuple(_by_day(entries)),
        cost_usd=sum(costs, Decimal(0)) if costs else None,
        unpriced=sum(row.amount.unpriced for row in by_organization),
    )


def organizations_that_used() -> tuple[Choice, ...]:
    """Return the organizations that ever used something, by name."""
    rows = Organization.objects.filter(pk__in=UsageEntry.objects.values("organization_id"))
    return tuple(Choice(id=row.pk, name=row.name) for row in rows.order_by("name", "pk"))


def _by_organization(entries: QuerySet[UsageEntry]) -> list[OrganizationUsage]:
    keys = ("organization__name", "organization_id", "kind", "provider")
    return [
        OrganizationUsage(
            organization=row["organization__name"] or NOBODY,
            provider=row["provider"],
            amount=_amount(row),
        )
        for row in entries.values(*keys).annotate(**SUMS).order_by(*keys)
    ]


def _by_day(entries: QuerySet[UsageEntry]) -> list[DayUsage]:
    rows = entries.annotate(on=TruncDate("at")).values("on", "kind").annotate(**SUMS)
    return [DayUsage(on=row["on"], amount=_amount(row)) for row in rows.order_by("-on", "kind")]


def _amount(row: Mapping[str, Any]) -> Amount:
    return Amount(
        kind=row["kind"],
        entries=row["entries"],
        quantity=row["total"],
        cost_usd=row["cost"],
        unpriced=row["unpriced"],
        saved_usd=row["saved"],
    )

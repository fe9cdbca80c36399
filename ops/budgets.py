"""What an organization may spend in a month, and what happens when it has.

At WARN_SHARE its owners are told, at the whole of it paid engines rest until the month is over or
the budget is raised: local engines go on, so nothing that a candidate said waits or is lost.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from ops import audit
from ops.models import Organization, UsageEntry

WARN_SHARE = 0.8
LARGEST_USD = Decimal("99999999.99")


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """How far this month's budget is used. What has no known price is not in it."""

    budget_usd: Decimal | None  # None: no limit
    spent_usd: Decimal
    month_starts_at: datetime
    month_ends_at: datetime

    @property
    def share(self) -> float | None:
        """Spent of the budget, 0 and up; None without a budget."""
        if self.budget_usd is None:
            return None
        return float(self.spent_usd / self.budget_usd) if self.budget_usd else float("inf")

    @property
    def is_warning(self) -> bool:
        return self.share is not None and self.share >= WARN_SHARE

    @property
    def is_exceeded(self) -> bool:
        return self.share is not None and self.share >= 1

    @property
    def left_usd(self) -> Decimal | None:
        """None without a budget."""
        return (
            None if self.budget_usd is None else max(Decimal(0), self.budget_usd - self.spent_usd)
        )


def month_of(at: datetime) -> tuple[datetime, datetime]:
    """Return where the month of `at` begins and ends, in the installation's time zone."""
    local = timezone.localtime(at)
    start = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=31)).replace(day=1)


def budget_state(organization_id: UUID, *, now: datetime) -> BudgetState:
    """Return how far an organization's budget of this month is used."""
    start, end = month_of(now)
    budgets = Organization.objects.filter(pk=organization_id).values_list("budget_usd", flat=True)
    spent = UsageEntry.objects.filter(organization_id=organization_id, at__gte=start, at__lt=end)
    return BudgetState(
        budget_usd=budgets.first(),
        spent_usd=spent.aggregate(sum=Sum("cost_usd"))["sum"] or Decimal(0),
        month_starts_at=start,
        month_ends_at=end,
    )


def is_over_budget(organization_id: UUID, *, now: datetime | None = None) -> bool:
    """Whether an organization may spend nothing more this month."""
    at = now or timezone.now()
    has_budget = Organization.objects.filter(pk=organization_id, budget_usd__isnull=False).exists()
    return has_budget and budget_state(organization_id, now=at).is_exceeded


@transaction.atomic
def set_budget(*, organization: Organization, budget_usd: Decimal | None, actor: str) -> None:
    """Limit what an organization may spend in a month; None takes the limit off."""
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    before, locked.budget_usd = locked.budget_usd, budget_usd
    locked.save(update_fields=["budget_usd"])
    organization.budget_usd = budget_usd
    audit.record(
        organization_id=organization.pk,
        actor=actor,
        action="budget.changed",
        subject_kind="organization",
        subject_id=str(organization.pk),
        detail={"former_usd": _told(before), "usd": _told(budget_usd)},
    )


def _told(amount: Decimal | None) -> str:
    return "none" if amount is None else str(amount)

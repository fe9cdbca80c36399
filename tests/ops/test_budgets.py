"""What an organization may spend in a month."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ops import budgets, ledger
from ops.models import AuditEntry, UsageEntry
from tests import factories

pytestmark = pytest.mark.django_db


def spend(organization, minutes, *, at=None):
    """Minutes of speech at 0.0045 USD."""
    ledger.record_usage(
        kind="audio_s",
        quantity=minutes * 60,
        provider="openai",
        model="gpt-transcribe",
        organization_id=organization.id,
    )
    if at is not None:
        UsageEntry.objects.filter(pk=UsageEntry.objects.latest("pk").pk).update(at=at)


def limit(organization, usd):
    budgets.set_budget(organization=organization, budget_usd=Decimal(usd), actor="member:1")


def state(organization):
    return budgets.budget_state(organization.id, now=timezone.now())


def test_without_a_budget_nothing_is_exceeded(acme):
    spend(acme, 10_000)
    found = state(acme)
    assert (found.share, found.left_usd, found.is_warning) == (None, None, False)
    assert not budgets.is_over_budget(acme.id)


@pytest.mark.parametrize(
    ("minutes", "is_warning", "is_exceeded"),
    [
        (0, False, False),
        (79, False, False),
        (80, True, False),
        (99, True, False),
        (100, True, True),
    ],
)
def test_a_budget_warns_at_80_percent_and_is_exceeded_at_100(
    acme, minutes, is_warning, is_exceeded
):
    limit(acme, "0.45")  # 100 minutes
    spend(acme, minutes)
    found = state(acme)
    assert (found.is_warning, found.is_exceeded) == (is_warning, is_exceeded)
    assert found.spent_usd == Decimal("0.0045") * minutes
    assert found.left_usd == Decimal("0.45") - found.spent_usd
    assert budgets.is_over_budget(acme.id) == is_exceeded


def test_a_budget_of_nothing_is_exceeded_at_once(acme):
    limit(acme, "0")
    assert budgets.is_over_budget(acme.id)


def test_the_month_before_and_other_organizations_do_not_count(acme):
    limit(acme, "0.01")
    start, _ = budgets.month_of(timezone.now())
    spend(acme, 100, at=start - timedelta(seconds=1))
    spend(factories.make_organization("Rival"), 100)
    assert not budgets.is_over_budget(acme.id)
    spend(acme, 100, at=start)
    assert budgets.is_over_budget(acme.id)


def test_what_has_no_price_is_in_no_budget(acme):
    limit(acme, "0.01")
    ledger.record_usage(kind="tokens_in", quantity=10**9, provider="x", organization_id=acme.id)
    assert not budgets.is_over_budget(acme.id)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), (2026, 12, 1), (2027, 1, 1)),
        (datetime(2026, 2, 1, tzinfo=UTC), (2026, 2, 1), (2026, 3, 1)),
    ],
)
def test_a_month_is_a_month_of_the_calendar(now, start, end):
    found = budgets.month_of(now)
    assert tuple((m.year, m.month, m.day) for m in found) == (start, end)


def test_a_changed_budget_is_in_the_trail(acme):
    limit(acme, "20")
    budgets.set_budget(organization=acme, budget_usd=None, actor="member:1")
    details = list(AuditEntry.objects.order_by("pk").values_list("detail", flat=True))
    assert details == [
        {"former_usd": "none", "usd": "20"},
        {"former_usd": "20.00", "usd": "none"},
    ]

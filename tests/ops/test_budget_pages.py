"""A budget is set by owners, on a page and by REST, and its owners hear when it runs out."""

from decimal import Decimal
from smtplib import SMTPException

import pytest
from django.core import mail as outbox
from django.utils import timezone

from ops import budgets, mail
from ops.budget_watch import look_at_budgets
from ops.models import AuditEntry, BudgetNotice, UsageEntry
from tests.ops.test_budgets import limit, spend

pytestmark = pytest.mark.django_db
PAGE, REST = "/organization/budget/", "/api/v1/organization/budget"


def test_an_owner_sets_and_lifts_a_budget(acme, alice, signed_in):
    client = signed_in(alice)
    assert "There is no limit." in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"budget_usd": "12.50"}).status_code == 302
    acme.refresh_from_db()
    assert acme.budget_usd == Decimal("12.50")
    assert "0.00 of 12.50 USD" in client.get(PAGE).content.decode()
    client.post(PAGE, {"budget_usd": ""})
    acme.refresh_from_db()
    assert acme.budget_usd is None
    assert AuditEntry.objects.filter(action="budget.changed").count() == 2


@pytest.mark.parametrize("nonsense", ["-1", "much", "1.234", "99999999999"])
def test_what_is_no_budget_is_refused_and_kept_in_the_form(acme, alice, signed_in, nonsense):
    answer = signed_in(alice).post(PAGE, {"budget_usd": nonsense})
    assert answer.status_code == 200
    assert f'value="{nonsense}"' in answer.content.decode()
    acme.refresh_from_db()
    assert acme.budget_usd is None


def test_only_owners_have_a_say(acme, bob, signed_in):
    assert signed_in(bob).post(PAGE, {"budget_usd": "1"}).status_code == 404
    put = signed_in(bob).put(REST, {"budget_usd": "1"}, content_type="application/json")
    assert put.status_code == 404


def test_a_budget_by_rest(acme, alice, signed_in):
    client = signed_in(alice)
    spend(acme, 100)
    put = client.put(REST, {"budget_usd": "0.50"}, content_type="application/json").json()
    assert (put["budget_usd"], put["is_warning"], put["is_exceeded"]) == ("0.50", True, False)
    assert Decimal(put["spent_usd"]) == Decimal("0.45")
    assert client.get(REST).json()["budget_usd"] == "0.50"
    assert (
        client.put(REST, {"budget_usd": None}, content_type="application/json").json()["budget_usd"]
        is None
    )
    wrong = client.put(REST, {"budget_usd": "-1"}, content_type="application/json")
    assert wrong.status_code == 400


# --- who is told -----------------------------------------------------------------------------


def test_owners_hear_of_80_and_of_100_percent_once_each(acme, alice, bob):
    limit(acme, "0.45")
    assert look_at_budgets(timezone.now()) == 0
    spend(acme, 85)
    assert look_at_budgets(timezone.now()) == 1
    assert look_at_budgets(timezone.now()) == 0
    spend(acme, 20)
    assert look_at_budgets(timezone.now()) == 1
    assert look_at_budgets(timezone.now()) == 0
    first, second = outbox.outbox
    assert first.to == second.to == ["alice@acme.test"]
    assert first.subject == "80 % of the budget of Acme are used"
    assert second.subject == "The budget of Acme is used up"
    assert "0.47 of 0.45 USD" in second.body
    assert UsageEntry.objects.filter(kind="mail", organization=acme).count() == 2


def test_a_jump_past_both_is_told_once(acme, alice):
    limit(acme, "0.45")
    spend(acme, 200)
    assert look_at_budgets(timezone.now()) == 1
    assert look_at_budgets(timezone.now()) == 0
    assert [each.subject for each in outbox.outbox] == ["The budget of Acme is used up"]


def test_a_mail_that_did_not_leave_is_tried_again(acme, alice, monkeypatch):
    limit(acme, "0.45")
    spend(acme, 85)

    def fail(**_):
        raise SMTPException

    with monkeypatch.context() as patched:
        patched.setattr(mail, "send_mail", fail)
        assert look_at_budgets(timezone.now()) == 0
    assert not BudgetNotice.objects.exists()
    assert look_at_budgets(timezone.now()) == 1


def test_without_a_budget_nobody_is_told(acme, alice):
    spend(acme, 10_000)
    assert look_at_budgets(timezone.now()) == 0
    assert not budgets.is_over_budget(acme.id)

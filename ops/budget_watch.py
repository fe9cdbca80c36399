"""Tells owners that a month's budget runs out: once at 80 %, once at 100 %."""

import logging
from datetime import datetime

from django.db import IntegrityError, transaction

from ops import mail
from ops.budgets import BudgetState, budget_state
from ops.models import BudgetNotice, Membership, Organization

log = logging.getLogger(__name__)


def look_at_budgets(now: datetime) -> int:
    """Mail the owners of organizations whose budget has reached a level; return how many mails.

    What could not be mailed is tried again at the next look.
    """
    told = 0
    for organization in Organization.objects.filter(budget_usd__isnull=False):
        state = budget_state(organization.pk, now=now)
        level = "exceeded" if state.is_exceeded else "warning" if state.is_warning else ""
        if level and _is_news(organization, level, state):
            told += _tell(organization, level, state, now)
    return told


def _is_news(organization: Organization, level: str, state: BudgetState) -> bool:
    told = BudgetNotice.objects.filter(
        organization=organization,
        month_on=state.month_starts_at.date(),
        level__in=(level, "exceeded"),
        told_at__isnull=False,
    )
    return not told.exists()


def _tell(organization: Organization, level: str, state: BudgetState, now: datetime) -> bool:
    owners = Membership.objects.filter(
        organization=organization, role=Membership.Role.OWNER, removed_at=None
    ).values_list("user__email", flat=True)
    if not owners or not mail.send_budget_notice(
        organization=organization, state=state, to=list(owners)
    ):
        return False
    place = {"month_on": state.month_starts_at.date(), "level": level}
    try:
        with transaction.atomic():
            BudgetNotice.objects.create(organization=organization, told_at=now, **place)
    except IntegrityError:  # one_budget_notice: another host told it, too
        log.info("Two hosts told of the same budget.")
    return True

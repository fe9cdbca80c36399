"""Mail of the machine room, sent by Django's backend: by default it appears on the console."""

import logging
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from ops import ledger
from ops.budgets import BudgetState
from ops.models import MemberInvitation, Organization

log = logging.getLogger(__name__)


def count_mails(sent: int, *, organization_id: UUID | None) -> None:
    """Count what left, for the organization that it left for."""
    host = settings.EMAIL_HOST
    provider = "ses" if host.endswith(".amazonaws.com") else "smtp" if host else "console"
    with ledger.charged_to(organization_id=organization_id):
        ledger.count("mail", sent, provider=provider)


def send_budget_notice(*, organization: Organization, state: BudgetState, to: list[str]) -> bool:
    """Tell owners how far the month's budget is used; return whether the mail left."""
    context = {"organization": organization, "budget": state, "url": settings.PUBLIC_URL}
    try:
        send_mail(
            subject=" ".join(render_to_string("ops/mail/budget_subject.txt", context).split()),
            message=render_to_string("ops/mail/budget.txt", context),
            from_email=None,
            recipient_list=to,
        )
    except (SMTPException, OSError) as error:
        log.warning("A notice of a budget could not be mailed: %s", type(error).__name__)
        return False
    count_mails(len(to), organization_id=organization.pk)
    return True


def send_member_invitation(*, invitation: MemberInvitation, link: str) -> bool:
    """Send the link to the address it is for; return whether the mail left.

    Call it outside a transaction. A mail server that is down costs no invitation: the link is shown
    to the owner too.
    """
    context = {"invitation": invitation, "link": link}
    try:
        send_mail(
            subject=" ".join(render_to_string("ops/mail/member_subject.txt", context).split()),
            message=render_to_string("ops/mail/member.txt", context),
            html_message=render_to_string("ops/mail/member.html", context),
            from_email=None,
            recipient_list=[invitation.email],
        )
    except (SMTPException, OSError) as error:
        log.warning("An invitation could not be mailed: %s", type(error).__name__)
        return False
    count_mails(1, organization_id=invitation.organization_id)
    return True

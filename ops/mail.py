"""Mail of the machine room, sent by Django's backend: by default it appears on the console."""

import logging
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string

from ops.models import MemberInvitation

log = logging.getLogger(__name__)


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
    return True

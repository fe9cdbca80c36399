"""Mail with a link, sent by Django's backend once the link is committed."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from smtplib import SMTPException
from uuid import UUID

from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from interviews.models import Invitation
from interviews.services.invitations import Link
from ops.mail import count_mails

logger = logging.getLogger(__name__)
LONGEST_S = 60.0  # somebody waits for the answer; the rest is told as not sent


def send_links(*, links: Sequence[Link], now: datetime) -> list[Link]:
    """Mail each link to its candidate's address; return those that did not leave.

    Call it outside a transaction: what is mailed must be true. What fails is noted at its
    invitation and can be sent again.
    """
    addressed = [
        link for link in links if link.invitation.candidate and link.invitation.candidate.email
    ]
    sent = _send(addressed)
    for invitations, state in (
        (sent, Invitation.Mail.SENT),
        ({link.invitation.pk for link in addressed} - sent, Invitation.Mail.FAILED),
    ):
        Invitation.objects.filter(pk__in=invitations).update(mail_state=state, mailed_at=now)
    for link in addressed:
        is_sent = link.invitation.pk in sent
        link.invitation.mail_state = Invitation.Mail.SENT if is_sent else Invitation.Mail.FAILED
    return [link for link in addressed if link.invitation.pk not in sent]


def _send(links: Sequence[Link]) -> set[UUID]:
    """Send over one connection; a server that goes away ends it, one bad address does not."""
    sent: set[UUID] = set()
    until = time.monotonic() + LONGEST_S
    connection = get_connection()
    try:
        if links:
            connection.open()
        for link in links:
            if time.monotonic() > until:
                logger.warning("%d invitations were not mailed in time", len(links) - len(sent))
                break
            try:
                message_of(link, connection).send()
            except SMTPException as error:
                logger.warning("An invitation could not be mailed: %s", type(error).__name__)
            else:
                sent.add(link.invitation.pk)
                count_mails(1, organization_id=link.invitation.interview.organization_id)
    except (SMTPException, OSError) as error:
        logger.warning("The mail server can't be reached: %s", type(error).__name__)
    finally:
        connection.close()
    return sent


def message_of(link: Link, connection: object = None) -> EmailMultiAlternatives:
    """Return the mail of a link, as text and as HTML."""
    context = {"invitation": link.invitation, "link": link.url}
    subject = render_to_string("interviews/mail/invitation_subject.txt", context)
    candidate = link.invitation.candidate
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),  # a line break in a title is no header of ours
        body=render_to_string("interviews/mail/invitation.txt", context),
        to=[candidate.email] if candidate else [],
        connection=connection,
    )
    message.attach_alternative(
        render_to_string("interviews/mail/invitation.html", context), "text/html"
    )
    return message

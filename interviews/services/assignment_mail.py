"""The mail that tells a reviewer of her work; it names nobody who is interviewed."""

import logging
from collections.abc import Sequence
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from interviews.models import Assignment, Interview
from ops.mail import count_mails

logger = logging.getLogger(__name__)


def send_assignments(
    *, assignments: Sequence[Assignment], interview: Interview, actor_user_id: int | None
) -> bool:
    """Tell the reviewer of what was just assigned to her; return whether no mail failed.

    Whoever assigns something to herself knows already. Call it outside a transaction. A mail server
    that is down costs no assignment: it is in her list of reviews.
    """
    reviewers = {
        each.member.user.pk: each.member.user
        for each in assignments
        if each.member.user_id != actor_user_id
    }
    for reviewer in reviewers.values():
        context = {
            "interview": interview,
            "name": reviewer.get_full_name(),
            "count": sum(each.member.user_id == reviewer.pk for each in assignments),
            "link": settings.PUBLIC_URL + reverse("own_reviews"),
        }
        subject = render_to_string("interviews/mail/assignment_subject.txt", context)
        try:
            send_mail(
                subject=" ".join(subject.split()),  # a line break in a title is no header of ours
                message=render_to_string("interviews/mail/assignment.txt", context),
                html_message=render_to_string("interviews/mail/assignment.html", context),
                from_email=None,
                recipient_list=[reviewer.email],
            )
        except (SMTPException, OSError) as error:
            logger.warning("An assignment could not be mailed: %s", type(error).__name__)
            return False
        count_mails(1, organization_id=interview.organization_id)
    return True

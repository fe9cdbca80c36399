"""Coming in by an open link: a candidate, her personal link and her session at once."""

from datetime import datetime

from django.db import transaction

from interviews.models import Invitation, Session
from interviews.services.invitations import Link, Person, enter_open_link
from interviews.services.sessions import start_session


def start_by_open_link(
    *, invitation: Invitation, person: Person, now: datetime
) -> tuple[Link, Session]:
    """Use the open link once; return the newcomer's personal link and her session.

    Raises: StateConflict when the link has no use left or the interview takes nobody.
    """
    with transaction.atomic():
        link = enter_open_link(invitation=invitation, person=person, now=now)
        session = start_session(invitation=link.invitation, now=now)
    return link, session

"""The candidate's cookie: a signed pair of session and invitation, apart from members' sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpResponseBase

from interviews.models import Session

NAME = "candor_candidate"
SALT = "interviews.candidate"
KEPT_AFTER_END = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a genuine cookie says; whether it still holds is for the database to tell."""

    session_id: UUID
    invitation_id: UUID


def set_cookie(response: HttpResponseBase, session: Session, *, now: datetime) -> None:
    """Give the browser its claim on `session` until some time after the session's deadline.

    Then too she may see what became of it, and take a consent back.
    """
    value = signing.dumps([str(session.pk), str(session.invitation_id)], salt=SALT)
    deadline_at = session.deadline_at or now
    response.set_cookie(
        NAME,
        value,
        max_age=max(0, int((deadline_at + KEPT_AFTER_END - now).total_seconds())),
        secure=settings.PRODUCTION,
        httponly=True,
        samesite="Lax",
    )


def read(value: str) -> Claim | None:
    """Return the claim in a cookie's value, or None when it was not made here."""
    try:
        session_id, invitation_id = signing.loads(value, salt=SALT)
        return Claim(session_id=UUID(session_id), invitation_id=UUID(invitation_id))
    except (signing.BadSignature, ValueError, TypeError):
        return None

"""Signed, expiring references to a grant: what a transfer URL carries. No secret is stored."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from django.core import signing

Direction = Literal["put", "get"]
SALT = "recordings.transfer"
PREFIX = "/transfer/"


def transfer_url(direction: Direction, grant_id: UUID, expires_at: datetime) -> str:
    """Return the path under which the grant may be used until then."""
    claim = [grant_id.hex, int(expires_at.timestamp())]
    return PREFIX + signing.dumps(claim, salt=f"{SALT}.{direction}")


def grant_of(token: str, direction: Direction, *, now: datetime) -> UUID | None:
    """Return the id in a token of ours that is made for this and not expired, else None."""
    try:
        grant_id, expires = signing.loads(token, salt=f"{SALT}.{direction}")
        is_live = now < datetime.fromtimestamp(expires, UTC)
        return UUID(grant_id) if is_live else None
    except (signing.BadSignature, ValueError, TypeError):
        return None

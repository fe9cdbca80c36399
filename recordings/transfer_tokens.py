"""Signed, expiring references to a grant: what a transfer URL carries. No secret is stored."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from django.core import signing

from recordings.shut_door import require_open

Direction = Literal["put", "get"]
SALT = "recordings.transfer"
PREFIX = "/transfer/"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a token names: a grant, or one part of an upload's."""

    grant_id: UUID
    part: int = 0


def transfer_url(
    direction: Direction, grant_id: UUID, expires_at: datetime, *, part: int = 0
) -> str:
    """Return the path under which the grant, or its one part, may be used until then."""
    require_open("sign")
    claim = [grant_id.hex, int(expires_at.timestamp()), *([part] if part else [])]
    # No time of signing is in it: the same grant always gives the same URL.
    return PREFIX + signing.Signer(salt=f"{SALT}.{direction}").sign_object(claim)


def reference_of(token: str, direction: Direction, *, now: datetime) -> Reference | None:
    """Return what a token of ours names that is made for this and not expired, else None."""
    try:
        grant_id, expires, *part = signing.Signer(salt=f"{SALT}.{direction}").unsign_object(token)
        is_live = now < datetime.fromtimestamp(expires, UTC)
        return Reference(UUID(grant_id), *part) if is_live else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def grant_of(token: str, direction: Direction, *, now: datetime) -> UUID | None:
    """Return the id of the grant that a token names, as `reference_of`."""
    reference = reference_of(token, direction, now=now)
    return reference.grant_id if reference else None

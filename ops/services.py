"""API keys: made, shown once, revoked."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ops import audit, tokens
from ops.conflicts import StateConflict
from ops.models import ApiKey, User
from ops.principals import SCOPES

KEY_PREFIX = "cnd_"  # secret scanners and people recognise a leaked key by it
SHOWN_LENGTH = 12
LONGEST_KEY_DAYS = 365


@transaction.atomic
def create_api_key(
    *,
    user: User,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Return a new key's row and the key itself, which nobody can read again.

    Raises:
        StateConflict: the user belongs to no organization, may not hold a scope, or the expiry has
            passed.
    """
    wanted = set(scopes)
    allowed = set(SCOPES) if user.is_staff else set(SCOPES) - {"ops:manage"}
    if unknown := wanted - allowed:
        raise StateConflict("scope_not_allowed", f"{user} can't give {', '.join(sorted(unknown))}.")
    if expires_at is not None and expires_at <= now:
        raise StateConflict("already_expired", "The key would have expired already.")
    membership = user.live_membership
    if membership is None:
        raise StateConflict("no_organization", f"{user} belongs to no organization.")
    key = KEY_PREFIX + tokens.new_token()
    row = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=key[:SHOWN_LENGTH],
        key_hash=tokens.keyed_hash(key),
        scopes=sorted(wanted),
        expires_at=expires_at,
    )
    note(row, action="api_key.created", actor=f"member:{user.pk}")
    return row, key


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: str, now: datetime) -> None:
    """Have the key refused from now on. Revoking it again changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        note(key, action="api_key.revoked", actor=actor)


def note(key: ApiKey, *, action: str, actor: str) -> None:
    """Write down who did what to the key, never the key."""
    audit.record(
        organization_id=key.user.membership.organization_id,
        actor=actor,
        action=action,
        subject_kind="api_key",
        subject_id=str(key.pk),
        detail={"name": key.name, "prefix": key.prefix, "scopes": key.scopes},
    )

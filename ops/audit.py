"""The audit trail: the one door through which it is written."""

from collections.abc import Mapping
from uuid import UUID

from ops.models import AuditEntry


def record(  # noqa: PLR0913 - who, what, to what, where: each is needed
    *,
    organization_id: UUID | None,
    actor: str,
    action: str,
    subject_kind: str,
    subject_id: str,
    detail: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Write down who did what to what, in the caller's transaction.

    `actor` is a Principal's key, `action` like `member.removed`; `detail` carries ids, names of
    rows and roles, never contents.
    """
    return AuditEntry.objects.create(
        organization_id=organization_id,
        actor=actor,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        detail=dict(detail or {}),
    )

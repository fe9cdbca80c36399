"""What candidates agreed to: the newest row of each scope counts."""

from collections.abc import Iterable
from uuid import UUID

from interviews.models import ConsentRecord, Interview

Scope = ConsentRecord.Scope


def granted_scopes(session_id: UUID) -> frozenset[str]:
    """Return the scopes to which the session's candidate now agrees."""
    return granted_scopes_of([session_id])[session_id]


def granted_scopes_of(session_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Return the granted scopes of each session, in one query."""
    ids = list(session_ids)
    newest: dict[UUID, dict[str, bool]] = {pk: {} for pk in ids}
    rows = ConsentRecord.objects.filter(session_id__in=ids).order_by("pk")
    for session_id, scope, granted in rows.values_list("session_id", "scope", "granted"):
        newest[session_id][scope] = granted
    return {
        session_id: frozenset(scope for scope, granted in scopes.items() if granted)
        for session_id, scopes in newest.items()
    }


def offered_scopes(interview: Interview) -> tuple[str, ...]:
    """Return the scopes that this interview asks about, the required one first."""
    scopes: list[str] = [Scope.RECORDING]
    if interview.ai_mode == Interview.AiMode.ASSIST:
        scopes.append(Scope.AI_ANALYSIS)
    if interview.measures_video:
        scopes.append(Scope.VIDEO_METRICS)
    return (*scopes, Scope.LONG_RETENTION)

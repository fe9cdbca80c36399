"""What candidates agreed to: the newest row of each scope counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """The candidate's newest answer to one scope, and the notice that she had read."""

    scope: str
    is_granted: bool
    notice_version: str
    at: datetime


def latest_words(session_id: UUID) -> dict[str, Word]:
    """Return the newest answer to each scope, in one query."""
    rows = ConsentRecord.objects.filter(session_id=session_id).order_by("pk")
    return {
        row.scope: Word(
            scope=row.scope,
            is_granted=row.granted,
            notice_version=row.notice_version,
            at=row.at,
        )
        for row in rows
    }


def offered_scopes(interview: Interview) -> tuple[str, ...]:
    """Return the scopes that this interview asks about, the required one first."""
    scopes: list[str] = [Scope.RECORDING]
    if interview.ai_mode == Interview.AiMode.ASSIST:
        scopes.append(Scope.AI_ANALYSIS)
    if interview.measures_video:
        scopes.append(Scope.VIDEO_METRICS)
    return (*scopes, Scope.LONG_RETENTION)

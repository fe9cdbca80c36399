"""What ops may ask about sessions and interviews."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from interviews import permissions, selectors
from interviews.models import Interview, Session
from ops.principals import Principal
from ops.subjects import Subject, register, register_candidate_authenticator


def can_follow_session(principal: Principal, key: str) -> bool:
    """Whether the principal may see this session's progress."""
    try:
        session_id = UUID(key)
    except ValueError:
        return False
    return Session.objects.visible_to(principal).filter(pk=session_id).exists()


def can_follow_interview(principal: Principal, key: str) -> bool:
    """Whether the principal may watch the interview's live board."""
    try:
        permissions.access_interview(principal, key)
    except Http404:
        return False
    return True


def has_consent(session_id: UUID, scope: str) -> bool:
    """Whether the candidate's newest word on `scope` is yes."""
    return scope in selectors.granted_scopes(session_id)


def visible_sessions(principal: Principal) -> Any:
    """Return the ids of the sessions that the principal may follow, as a subquery."""
    return Session.objects.visible_to(principal).values("pk")


def visible_interviews(principal: Principal) -> Any:
    """Return the ids of the interviews whose board the principal may watch, as a subquery."""
    return Interview.objects.visible_to(principal).values("pk")


def session_page(session_id: UUID, board: str) -> str:
    """Return where the session's results stand."""
    return reverse("session_results", args=(board, session_id))


def candidate_of(cookies: Mapping[str, str]) -> Principal | None:
    """Return the candidate whose cookie this is while her link is open."""
    session = permissions.session_of_cookies(cookies)
    if session is None or permissions.is_over(session, now=timezone.now()):
        return None
    return permissions.candidate_principal(session)


register(
    Subject(
        kind="session",
        access=can_follow_session,
        describe=selectors.session_labels,
        has_consent=has_consent,
        visible=visible_sessions,
        page=session_page,
    )
)
register(
    Subject(
        kind="interview",
        access=can_follow_interview,
        describe=selectors.interview_titles,
        visible=visible_interviews,
    )
)
register_candidate_authenticator(candidate_of)

"""Fetch and authorise in one call; what one may not see does not exist."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from interviews import candidate_cookie
from interviews.models import Assignment, Competency, Interview, Invitation, Response, Session
from ops import tokens
from ops.principals import Principal

# A take that was begun before the deadline may still arrive: the longest answer (20 minutes, twice
# that for whom time is stretched) and its way here.
TAKE_GRACE = timedelta(hours=1)


class LinkRevoked(Http404):
    """The cookie is genuine, but its link was taken back: its holder may be told so."""


def access_interview(principal: Principal, key: str) -> Interview:
    """Return the interview with its organization.

    Raises: Http404
    """
    interview = (
        Interview.objects.visible_to(principal)
        .select_related("organization")
        .filter(key=key)
        .first()
    )
    if interview is None:
        raise Http404
    return interview


def access_design(principal: Principal, key: str) -> Interview:
    """Return the interview for somebody who may change it and invite to it.

    Raises: Http404
    """
    if not principal.can_design:
        raise Http404
    return access_interview(principal, key)


def access_designing(principal: Principal) -> uuid.UUID:
    """Return the organization for which this principal may make interviews and competencies.

    Raises: Http404
    """
    if not principal.can_design or principal.organization_id is None:
        raise Http404
    return principal.organization_id


def access_competency(principal: Principal, competency_id: uuid.UUID) -> Competency:
    """Return a competency to somebody who may change it.

    Raises: Http404
    """
    access_designing(principal)
    competency = Competency.objects.visible_to(principal).filter(pk=competency_id).first()
    if competency is None:
        raise Http404
    return competency


def access_invitation(principal: Principal, key: str, invitation_id: uuid.UUID) -> Invitation:
    """Return an invitation to the interview `key`, for somebody who may invite to it.

    Raises: Http404
    """
    interview = access_design(principal, key)
    invitation = (
        Invitation.objects.select_related("candidate")
        .filter(pk=invitation_id, interview=interview)
        .first()
    )
    if invitation is None:
        raise Http404
    invitation.interview = interview
    return invitation


def access_session(principal: Principal, key: str, session_id: uuid.UUID | str) -> Session:
    """Return the session of the interview `key`, with interview, candidate and organization.

    Raises: Http404
    """
    try:
        pk = uuid.UUID(str(session_id))
    except ValueError:
        raise Http404 from None
    session = (
        Session.objects.visible_to(principal)
        .select_related("version__interview", "candidate", "organization")
        .filter(pk=pk, version__interview__key=key)
        .first()
    )
    if session is None:
        raise Http404
    return session


def access_reviewed(principal: Principal, key: str, session_ids: Sequence[uuid.UUID]) -> Interview:
    """Return the interview for somebody who may say who reviews these sessions of it.

    Raises: Http404 when one of them is not there
    """
    interview = access_design(principal, key)
    wanted = set(session_ids)
    found = Session.objects.visible_to(principal).filter(
        pk__in=wanted, version__interview=interview
    )
    if found.count() != len(wanted):
        raise Http404
    return interview


def access_assignment(principal: Principal, key: str, assignment_id: uuid.UUID) -> Assignment:
    """Return an assignment in the interview `key`, for somebody who may end it.

    Raises: Http404
    """
    interview = access_design(principal, key)
    assignment = (
        Assignment.objects.select_related("member__user", "session__candidate")
        .filter(public_id=assignment_id, session__version__interview=interview)
        .first()
    )
    if assignment is None:
        raise Http404
    return assignment


def candidate_session(
    request: HttpRequest | Request, *, now: datetime | None = None, may_be_over: bool = False
) -> Session:
    """Return the session that the candidate's cookie opens.

    With `may_be_over` a deadline that has passed still opens it: the last page says so. A revoked
    link opens nothing.

    Raises: Http404 when the cookie is absent or forged or its time is over; LinkRevoked.
    """
    session = session_claimed(request.COOKIES)
    if session is None:
        raise Http404
    if is_revoked(session):
        raise LinkRevoked
    if not may_be_over and is_over(session, now=now or timezone.now()):
        raise Http404
    return session


def session_of_cookies(cookies: Mapping[str, str]) -> Session | None:
    """Return the session of a genuine candidate cookie whose link was not revoked."""
    session = session_claimed(cookies)
    return None if session is None or is_revoked(session) else session


def session_claimed(cookies: Mapping[str, str]) -> Session | None:
    """Return the session that a genuine candidate cookie names, whatever became of its link."""
    claim = candidate_cookie.read(cookies.get(candidate_cookie.NAME, ""))
    if claim is None:
        return None
    return (
        Session.objects.select_related(
            "version__interview__organization", "candidate", "organization", "invitation"
        )
        .filter(pk=claim.session_id, invitation_id=claim.invitation_id)
        .exclude(state=Session.State.ERASED)
        .first()
    )


def is_revoked(session: Session) -> bool:
    """Whether the link by which the session's candidate came was taken back."""
    return session.invitation is not None and session.invitation.revoked_at is not None


def is_by_open_link(session: Session, token: str) -> bool:
    """Whether the session's candidate came in by the open link of that token."""
    invitation = session.invitation
    if invitation is None or invitation.open_link_id is None:
        return False
    return Invitation.objects.filter(
        pk=invitation.open_link_id, token_hash=tokens.keyed_hash(token)
    ).exists()


def is_over(session: Session, *, now: datetime) -> bool:
    """Whether the session's deadline, or its link's, has passed."""
    end = ends_at(session)
    return end is not None and end <= now


def ends_at(session: Session) -> datetime | None:
    """Return when the session's time is over: at its deadline or its link's, the earlier one."""
    link = session.invitation.expires_at if session.invitation else None
    return min((end for end in (session.deadline_at, link) if end is not None), default=None)


def candidate_principal(session: Session) -> Principal:
    """Return the principal of the candidate whose session this is."""
    return Principal(
        kind="candidate", organization_id=session.organization_id, session_id=session.pk
    )


def access_response(session: Session, response_id: uuid.UUID) -> Response:
    """Return the candidate's own response with its question.

    Raises: Http404
    """
    response = (
        Response.objects.select_related("question").filter(session=session, pk=response_id).first()
    )
    if response is None:
        raise Http404
    return response

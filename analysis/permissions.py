"""Fetch and authorise in one call; what one may not see does not exist."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from interviews.models import Session
from interviews.permissions import access_session
from ops.models import Job, Run
from ops.permissions import access_job, access_run
from ops.principals import Principal


def access_session_by_id(principal: Principal, session_id: UUID) -> Session:
    """Return the session, with its interview, for a client that does not name the interview.

    Raises: Http404
    """
    visible = Session.objects.visible_to(principal).select_related("version__interview")
    session = visible.filter(pk=session_id).first()
    if session is None:
        raise Http404
    return session


def access_session_job(principal: Principal, key: str, session_id: UUID, public_id: UUID) -> Job:
    """Return a job of the session for somebody who may start and stop its processing.

    Raises: Http404, PermissionDenied
    """
    session = access_session(principal, key, session_id)
    job = access_job(principal, public_id)
    if job.run.subject_id != session.pk:
        raise Http404
    refuse_reviewers(principal)
    return job


def access_session_run(principal: Principal, key: str, session_id: UUID, run_id: UUID) -> Run:
    """Return a run of the session for somebody who may start and stop its processing.

    Raises: Http404, PermissionDenied
    """
    session = access_session(principal, key, session_id)
    run = access_run(principal, run_id)
    if run.subject_id != session.pk:
        raise Http404
    refuse_reviewers(principal)
    return run


def refuse_reviewers(principal: Principal) -> None:
    """Raises: PermissionDenied for those who only review."""
    if not principal.can_design:
        raise PermissionDenied

"""Fetch and authorise in one call; what one may not see does not exist."""

from uuid import UUID

from django.http import Http404

from interviews.models import Response, Session, Take
from ops.principals import Principal
from recordings.models import Recording, Upload


def can_see(principal: Principal, recording_id: UUID) -> bool:
    """Whether the principal sees the recording."""
    return Recording.objects.visible_to(principal).filter(pk=recording_id).exists()


def access_recording(
    principal: Principal, interview_key: str, session_id: UUID, recording_id: UUID
) -> Recording:
    """Return the recording of that session of that interview. Raises Http404."""
    recording = (
        Recording.objects.visible_to(principal)
        .filter(pk=recording_id, session=session_id, session__version__interview__key=interview_key)
        .first()
    )
    if recording is None:
        raise Http404
    return recording


def access_response(session: Session, response_id: UUID) -> Response:
    """Return a response of the candidate's own session. Raises Http404."""
    found = Response.objects.filter(pk=response_id, session=session).first()
    if found is None:
        raise Http404
    return found


def access_take(session: Session, take_id: UUID) -> Take:
    """Return a take of the candidate's own session. Raises Http404."""
    found = (
        Take.objects.filter(pk=take_id, response__session=session).select_related("response")
    ).first()
    if found is None:
        raise Http404
    return found


def access_upload(session: Session, upload_id: UUID) -> Upload:
    """Return an upload of the candidate's own session. Raises Http404."""
    found = (
        Upload.objects.filter(pk=upload_id, take__response__session=session)
        .select_related("take__response__session")
        .first()
    )
    if found is None:
        raise Http404
    return found

"""What people do with interviews: design and publish, invite, agree, answer, submit."""

from interviews.services.answers import reopen_response, skip_response, submit_response, submit_text
from interviews.services.deadlines import end_overdue_sessions
from interviews.services.invitations import find_invitation, invite_candidate
from interviews.services.publishing import publish_interview
from interviews.services.sessions import record_consents, start_session, submit_session

__all__ = [
    "end_overdue_sessions",
    "find_invitation",
    "invite_candidate",
    "publish_interview",
    "record_consents",
    "reopen_response",
    "skip_response",
    "start_session",
    "submit_response",
    "submit_session",
    "submit_text",
]

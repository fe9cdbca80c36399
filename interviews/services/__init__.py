"""What people do with interviews: design and publish, invite, agree, answer, submit."""

from interviews.services.answers import reopen_response, skip_response, submit_response, submit_text
from interviews.services.assignment_mail import send_assignments
from interviews.services.assignments import assign_sessions, unassign
from interviews.services.bulk_invitations import SheetReport, invite_sheet
from interviews.services.deadlines import end_overdue_sessions
from interviews.services.invitation_mail import send_links
from interviews.services.invitations import (
    Link,
    Person,
    create_open_link,
    extend_invitation,
    find_invitation,
    invite_candidate,
    invite_people,
    renew_link,
    revoke_invitation,
)
from interviews.services.open_links import start_by_open_link
from interviews.services.openings import note_opened
from interviews.services.publishing import (
    close_interview,
    publish_interview,
    reopen_interview,
)
from interviews.services.reviews import mark_reviewed, note_review
from interviews.services.sessions import record_consents, start_session, submit_session
from interviews.services.withdrawal import withdraw_session

__all__ = [
    "Link",
    "Person",
    "SheetReport",
    "assign_sessions",
    "close_interview",
    "create_open_link",
    "end_overdue_sessions",
    "extend_invitation",
    "find_invitation",
    "invite_candidate",
    "invite_people",
    "invite_sheet",
    "mark_reviewed",
    "note_opened",
    "note_review",
    "publish_interview",
    "record_consents",
    "renew_link",
    "reopen_interview",
    "reopen_response",
    "revoke_invitation",
    "send_assignments",
    "send_links",
    "skip_response",
    "start_by_open_link",
    "start_session",
    "submit_response",
    "submit_session",
    "submit_text",
    "unassign",
    "withdraw_session",
]

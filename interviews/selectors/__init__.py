"""What is known about interviews and sessions, as frozen values in a fixed number of queries."""

from interviews.selectors.consents import granted_scopes, granted_scopes_of, offered_scopes
from interviews.selectors.labels import interview_titles, session_labels

__all__ = [
    "granted_scopes",
    "granted_scopes_of",
    "interview_titles",
    "offered_scopes",
    "session_labels",
]

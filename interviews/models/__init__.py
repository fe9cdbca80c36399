"""What is asked, who is asked, and how a session went."""

from interviews.models.design import (
    Anchor,
    Competency,
    Interview,
    InterviewQuestion,
    InterviewVersion,
    Question,
    QuestionCompetency,
    RubricVersion,
)
from interviews.models.people import Accommodation, Assignment, Candidate, ConsentRecord, Invitation
from interviews.models.sessions import Response, Session, Take

__all__ = [
    "Accommodation",
    "Anchor",
    "Assignment",
    "Candidate",
    "Competency",
    "ConsentRecord",
    "Interview",
    "InterviewQuestion",
    "InterviewVersion",
    "Invitation",
    "Question",
    "QuestionCompetency",
    "Response",
    "RubricVersion",
    "Session",
    "Take",
]

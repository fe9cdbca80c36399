"""Which questions somebody has already, so that no suggestion repeats them."""

from uuid import UUID

from django.http import Http404

from analysis.suggestions import text_id
from interviews.models import Candidate, Interview, InterviewQuestion
from ops.principals import Principal


def of_interview(interview: Interview) -> frozenset[str]:
    """Return the ids of what the interview's newest version asks, and of what was taken out."""
    newest = interview.versions.order_by("-number").first()
    if newest is None:
        return frozenset()
    removed = (each["design"]["text"] for each in newest.removed)
    asked = newest.questions.values_list("text", flat=True)
    return frozenset(map(text_id, (*asked, *removed)))


def of_candidate(principal: Principal, candidate_id: UUID) -> frozenset[str]:
    """Return the ids of what this candidate was asked in any interview of the organization.

    Raises: Http404
    """
    candidate = Candidate.objects.visible_to(principal).filter(pk=candidate_id).first()
    if candidate is None:
        raise Http404
    asked = InterviewQuestion.objects.filter(version__sessions__candidate=candidate)
    return frozenset(map(text_id, asked.values_list("text", flat=True).distinct()))

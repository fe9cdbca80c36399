"""What a session cost, for who designs interviews; nothing here reads what a candidate said."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from analysis.models import AnalysisRun, Transcript
from interviews.permissions import access_session
from ops import failures
from ops.principals import Principal
from ops.receipts import Receipt, receipt_of

BUDGET = "budget_exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReceipt:
    """What was used for a session, and what was made here because the budget was used up."""

    session_id: UUID
    receipt: Receipt
    heard_locally: int  # recordings
    is_unrated_by_budget: bool  # no language model was asked
    why_local: str  # "" where the budget changed nothing


def session_receipt(
    principal: Principal, interview_key: str, session_id: UUID | str
) -> SessionReceipt:
    """Return the receipt of a session, for owners and interviewers, in a fixed number of queries.

    Raises: Http404
    """
    session = access_session(principal, interview_key, session_id)
    if not principal.can_design:
        raise Http404
    fallbacks = Transcript.objects.filter(recording__session=session).values_list(
        "fallbacks", flat=True
    )
    local = sum(any(passed["code"] == BUDGET for passed in row) for row in fallbacks)
    unrated = AnalysisRun.objects.filter(
        session=session, is_current=True, failure_code=BUDGET
    ).exists()
    return SessionReceipt(
        session_id=session.pk,
        receipt=receipt_of(session.pk),
        heard_locally=local,
        is_unrated_by_budget=unrated,
        why_local=failures.by_code(BUDGET).message if local or unrated else "",
    )

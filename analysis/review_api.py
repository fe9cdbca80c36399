"""REST: a member's own scorecard of a session, and those that she may see."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import reviewing
from analysis.review_serializers import (
    ScorecardAmendRequest,
    ScorecardRequest,
    ScorecardSubmitRequest,
)
from analysis.reviews import own_scorecard, rating_data, scales_of, session_review
from analysis.scorecards import Draft, Mark
from analysis.shapes import ReviewSerializer, ScorecardSerializer
from analysis.wire import as_data
from interviews.models import Session
from interviews.permissions import access_session
from interviews.rest_edits import save_edit, validated
from interviews.services.edits import EditConflict
from ops.authentication import principal_of
from ops.etags import EditedReads, starts_from
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, IF_MATCH, PROBLEMS
from ops.principals import Principal
from ops.scoping import ScopedByMethod

SCORECARD: dict[Any, Any] = {200: ScorecardSerializer, **PROBLEMS}


class ReviewView(EditedReads, ScopedByMethod):
    """Routes for who may see the session; reading is also for keys that read results."""

    read_scope = ("results:read", "reviews:write")
    write_scope = "reviews:write"


class ScorecardsView(ReviewView):
    """The scorecards of a session."""

    @extend_schema(operation_id="results_scorecards", responses={200: ReviewSerializer, **PROBLEMS})
    def get(self, request: Request, key: str, session_id: UUID) -> Response:
        """Your own scorecard, and those that are submitted once yours is, too."""
        principal = principal_of(request)
        session = access_session(principal, key, session_id)
        return Response(as_data(session_review(principal, session)))


class OwnScorecardView(ReviewView):
    """One's own scorecard."""

    @extend_schema(operation_id="results_scorecard", responses=SCORECARD)
    def get(self, request: Request, key: str, session_id: UUID) -> Response:
        """Return your newest scorecard; a blank one, with edit_number 0, before you began."""
        principal = principal_of(request)
        return Response(document(principal, access_session(principal, key, session_id)))

    @extend_schema(
        operation_id="results_scorecard_save",
        parameters=[IF_MATCH],
        request=ScorecardRequest,
        responses=SCORECARD,
    )
    def put(self, request: Request, key: str, session_id: UUID) -> Response:
        """Save all of your draft over the edit that you started from."""
        principal = principal_of(request)
        session = access_session(principal, key, session_id)
        asked = ScorecardRequest(data=request.data)
        validated(asked)
        reviewing.refuse_unreviewable(session)
        save_edit(
            request,
            sent(asked, session),
            before=document(principal, session),
            current=lambda: document(principal, session),
            save=lambda number: reviewing.save_scorecard(
                principal=principal, session=session, edit_number=number, draft=asked.draft
            ),
        )
        return Response(document(principal, session))

    @extend_schema(operation_id="results_scorecard_discard", responses={204: None, **PROBLEMS})
    def delete(self, request: Request, key: str, session_id: UUID) -> Response:
        """Throw your draft away. What you have submitted stays."""
        principal = principal_of(request)
        session = access_session(principal, key, session_id)
        reviewing.discard_scorecard(principal=principal, session=session)
        return Response(status=HTTPStatus.NO_CONTENT)


class ScorecardSubmitView(ReviewView):
    """The end of a draft."""

    @extend_schema(
        operation_id="results_scorecard_submit",
        parameters=[IDEMPOTENCY_KEY, IF_MATCH],
        request=ScorecardSubmitRequest,
        responses=SCORECARD,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str, session_id: UUID) -> Response:
        """Freeze your draft. 409 names what is not rated, unless you accept that."""
        principal = principal_of(request)
        session = access_session(principal, key, session_id)
        asked = validated(ScorecardSubmitRequest(data=request.data))
        current = own_scorecard(principal, session).edit_number
        if not starts_from(request, given=asked.get("edit_number"), current=current):
            raise EditConflict
        reviewing.submit_scorecard(
            principal=principal,
            session=session,
            edit_number=current,
            accepts_missing=asked["accepts_missing"],
            now=timezone.now(),
        )
        return Response(document(principal, session))


class ScorecardAmendView(ReviewView):
    """Judging again."""

    @extend_schema(
        operation_id="results_scorecard_amend",
        parameters=[IDEMPOTENCY_KEY],
        request=ScorecardAmendRequest,
        responses=SCORECARD,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str, session_id: UUID) -> Response:
        """Open a copy of your submitted scorecard, for a reason. It counts once it is submitted."""
        principal = principal_of(request)
        session = access_session(principal, key, session_id)
        asked = validated(ScorecardAmendRequest(data=request.data))
        reviewing.amend_scorecard(principal=principal, session=session, reason=asked["reason"])
        return Response(document(principal, session))


def document(principal: Principal, session: Session) -> dict[str, Any]:
    """Return the principal's newest scorecard as JSON data."""
    return dict(as_data(own_scorecard(principal, session)))


def sent(asked: ScorecardRequest, session: Session) -> dict[str, Any]:
    """Return what was sent as the document would show it, for both texts to be compared."""
    draft: Draft = asked.draft
    rows = tuple(
        rating_data(scale, draft.marks.get(scale.rubric_id, Mark())) for scale in scales_of(session)
    )
    named = {"note": draft.note, "recommendation": draft.recommendation, "ratings": as_data(rows)}
    return named | {"edit_number": asked.validated_data.get("edit_number")}

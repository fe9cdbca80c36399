"""REST: results of sessions, and what starts their analysis. Reads make no call to storage."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis import batches, boards, selectors, services, session_lists
from analysis.batch_serializers import (
    AnalysisRequestSerializer,
    BatchProcessRequestSerializer,
    BatchProcessResponseSerializer,
    BatchStatusSerializer,
)
from analysis.permissions import access_session_by_id
from analysis.serializers import (
    RecordingDataOnlySerializer,
    SessionDataOnlySerializer,
    SessionFilterSerializer,
    SessionRowSerializer,
)
from analysis.wire import as_data, as_json
from interviews.models import Session
from interviews.permissions import access_session
from ops.authentication import principal_of
from ops.etags import ConditionalReads
from ops.idempotency import idempotent
from ops.models import Run
from ops.paging import KeysetPagination
from ops.problems import MEDIA_TYPE
from ops.renderers import ReadyJSONRenderer
from ops.selectors import run_snapshot
from ops.serializers import ProblemSerializer

IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Same key, same answer."
)
NOT_FOUND = {(404, MEDIA_TYPE): ProblemSerializer}
STARTED: dict[Any, Any] = {
    202: BatchProcessResponseSerializer,
    (409, MEDIA_TYPE): ProblemSerializer,
    **NOT_FOUND,
}


class ReadView(ConditionalReads, APIView):
    """A read with an ETag, for keys with `results:read`."""

    required_scope = "results:read"
    throttle_scope = "reads"


class SessionListView(ReadView):
    """The sessions of an interview."""

    pagination_class = KeysetPagination

    @extend_schema(
        operation_id="results_sessions_list",
        parameters=[SessionFilterSerializer],
        responses={200: SessionRowSerializer(many=True), **NOT_FOUND},
    )
    def get(self, request: Request, key: str) -> Response:
        """List sessions, newest first."""
        asked = SessionFilterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        principal = principal_of(request)
        sessions = session_lists.sessions_of(principal, key, wanted(asked.validated_data))
        paginator = KeysetPagination()
        page = paginator.paginate_queryset(sessions, request, self)
        return paginator.get_paginated_response(as_data(boards.session_rows(page, principal)))


def wanted(asked: dict[str, Any]) -> session_lists.SessionFilter:
    """Return the filter that the query asks for."""
    return session_lists.SessionFilter(
        states=tuple(asked.get("state", ())),
        reviewer_email=asked.get("reviewer", ""),
        from_on=asked.get("from_on"),
        until_on=asked.get("until_on"),
        external_id=asked.get("external_id", ""),
        search=asked.get("q", ""),
    )


class SessionDataOnlyView(ReadView):
    """A session without URLs."""

    renderer_classes = [ReadyJSONRenderer]

    @extend_schema(
        operation_id="results_session_data_only",
        responses={200: SessionDataOnlySerializer, **NOT_FOUND},
    )
    def get(self, request: Request, key: str, session_id: UUID) -> Response:
        """Everything about a session: zero storage calls, zero URLs."""
        return Response(as_json(selectors.session_results(principal_of(request), key, session_id)))


@extend_schema(exclude=True)
class ShortSessionDataView(SessionDataOnlyView):
    """The same under the address of older clients."""


class RecordingDataOnlyView(ReadView):
    """A recording without URLs."""

    renderer_classes = [ReadyJSONRenderer]

    @extend_schema(
        operation_id="results_recording_data_only",
        responses={200: RecordingDataOnlySerializer, **NOT_FOUND},
    )
    def get(self, request: Request, key: str, session_id: UUID, recording_id: UUID) -> Response:
        """One recording with quality and transcript: zero storage calls, zero URLs."""
        found = selectors.recording_results(principal_of(request), key, session_id, recording_id)
        return Response(as_json(found))


class BatchProcessView(APIView):
    """Process a session again."""

    required_scope = "runs:start"
    throttle_scope = "runs"

    @extend_schema(
        operation_id="results_batch_process",
        parameters=[IDEMPOTENCY],
        request=BatchProcessRequestSerializer,
        responses=STARTED,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str, session_id: UUID) -> Response:
        """Start what is missing or failed; answers at once."""
        session = access_session(principal_of(request), key, session_id)
        return started(request, session, BatchProcessRequestSerializer(data=request.data))


class AnalysisStartView(APIView):
    """Start the analysis of a session named by its id alone."""

    required_scope = "runs:start"
    throttle_scope = "runs"

    @extend_schema(
        operation_id="analysis_start",
        parameters=[IDEMPOTENCY],
        request=AnalysisRequestSerializer,
        responses=STARTED,
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Start what is missing or failed; answers at once."""
        asked = AnalysisRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        session = access_session_by_id(principal_of(request), asked.validated_data["session_id"])
        return started(request, session, BatchProcessRequestSerializer(data=request.data))


class BatchStatusView(ReadView):
    """How the processing of a session goes."""

    @extend_schema(
        operation_id="results_batch_status",
        responses={200: BatchStatusSerializer, **NOT_FOUND},
    )
    def get(self, request: Request, key: str, session_id: UUID) -> Response:
        """Stages, retries by code and strategy, failures with suggestions."""
        found = batches.batch_status(principal_of(request), key, session_id)
        return Response(BatchStatusSerializer(found).data)


def started(request: Request, session: Session, asked: BatchProcessRequestSerializer) -> Response:
    """Start the analysis and answer 202 with its run."""
    asked.is_valid(raise_exception=True)
    run = services.start_analysis(
        principal=principal_of(request), session=session, now=timezone.now(), **asked.validated_data
    )
    answer = run_answer(run)
    return Response(
        answer, status=status.HTTP_202_ACCEPTED, headers={"Location": answer["status_url"]}
    )


def run_answer(run: Run) -> dict[str, Any]:
    """Return the run as the client will follow it."""
    return dict(
        BatchProcessResponseSerializer(
            {
                "run_id": run.pk,
                "status_url": reverse("api_run_status", args=[run.pk]),
                "stream_url": reverse("api_run_stream", args=[run.pk]),
                "jobs": run_snapshot(run.pk).jobs,
            }
        ).data
    )

"""REST for runs and jobs, and what this service says of itself."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops import jobs, selectors
from ops.authentication import CanStartRuns, principal_of
from ops.clock import database_now
from ops.etags import ConditionalReads
from ops.idempotency import idempotent
from ops.listings import JobEntry, job_entries, job_entry, jobs_by_filters
from ops.openapi import IDEMPOTENCY_KEY, PAGE_PARAMETERS, PROBLEMS, paged
from ops.paging import NumberedPagination
from ops.permissions import access_job, access_run
from ops.serializers import (
    JobEntrySerializer,
    JobFiltersSerializer,
    LivenessSerializer,
    RescheduleSerializer,
    RunSerializer,
    RunStatusSerializer,
    WorkerHealthSerializer,
)
from ops.turns import reschedule_job

F = TypeVar("F", bound=Callable[..., Any])


class Command(APIView):
    """A POST without a body that starts or stops work."""

    permission_classes = [CanStartRuns]
    required_scope = "runs:start"
    throttle_scope = "runs"


def command_schema(operation_id: str, answer: Mapping[int, Any]) -> Callable[[F], F]:
    """Describe such a POST."""
    return extend_schema(
        operation_id=operation_id,
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={**answer, **PROBLEMS},
    )


class RunDetail(ConditionalReads, APIView):
    required_scope = "results:read"
    throttle_scope = "reads"

    @extend_schema(operation_id="analysis_run", responses={200: RunSerializer, **PROBLEMS})
    def get(self, request: Request, run_id: UUID) -> Response:
        """Return a run with its stages, their attempts and what failed."""
        run = access_run(principal_of(request), run_id)
        return Response(RunSerializer(selectors.run_snapshot(run.id)).data)


class RunStatus(ConditionalReads, APIView):
    required_scope = "results:read"
    throttle_scope = "reads"

    @extend_schema(operation_id="analysis_status", responses={200: RunStatusSerializer, **PROBLEMS})
    def get(self, request: Request, run_id: UUID) -> Response:
        """Return how far a run is: for clients that poll."""
        run = access_run(principal_of(request), run_id)
        return Response(RunStatusSerializer(selectors.run_snapshot(run.id)).data)


class RunCancel(Command):
    @command_schema("analysis_cancel", {200: RunSerializer})
    @idempotent(atomic=True)
    def post(self, request: Request, run_id: UUID) -> Response:
        """Stop a run. What is done stays; an ended run is left as it is."""
        principal = principal_of(request)
        run = access_run(principal, run_id)
        jobs.cancel_run(run_id=run.id, actor=principal.key)
        return Response(RunSerializer(selectors.run_snapshot(run.id)).data)


class JobList(APIView):
    required_scope = "results:read"
    throttle_scope = "reads"

    @extend_schema(
        operation_id="jobs",
        parameters=[JobFiltersSerializer, *PAGE_PARAMETERS],
        responses={200: paged(JobEntrySerializer), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return the jobs of the runs one may see, newest first."""
        filters = JobFiltersSerializer(data=request.query_params)
        filters.is_valid(raise_exception=True)
        found = jobs_by_filters(principal_of(request), **filters.validated_data)
        pages = NumberedPagination()
        page = pages.paginate_queryset(found, request, self)
        return pages.get_paginated_response(JobEntrySerializer(job_entries(page), many=True).data)


class JobDetail(ConditionalReads, APIView):
    required_scope = "results:read"
    throttle_scope = "reads"

    @extend_schema(operation_id="job", responses={200: JobEntrySerializer, **PROBLEMS})
    def get(self, request: Request, public_id: UUID) -> Response:
        """Return one job."""
        return entry_response(job_entry(access_job(principal_of(request), public_id)))


class JobRetry(Command):
    @command_schema("job_retry", {202: JobEntrySerializer})
    @idempotent(atomic=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Drive a dead job again. 409 unless it is dead."""
        principal = principal_of(request)
        job = access_job(principal, public_id)
        again = jobs.redrive(job_id=job.public_id, actor=principal.key, now=timezone.now())
        return entry_response(job_entry(again), HTTPStatus.ACCEPTED)


class JobCancel(Command):
    @command_schema("job_cancel", {202: JobEntrySerializer})
    @idempotent(atomic=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Cancel a job. One that runs stops within a second or so. 409 if it has ended."""
        principal = principal_of(request)
        job = access_job(principal, public_id)
        cancelled = jobs.cancel_job(job_id=job.public_id, actor=principal.key)
        return entry_response(job_entry(cancelled), HTTPStatus.ACCEPTED)


class JobReschedule(Command):
    @extend_schema(
        operation_id="job_reschedule",
        request=RescheduleSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: JobEntrySerializer, **PROBLEMS},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Move a waiting job before or after others, or to another moment. 409 unless it waits."""
        principal = principal_of(request)
        job = access_job(principal, public_id)
        wanted = RescheduleSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        moved = reschedule_job(
            job_id=job.public_id,
            actor=principal.key,
            now=database_now(),
            **wanted.validated_data,
        )
        return entry_response(job_entry(moved))


class Liveness(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []  # a probe must not write, and answers without the database

    @extend_schema(operation_id="health", auth=[], responses={200: LivenessSerializer})
    def get(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Say that this process is up."""
        return Response({"status": "ok", "version": settings.VERSION})


class WorkerHealth(APIView):
    permission_classes = [AllowAny]
    throttle_scope = "reads"

    @extend_schema(
        operation_id="health_workers",
        responses={200: WorkerHealthSerializer, 503: WorkerHealthSerializer},
        parameters=[
            OpenApiParameter(
                "Authorization",
                str,
                OpenApiParameter.HEADER,
                description="Staff (`ops:manage`) see everything, others status and time only.",
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Say how the workers are; 503 when nothing gets done."""
        health = selectors.worker_health(timezone.now())
        told = dict(WorkerHealthSerializer(health).data)
        if "ops:manage" not in principal_of(request).scopes:
            told = {name: told[name] for name in WorkerHealthSerializer.PUBLIC}
        is_up = health.status != "unhealthy"
        return Response(told, status=HTTPStatus.OK if is_up else HTTPStatus.SERVICE_UNAVAILABLE)


def entry_response(entry: JobEntry, status: int = HTTPStatus.OK) -> Response:
    return Response(JobEntrySerializer(entry).data, status=status)


def service_index(request: HttpRequest) -> JsonResponse:
    """Say where things are: what `GET /` answers to `Accept: application/json`."""
    return JsonResponse(
        {
            "name": "Candor",
            "version": settings.VERSION,
            "docs": request.build_absolute_uri(reverse("api_docs")),
            "schema": request.build_absolute_uri(reverse("api_schema")),
            "health": request.build_absolute_uri(reverse("health")),
        }
    )

"""REST for assignments: who reviews which sessions of an interview."""

from http import HTTPStatus
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from interviews import assignment_serializers as documents
from interviews import services
from interviews.models import Interview
from interviews.permissions import access_assignment, access_design, access_reviewed
from interviews.selectors.assignments import assignment_rows, assignments_of
from ops.authentication import principal_of
from ops.idempotency import idempotent
from ops.members import live_members
from ops.models import Membership
from ops.openapi import IDEMPOTENCY_KEY, PAGE_PARAMETERS, PROBLEMS, paged
from ops.paging import KeysetPagination
from ops.scoping import ScopedByMethod


class AssigningView(ScopedByMethod):
    """Routes for who may say who reviews."""

    read_scope = "interviews:write"


class Assignments(AssigningView):
    @extend_schema(
        operation_id="assignments_list",
        parameters=[documents.AssignmentFilter, *PAGE_PARAMETERS],
        responses={200: paged(documents.AssignmentDocument), **PROBLEMS},
    )
    def get(self, request: Request, key: str) -> Response:
        """List who reviews what, newest first."""
        interview = access_design(principal_of(request), key)
        asked = documents.AssignmentFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = assignments_of(
            interview,
            session_id=asked.validated_data.get("session"),
            reviewer_email=asked.validated_data.get("reviewer", ""),
        )
        paginator = KeysetPagination()
        page = paginator.paginate_queryset(found, request, self)
        rows = documents.AssignmentDocument(assignment_rows(page), many=True)
        return paginator.get_paginated_response(rows.data)

    @extend_schema(
        operation_id="assignments_create",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.AssignRequest,
        responses={201: documents.AssignAnswer, **PROBLEMS},
    )
    @idempotent()
    def post(self, request: Request, key: str) -> Response:
        """Assign up to 100 sessions to a member; what she has already stays as it is."""
        principal = principal_of(request)
        interview = access_design(principal, key)
        asked = documents.AssignRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = asked.validated_data
        access_reviewed(principal, key, facts["session_ids"])
        made = services.assign_sessions(
            session_ids=facts["session_ids"],
            member=reviewer_of(interview, facts["reviewer"]),
            actor=principal.key,
        )
        has_failed = facts["send_email"] and not services.send_assignments(
            assignments=made, interview=interview, actor_user_id=principal.user_id
        )
        rows = assignment_rows(assignments_of(interview).filter(pk__in=[row.pk for row in made]))
        answer = documents.AssignAnswer({"assignments": rows, "mail_failed": has_failed})
        return Response(answer.data, status=HTTPStatus.CREATED)


class AssignmentDetail(AssigningView):
    @extend_schema(
        operation_id="assignment_delete", request=None, responses={204: None, **PROBLEMS}
    )
    def delete(self, request: Request, key: str, assignment_id: UUID) -> Response:
        """Take a session back from its reviewer, until her review is handed in."""
        principal = principal_of(request)
        assignment = access_assignment(principal, key, assignment_id)
        services.unassign(assignment=assignment, actor=principal.key)
        return Response(status=HTTPStatus.NO_CONTENT)


def reviewer_of(interview: Interview, email: str) -> Membership:
    """Return the member with this address.

    Raises: ValidationError
    """
    members = live_members(interview.organization_id).filter(user__is_active=True)
    member = members.filter(user__email=email.lower()).first()
    if member is None:
        raise ValidationError({"reviewer": ["No member of your organization has this address."]})
    return member

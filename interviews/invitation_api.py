"""REST for invitations: make, list, renew, extend, revoke."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from interviews import invitation_serializers as documents
from interviews import services
from interviews.csv_rows import MAX_BYTES, SheetRefusedError
from interviews.models import Interview, Invitation
from interviews.permissions import access_design, access_invitation
from interviews.selectors.invitations import (
    InvitationFilter,
    invitation_row,
    invitation_rows,
    invitations_of,
)
from ops.authentication import principal_of
from ops.etags import ConditionalReads
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, PAGE_PARAMETERS, PROBLEMS, paged
from ops.paging import KeysetPagination
from ops.parsers import BoundedJSONParser
from ops.problems import TooLarge

MADE = PolymorphicProxySerializer(
    component_name="InvitationsMade",
    serializers=[documents.InvitationMade, documents.SheetReportDocument],
    resource_type_field_name=None,
)


class CSVParser(BaseParser):
    """Reads a CSV body as bytes; what it says is for the service to judge."""

    media_type = "text/csv"

    def parse(  # type: ignore[override]  # a body need not be a mapping
        self,
        stream: Any,
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> bytes:
        # The whole body, kept: an Idempotency-Key is bound to it after CSRF had it parsed.
        data: bytes = stream.body if isinstance(stream, HttpRequest) else stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise TooLarge(f"A CSV body may have up to {MAX_BYTES} bytes.")
        return data


class InvitingView(ConditionalReads, APIView):
    """Routes for who may invite; every link is in one answer only."""

    required_scope = "interviews:write"
    throttle_scope = "reads"

    def invitation(self, request: Request, key: str, invitation_id: UUID) -> Invitation:
        return access_invitation(principal_of(request), key, invitation_id)


@extend_schema(tags=["invitations"])
class Invitations(InvitingView):
    parser_classes = [BoundedJSONParser, CSVParser]

    @extend_schema(
        operation_id="invitations_list",
        parameters=[documents.InvitationFilters, *PAGE_PARAMETERS],
        responses={200: paged(documents.InvitationDocument), **PROBLEMS},
    )
    def get(self, request: Request, key: str) -> Response:
        """Return the interview's invitations, newest first. No answer repeats a link."""
        interview = access_design(principal_of(request), key)
        filters = documents.InvitationFilters(data=request.query_params)
        filters.is_valid(raise_exception=True)
        asked = filters.validated_data
        wanted = InvitationFilter(
            search=asked["q"], state=asked["state"], external_id=asked["external_id"]
        )
        pages = KeysetPagination()
        found = invitations_of(interview, wanted, now=timezone.now())
        rows = invitation_rows(pages.paginate_queryset(found, request, self))
        return pages.get_paginated_response(documents.InvitationDocument(rows, many=True).data)

    @extend_schema(
        operation_id="invitations_create",
        parameters=[
            IDEMPOTENCY_KEY,
            OpenApiParameter("days", int, description="With a CSV body: days to the deadline."),
            OpenApiParameter("send_email", bool, description="With a CSV body: mail the links."),
        ],
        request={
            "application/json": documents.InvitationRequest,
            "text/csv": OpenApiTypes.STR,
        },
        responses={201: MADE, **PROBLEMS},
    )
    @idempotent(never_stored=("link",))
    def post(self, request: Request, key: str) -> Response:
        """Invite one person or, with a CSV body, up to 1,000; or make a link for many."""
        interview = access_design(principal_of(request), key)
        body: Any = request.data
        if isinstance(body, bytes):
            return sheet_answer(request, interview, body)
        asked = documents.InvitationRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        link = made_link(asked, interview, principal_of(request).key)
        return link_answer(link, HTTPStatus.CREATED, sends_mail=asked.validated_data["send_email"])


@extend_schema(tags=["invitations"])
class InvitationDetail(InvitingView):
    @extend_schema(
        operation_id="invitations_read",
        responses={200: documents.InvitationDocument, **PROBLEMS},
    )
    def get(self, request: Request, key: str, invitation_id: UUID) -> Response:
        """Return one invitation as it now stands."""
        invitation = self.invitation(request, key, invitation_id)
        row = invitation_row(invitation, now=timezone.now())
        return Response(documents.InvitationDocument(row).data)


@extend_schema(tags=["invitations"])
class InvitationResend(InvitingView):
    @extend_schema(
        operation_id="invitation_resend",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.RenewRequest,
        responses={200: documents.InvitationMade, **PROBLEMS},
    )
    @idempotent(never_stored=("link",))
    def post(self, request: Request, key: str, invitation_id: UUID) -> Response:
        """Make a new link, which ends the one before, and mail it."""
        invitation = self.invitation(request, key, invitation_id)
        asked = documents.RenewRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        link = services.renew_link(
            invitation=invitation, now=timezone.now(), actor=principal_of(request).key
        )
        return link_answer(link, sends_mail=asked.validated_data["send_email"])


@extend_schema(tags=["invitations"])
class InvitationExtend(InvitingView):
    @extend_schema(
        operation_id="invitation_extend",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.Days,
        responses={200: documents.InvitationDocument, **PROBLEMS},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str, invitation_id: UUID) -> Response:
        """Set another deadline, also of what was begun or had expired."""
        invitation = self.invitation(request, key, invitation_id)
        asked = documents.Days(data=request.data)
        asked.is_valid(raise_exception=True)
        now = timezone.now()
        services.extend_invitation(
            invitation=invitation,
            expires_at=asked.deadline(now),
            now=now,
            actor=principal_of(request).key,
        )
        return Response(documents.InvitationDocument(invitation_row(invitation, now=now)).data)


@extend_schema(tags=["invitations"])
class InvitationRevoke(InvitingView):
    @extend_schema(
        operation_id="invitation_revoke",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: documents.InvitationDocument, **PROBLEMS},
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str, invitation_id: UUID) -> Response:
        """End a link for good, and an interview under way with it."""
        invitation = self.invitation(request, key, invitation_id)
        now = timezone.now()
        services.revoke_invitation(invitation=invitation, now=now, actor=principal_of(request).key)
        return Response(documents.InvitationDocument(invitation_row(invitation, now=now)).data)


def made_link(
    asked: documents.InvitationRequest, interview: Interview, actor: str
) -> services.Link:
    """Make the link that was asked for."""
    now, facts = timezone.now(), asked.validated_data
    expires_at = asked.deadline(now)
    if facts["kind"] == Invitation.Kind.OPEN:
        return services.create_open_link(
            interview=interview,
            label=facts["label"],
            max_uses=facts["max_uses"],
            expires_at=expires_at,
            now=now,
            actor=actor,
        )
    person = services.Person(
        name=facts["name"], email=facts["email"], external_id=facts["external_id"]
    )
    (link,) = services.invite_people(
        interview=interview, people=[person], expires_at=expires_at, now=now, actor=actor
    )
    return link


def link_answer(link: services.Link, status: int = HTTPStatus.OK, *, sends_mail: bool) -> Response:
    """Answer with the invitation and its link, once its mail was tried."""
    now = timezone.now()
    if sends_mail:
        services.send_links(links=[link], now=now)
    data = documents.InvitationDocument(invitation_row(link.invitation, now=now)).data
    headers = {"Cache-Control": "no-store"}
    return Response({**data, "link": link.url}, status=status, headers=headers)


def sheet_answer(request: Request, interview: Interview, body: bytes) -> Response:
    """Invite a CSV body's people and answer with a word on every row."""
    asked = documents.SheetOptions(data=request.query_params)
    asked.is_valid(raise_exception=True)
    now = timezone.now()
    try:
        report = services.invite_sheet(
            interview=interview,
            data=body,
            expires_at=asked.deadline(now),
            now=now,
            actor=principal_of(request).key,
        )
    except SheetRefusedError as refused:
        raise ValidationError({"csv": [str(refused)]}) from None
    wants_mail = asked.validated_data["send_email"]
    unsent = services.send_links(links=report.links, now=now) if wants_mail else []
    document = documents.SheetReportDocument(
        {
            "invited": len(report.links),
            "refused": len(report.refused),
            "not_mailed": len(unsent),
            "rows": report.rows,
        }
    )
    headers = {"Cache-Control": "no-store"}
    return Response(document.data, status=HTTPStatus.CREATED, headers=headers)

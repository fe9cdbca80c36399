"""REST for an organization: who belongs to it, and who is invited to."""

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops import budgets, mail, members
from ops import organization_serializers as documents
from ops.authentication import principal_of
from ops.colleagues import (
    access_colleague,
    colleague,
    colleague_rows,
    invitation_rows,
)
from ops.etags import ConditionalReads
from ops.idempotency import idempotent
from ops.models import ApiKey, Membership
from ops.openapi import IDEMPOTENCY_KEY, PAGE_PARAMETERS, PROBLEMS, paged
from ops.paging import KeysetPagination
from ops.permissions import access_member_invitation, access_organization, own_organization
from ops.scoping import ScopedByMethod

OWNER = Membership.Role.OWNER
NEW = OpenApiExample(
    "A reviewer", {"email": "rita@example.org", "role": "reviewer"}, request_only=True
)


class OwnersView(ConditionalReads, ScopedByMethod):
    """Routes for owners; for keys of theirs with a scope that no other route needs."""

    read_scope = "organization:manage"
    write_scope = "organization:manage"


@extend_schema(tags=["organization"])
class OrganizationDetail(ConditionalReads, APIView):
    required_scope = None
    throttle_scope = "reads"

    @extend_schema(
        operation_id="organization_read",
        responses={200: documents.OrganizationDocument, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return where you belong, and what you may do the way you ask."""
        principal = principal_of(request)
        found = own_organization(principal)
        facts = {
            "id": found.pk,
            "name": found.name,
            "role": principal.role,
            "scopes": sorted(principal.scopes),
        }
        return Response(documents.OrganizationDocument(facts).data)


@extend_schema(tags=["organization"])
class Budget(OwnersView):
    @extend_schema(
        operation_id="budget_read", responses={200: documents.BudgetDocument, **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """Return what may be spent in a month, and how far this month's is used."""
        owned = access_organization(principal_of(request))
        state = budgets.budget_state(owned.pk, now=timezone.now())
        return Response(documents.BudgetDocument(state).data)

    @extend_schema(
        operation_id="budget_set",
        request=documents.BudgetRequest,
        responses={200: documents.BudgetDocument, **PROBLEMS},
    )
    def put(self, request: Request) -> Response:
        """Limit what may be spent in a month; null takes the limit off."""
        principal = principal_of(request)
        owned = access_organization(principal)
        asked = documents.BudgetRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        budgets.set_budget(organization=owned, **asked.validated_data, actor=principal.key)
        state = budgets.budget_state(owned.pk, now=timezone.now())
        return Response(documents.BudgetDocument(state).data)


@extend_schema(tags=["organization"])
class Members(OwnersView):
    @extend_schema(
        operation_id="members_list",
        parameters=[*PAGE_PARAMETERS],
        responses={200: paged(documents.MemberDocument), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return the members, those who joined last first."""
        principal = principal_of(request)
        pages = KeysetPagination()
        rows = pages.paginate_queryset(colleague_rows(principal), request, self)
        shown = [colleague(row, principal) for row in rows]
        return pages.get_paginated_response(documents.MemberDocument(shown, many=True).data)


@extend_schema(tags=["organization"])
class MemberDetail(OwnersView):
    @extend_schema(
        operation_id="members_change_role",
        request=documents.RoleRequest,
        responses={200: documents.MemberDocument, **PROBLEMS},
    )
    def patch(self, request: Request, member_id: UUID) -> Response:
        """Give a member another role. 409 when nobody would be left to own the organization."""
        principal = principal_of(request)
        member = access_colleague(principal, member_id)
        asked = documents.RoleRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        role = asked.validated_data["role"]
        refuse_key(request, member.role, role)
        changed = members.change_role(membership=member, role=role, actor=principal.key)
        member.role = changed.role
        return Response(documents.MemberDocument(colleague(member, principal)).data)

    @extend_schema(operation_id="members_remove", responses={204: None, **PROBLEMS})
    def delete(self, request: Request, member_id: UUID) -> Response:
        """End a membership and every key of the member. What she wrote stays."""
        principal = principal_of(request)
        member = access_colleague(principal, member_id)
        refuse_key(request, member.role)
        members.remove_member(membership=member, actor=principal.key, now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


@extend_schema(tags=["organization"])
class MemberInvitations(OwnersView):
    @extend_schema(
        operation_id="member_invitations_list",
        parameters=[*PAGE_PARAMETERS],
        responses={200: paged(documents.MemberInvitationDocument), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return the invitations that somebody may still accept, newest first."""
        pages = KeysetPagination()
        found = invitation_rows(principal_of(request), now=timezone.now())
        rows = pages.paginate_queryset(found, request, self)
        shown = documents.MemberInvitationDocument(rows, many=True)
        return pages.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="member_invitations_create",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.MemberInvitationRequest,
        responses={201: documents.MemberInvitationMade, **PROBLEMS},
        examples=[NEW],
    )
    @idempotent(never_stored=("link",))
    def post(self, request: Request) -> Response:
        """Invite an address; an older invitation of it ends. The link is in this answer only."""
        principal = principal_of(request)
        owned = access_organization(principal)
        asked = documents.MemberInvitationRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        wants_mail = facts.pop("send_email")
        refuse_key(request, facts["role"])
        invitation, token = members.invite_member(
            organization=owned, **facts, actor=principal.key, now=timezone.now()
        )
        link = settings.PUBLIC_URL + reverse("join_by_link", kwargs={"token": token})
        is_mailed = wants_mail and mail.send_member_invitation(invitation=invitation, link=link)
        data = documents.MemberInvitationDocument(invitation).data
        headers = {"Cache-Control": "no-store"}
        answer = {**data, "is_mailed": is_mailed, "link": link}
        return Response(answer, HTTPStatus.CREATED, headers=headers)


@extend_schema(tags=["organization"])
class MemberInvitationDetail(OwnersView):
    @extend_schema(operation_id="member_invitations_revoke", responses={204: None, **PROBLEMS})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Have the link open nothing from now on."""
        principal = principal_of(request)
        invitation = access_member_invitation(principal, invitation_id)
        members.revoke_member_invitation(
            invitation=invitation, actor=principal.key, now=timezone.now()
        )
        return Response(status=HTTPStatus.NO_CONTENT)


def refuse_key(request: Request, *roles: str) -> None:
    """Refuse a key that would make or unmake an owner: whoever finds one must not take over.

    Raises: PermissionDenied
    """
    if isinstance(request.auth, ApiKey) and OWNER in roles:
        raise PermissionDenied(
            "An API key changes nothing about owners. Do it signed in, on the organization's page.",
            code="owners_by_browser",
        )

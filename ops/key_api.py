"""REST for API keys: listed and revoked by whoever may, made by people only."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ops import organization_serializers as documents
from ops import services
from ops.authentication import principal_of
from ops.etags import ConditionalReads
from ops.idempotency import idempotent
from ops.models import User
from ops.openapi import IDEMPOTENCY_KEY, PAGE_PARAMETERS, PROBLEMS, paged
from ops.paging import KeysetPagination
from ops.people import key_row
from ops.permissions import access_api_key, own_organization, visible_keys
from ops.scoping import ScopedByMethod

NEW = OpenApiExample(
    "A key for an export",
    {"name": "nightly export", "scopes": ["results:read"], "days": 90},
    request_only=True,
)


class KeyView(ConditionalReads, ScopedByMethod):
    """Routes for members about their own keys; owners see those of everybody."""

    read_scope = "organization:manage"
    write_scope = "organization:manage"


@extend_schema(tags=["organization"])
class Keys(KeyView):
    @extend_schema(
        operation_id="keys_list",
        parameters=[*PAGE_PARAMETERS],
        responses={200: paged(documents.KeyDocument), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return your own keys, or the organization's to its owners, newest first."""
        pages = KeysetPagination()
        found = visible_keys(principal_of(request))
        rows = pages.paginate_queryset(found, request, self)
        now = timezone.now()
        shown = documents.KeyDocument([key_row(row, now) for row in rows], many=True)
        return pages.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="keys_create",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.KeyRequest,
        responses={201: documents.KeyMade, **PROBLEMS},
        examples=[NEW],
    )
    @idempotent(never_stored=("key",))
    def post(self, request: Request) -> Response:
        """Make a key of your own, signed in: a key makes no key. It is in this answer only."""
        principal, user = principal_of(request), signed_in(request)
        own_organization(principal)
        now = timezone.now()
        asked = documents.KeyRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        refuse_scopes(set(asked.validated_data["scopes"]) - principal.scopes)
        row, key = services.create_api_key(
            user=user,
            name=asked.validated_data["name"],
            scopes=asked.validated_data["scopes"],
            expires_at=asked.expires_at(now),
            now=now,
        )
        answer = {**documents.KeyDocument(key_row(row, now)).data, "key": key}
        return Response(answer, HTTPStatus.CREATED, headers={"Cache-Control": "no-store"})


@extend_schema(tags=["organization"])
class KeyDetail(KeyView):
    @extend_schema(operation_id="keys_read", responses={200: documents.KeyDocument, **PROBLEMS})
    def get(self, request: Request, key_id: UUID) -> Response:
        """Return a key without its secret."""
        return document(request, key_id, timezone.now())

    @extend_schema(operation_id="keys_revoke", responses={204: None, **PROBLEMS})
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Have a key refused from now on."""
        principal = principal_of(request)
        key = access_api_key(principal, key_id)
        services.revoke_api_key(key=key, actor=principal.key, now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


def document(request: Request, key_id: UUID, now: datetime) -> Response:
    row = key_row(access_api_key(principal_of(request), key_id), now)
    return Response(documents.KeyDocument(row).data)


def signed_in(request: Request) -> User:
    """Return who is signed in by browser.

    Raises: PermissionDenied for a key: whoever finds one must not outlive it by another
    """
    if request.auth is not None or not isinstance(request.user, User):
        raise PermissionDenied(
            "An API key makes no API key. Make it signed in, on the page of keys, "
            "or by manage.py create_api_key.",
            code="keys_by_browser",
        )
    return request.user


def refuse_scopes(missing: set[str]) -> None:
    """Raises: ValidationError when somebody would give what she may not do herself."""
    if missing:
        raise ValidationError({"scopes": [f"You can't give {', '.join(sorted(missing))}."]})

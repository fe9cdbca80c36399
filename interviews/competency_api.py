"""REST for competencies and the anchored scales that answers are rated on."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from interviews import design_serializers as documents
from interviews.models import Competency
from interviews.permissions import access_competency, access_designing
from interviews.rest_edits import save_edit, validated
from interviews.selectors.design import competency_designs
from interviews.selectors.versions import competencies_of, scales
from interviews.services import rubrics
from ops.authentication import principal_of
from ops.etags import EditedReads
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, IF_MATCH, PAGE_PARAMETERS, PROBLEMS, paged
from ops.paging import KeysetPagination
from ops.principals import Principal
from ops.scoping import ScopedByMethod

NEW = OpenApiExample(
    "A competency with its scale",
    {
        "name": "Calm",
        "definition": "Keeps to what matters while several things press.",
        "anchors": [
            {"level": 1, "text": "Names no own action."},
            {"level": 2, "text": "Acts, without an order."},
            {"level": 3, "text": "Says what came first and why."},
            {"level": 4, "text": "Weighs what could wait, and says who knew."},
            {"level": 5, "text": "As before, with the result and what was learnt."},
        ],
    },
    request_only=True,
)
COMPETENCY: dict[Any, Any] = {200: documents.CompetencyDocument, **PROBLEMS}


class CompetencyView(EditedReads, ScopedByMethod):
    """Routes for who may design."""

    read_scope = ("results:read", "interviews:write")
    write_scope = "interviews:write"


class ByName(KeysetPagination):
    ordering = ("name", "id")


@extend_schema(tags=["competencies"])
class Competencies(CompetencyView):
    @extend_schema(
        operation_id="competencies_list",
        parameters=[
            OpenApiParameter("q", str, description="Part of the name."),
            *PAGE_PARAMETERS,
        ],
        responses={200: paged(documents.CompetencyRow), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return the organization's competencies by name, each with its newest scale."""
        principal = principal_of(request)
        access_designing(principal)
        asked = validated(documents.SearchQuery(data=request.query_params))
        pages = ByName()
        rows = pages.paginate_queryset(competencies_of(principal, search=asked["q"]), request, self)
        shown = competency_designs(principal, only=[row.pk for row in rows])
        return pages.get_paginated_response(documents.CompetencyRow(shown, many=True).data)

    @extend_schema(
        operation_id="competencies_create",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.CompetencyRequest,
        responses={201: documents.CompetencyDocument, **PROBLEMS},
        examples=[NEW],
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Write a competency; its scale may be finished later. 409 when the name is taken."""
        principal = principal_of(request)
        organization_id = access_designing(principal)
        asked = validated(documents.CompetencyRequest(data=request.data))
        design = rubrics.CompetencyDesign(
            name=asked["name"],
            definition=asked.get("definition", ""),
            anchors=levels(asked.get("anchors", ())),
        )
        competency = rubrics.create_competency(organization_id=organization_id, design=design)
        headers = {"Location": reverse("api_competency", args=[competency.pk])}
        return Response(document(competency, principal), HTTPStatus.CREATED, headers=headers)


@extend_schema(tags=["competencies"])
class CompetencyDetail(CompetencyView):
    @extend_schema(operation_id="competencies_read", responses=COMPETENCY)
    def get(self, request: Request, competency_id: UUID) -> Response:
        """Return a competency with every version of its scale."""
        principal = principal_of(request)
        return Response(document(access_competency(principal, competency_id), principal))

    @extend_schema(
        operation_id="competencies_change",
        parameters=[IF_MATCH],
        request=documents.CompetencyPatch,
        responses=COMPETENCY,
    )
    def patch(self, request: Request, competency_id: UUID) -> Response:
        """Change a competency. A scale that was published stays: its change is the next one."""
        principal = principal_of(request)
        competency = access_competency(principal, competency_id)
        asked = documents.CompetencyPatch(data=request.data)
        changes = validated(asked)
        before = document(competency, principal)
        anchors = levels(before["anchors"]) | levels(changes.get("anchors", ()))
        design = rubrics.CompetencyDesign(
            name=changes.get("name", before["name"]),
            definition=changes.get("definition", before["definition"]),
            anchors=anchors,
        )
        save_edit(
            request,
            as_stored(asked.data, anchors),
            before=before,
            current=lambda: document(competency, principal),
            save=lambda number: rubrics.save_competency(
                competency=competency, design=design, edit_number=number
            ),
        )
        return Response(document(competency, principal))


def levels(anchors: Any) -> dict[int, str]:
    return {each["level"]: each["text"] for each in anchors}


def as_stored(asked: Mapping[str, Any], anchors: Mapping[int, str]) -> dict[str, Any]:
    """Return what was sent, with the whole scale that it comes to."""
    if "anchors" not in asked:
        return dict(asked)
    scale = [{"level": n, "text": text} for n, text in sorted(anchors.items()) if text]
    return {**asked, "anchors": scale}


def document(competency: Competency, principal: Principal) -> dict[str, Any]:
    """Return the competency as it is stored at this moment."""
    (design,) = competency_designs(principal, only=[competency.pk])
    row = documents.CompetencyRow(design).data
    versions = documents.ScaleDocument(scales(competency), many=True).data
    return {**row, "rubrics": list(versions)}

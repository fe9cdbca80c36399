"""REST for the library of competencies."""

from http import HTTPStatus
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import question_bank
from analysis.competency_library import adopt_competency, library_entries
from analysis.shapes import AnchorShape, Shape
from analysis.wire import as_data
from interviews.competency_api import CompetencyView, document
from interviews.design_serializers import CompetencyDocument
from interviews.permissions import access_designing
from interviews.rest_edits import validated
from ops.authentication import principal_of
from ops.exact import ExactSerializer
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, PROBLEMS

LANGUAGES = [(code, code) for code in question_bank.LOCALES]


class LibraryQuery(serializers.Serializer[Any]):
    """In which language."""

    locale = serializers.ChoiceField(choices=LANGUAGES, default="en")


class AdoptRequest(ExactSerializer):
    """Which competency, and in which language the copy is written."""

    key = serializers.CharField(max_length=60)
    locale = serializers.ChoiceField(choices=LANGUAGES, default="en")

    def validate_key(self, key: str) -> str:
        if question_bank.bank().competency(key) is None:
            raise serializers.ValidationError("The library has no such competency.")
        return key


class LibraryCompetencyShape(Shape):
    """A competency of the library in one language."""

    key = serializers.CharField()
    locale = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()
    behaviours = serializers.ListField(child=serializers.CharField())
    anchors = AnchorShape(many=True)
    competency_id = serializers.UUIDField(
        allow_null=True, help_text="of the organization's own that bears its name"
    )


LISTED: dict[Any, Any] = {200: LibraryCompetencyShape(many=True), **PROBLEMS}
ADOPTED: dict[Any, Any] = {201: CompetencyDocument, **PROBLEMS}


@extend_schema(tags=["competencies"])
class Library(CompetencyView):
    @extend_schema(
        operation_id="competencies_library",
        parameters=[OpenApiParameter("locale", str, enum=question_bank.LOCALES)],
        responses=LISTED,
    )
    def get(self, request: Request) -> Response:
        """Return the library, and which of it the organization has already."""
        principal = principal_of(request)
        access_designing(principal)
        asked = validated(LibraryQuery(data=request.query_params))
        return Response(as_data(library_entries(principal, asked["locale"])))

    @extend_schema(
        operation_id="competencies_adopt",
        parameters=[IDEMPOTENCY_KEY],
        request=AdoptRequest,
        responses=ADOPTED,
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Copy a library competency into the organization's own. 409 when the name is taken."""
        principal = principal_of(request)
        organization_id = access_designing(principal)
        asked = validated(AdoptRequest(data=request.data))
        own = adopt_competency(
            organization_id=organization_id, key=asked["key"], locale=asked["locale"]
        )
        headers = {"Location": reverse("api_competency", args=[own.pk])}
        return Response(document(own, principal), HTTPStatus.CREATED, headers=headers)

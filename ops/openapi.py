"""What the generated schema can't see by itself: keys, problems, pages."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from ops.problems import MEDIA_TYPE
from ops.serializers import ProblemSerializer

# At least one route names it, so that it is among the components; the hook adds it to all others.
PROBLEMS = {("default", MEDIA_TYPE): ProblemSerializer}
PROBLEM_REF = "#/components/schemas/Problem"
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Same key and body: the same answer, done once. Same key, other body: 422.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of your last read, in place of `edit_number`; `*` writes over anything.",
)
PAGE_PARAMETERS = (
    OpenApiParameter("cursor", str, description="From `next` or `previous` of a page."),
    OpenApiParameter("page_size", int, description="1 to 100; 50 by default."),
)


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    """`Authorization: Bearer cnd_...`."""

    target_class = "ops.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002 - its signature
        return {"type": "http", "scheme": "bearer", "description": "An API key of a member."}


def paged(entry: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the schema of a page of `entry`."""
    name = entry.__name__.removesuffix("Serializer")
    return inline_serializer(
        f"{name}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": entry(many=True),
        },
    )


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of every operation that its errors are problem documents."""
    content = {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_REF}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault(
                "default", {"description": "A problem (RFC 9457).", "content": content}
            )
    return result

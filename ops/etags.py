"""ETag and If-None-Match on data-only reads: an answer that has not changed is not sent again."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

EDIT_IN_ETAG = re.compile(r'(?:W/)?"(\d{1,9})-[0-9a-f]{32}"')
GOOD = (200, 201)


def conditional(request: Request | HttpRequest, response: Response) -> Response:
    """Have `response`, once rendered, carry its ETag, or become a 304 if the client has it."""
    plain = request._request if isinstance(request, Request) else request  # noqa: SLF001 - DRF has no public name for it

    def compare(rendered: Any) -> HttpResponseBase:
        if not rendered.has_header("ETag"):
            set_response_etag(rendered)
        answer = get_conditional_response(plain, etag=rendered["ETag"], response=rendered)
        return answer or rendered

    response["Cache-Control"] = "private, no-cache"  # kept, but asked about every time
    patch_vary_headers(response, ["Authorization", "Cookie"])
    response.add_post_render_callback(compare)
    return response


class ConditionalReads:
    """A view whose good GET answers carry an ETag. Put it before APIView."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]  # APIView's
        is_read = request.method in ("GET", "HEAD") and final.status_code == 200  # noqa: PLR2004 - OK
        return conditional(request, final) if is_read and isinstance(final, Response) else final


class EditedReads(ConditionalReads):
    """A view whose good answers name the edit they show in their ETag, for `If-Match`.

    An ETag is "<edit_number>-<hash>": If-None-Match compares all of it, If-Match the edit alone, so
    that what else changes in an answer (a count, a state) stands in no writer's way.
    """

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        data = getattr(response, "data", None)
        if response.status_code in GOOD and isinstance(data, dict) and "edit_number" in data:
            # Before the comparison of If-None-Match, which takes the ETag that it finds.
            number = data["edit_number"]
            response.add_post_render_callback(lambda rendered: name_edit(rendered, number))
        return super().finalize_response(request, response, *args, **kwargs)


def name_edit(rendered: Any, edit_number: int) -> None:
    """Put the edit before the hash in the answer's ETag."""
    set_response_etag(rendered)
    rendered["ETag"] = f'"{edit_number}-{rendered["ETag"][1:-1]}"'


def starts_from(request: Request, *, given: int | None, current: int) -> bool:
    """Whether the client's edit starts from the `current` one, by `edit_number` or If-Match.

    `If-Match: *` is the client's word that it writes over whatever is there.

    Raises: ValidationError when it does not say where it started
    """
    if given is not None:
        return given == current
    header = request.headers.get("If-Match", "").strip()
    if header == "*":
        return True
    edits = EDIT_IN_ETAG.findall(header)
    if not edits:
        wanted = "Give the edit_number that you started from, or its ETag as If-Match."
        raise ValidationError({"edit_number": [wanted]})
    return str(current) in edits

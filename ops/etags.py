"""ETag and If-None-Match on data-only reads: an answer that has not changed is not sent again."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag
from rest_framework.request import Request
from rest_framework.response import Response


def conditional(request: Request | HttpRequest, response: Response) -> Response:
    """Have `response`, once rendered, carry its ETag, or become a 304 if the client has it."""
    plain = request._request if isinstance(request, Request) else request  # noqa: SLF001 - DRF has no public name for it

    def compare(rendered: Any) -> HttpResponseBase:
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

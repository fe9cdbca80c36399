"""The API's documentation, with scripts served from here, and the numbers for Prometheus."""

from http import HTTPStatus

from csp.constants import NONCE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from ops.metrics import CONTENT_TYPE_LATEST, exposition, may_read


class Swagger(SpectacularSwaggerSplitView):
    """Try the API out."""

    template_name = "ops/swagger.html"
    url_name = "api_schema"


# Styles that Redoc's bundle adds while it loads, before it can be told the nonce: an empty one and
# its tabs'. From Chromium's own report, drf-spectacular-sidecar 2026.10.1.
REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)


@method_decorator(csp_update({"style-src": [NONCE, *REDOC_STYLES]}), name="dispatch")
class Redoc(SpectacularRedocView):
    """Read the API's reference."""

    template_name = "ops/redoc.html"
    url_name = "api_schema"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus the numbers."""
    if (status := may_read(request)) != HTTPStatus.OK:
        return HttpResponse(status=status)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)

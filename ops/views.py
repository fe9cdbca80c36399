"""The API's documentation as pages, drawn from the schema with scripts served from here."""

from csp.constants import NONCE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView


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

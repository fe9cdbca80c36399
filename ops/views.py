"""The API's documentation as pages, drawn from the schema with scripts served from here."""

from csp.constants import NONCE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView


class Swagger(SpectacularSwaggerSplitView):
    """Try the API out."""

    template_name = "ops/swagger.html"
    url_name = "api_schema"


@method_decorator(csp_update({"style-src": [NONCE]}), name="dispatch")
class Redoc(SpectacularRedocView):
    """Read the API's reference."""

    template_name = "ops/redoc.html"
    url_name = "api_schema"

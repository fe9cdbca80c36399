"""What every template may ask of the installation."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 - Django's signature
    """Tell whether strangers may sign up."""
    return {"signup_is_open": settings.SIGNUP_OPEN}

"""Headers that every answer carries and Django has no setting for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

CANDIDATE_PREFIXES = ("/i/", "/interview/")
FEATURES_OFF = "geolocation=(), payment=(), usb=(), browsing-topics=()"


class SecurityHeadersMiddleware:
    """Grant camera and microphone to the candidate's pages only (SECURITY rule 6)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        devices = "(self)" if request.path.startswith(CANDIDATE_PREFIXES) else "()"
        response["Permissions-Policy"] = (
            f"camera={devices}, microphone={devices}, screen-wake-lock={devices}, {FEATURES_OFF}"
        )
        return response

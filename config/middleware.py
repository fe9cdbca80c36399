"""What happens to every request: it is measured, and its answer gets the headers it needs."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ops import ledger
from ops.metrics import observe_request

CANDIDATE_PREFIXES = ("/i/", "/interview/")
FEATURES_OFF = "geolocation=(), payment=(), usb=(), browsing-topics=()"


class MeasuredRequests:
    """Count requests and how long they take, for Prometheus."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        observe_request(request, response.status_code, time.perf_counter() - started)
        return response


class BilledRequests:
    """Write what a request has spent when its answer is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ledger.opened_bill():
            return self.get_response(request)


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

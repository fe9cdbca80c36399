"""RFC 9457 problem documents: the one shape of every error a REST client sees."""

import logging
import secrets
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import InterfaceError, InternalError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseServerError,
    JsonResponse,
)
from django.template.loader import render_to_string
from rest_framework import exceptions
from rest_framework.response import Response

from ops import failures
from ops.conflicts import StateConflict

MEDIA_TYPE = "application/problem+json"
API_PREFIXES = ("/api/", "/health")
TITLES = {
    413: "Content Too Large",  # RFC 9110 names; Python 3.11 knows older ones
    422: "Unprocessable Content",
}
CODES = {
    400: "invalid_input",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "unprocessable",
    429: "throttled",
    500: "internal_error",
    503: "unavailable",
}
STATUSES = {  # failures that HTTP has a better word for than 422
    "media_too_large": 413,
    "session_quota_full": 413,
    "media_type_refused": 415,
}
SUGGESTIONS = {
    401: "Sign in, or send `Authorization: Bearer <api key>`.",
    429: "Wait as long as Retry-After says, then send the request again.",
    500: "Try again; if it happens again, tell support the reference.",
    503: "Wait as long as Retry-After says, then send the request again.",
}
RETRYABLE = {429, 500, 503}
DEFAULT_WAIT_S = 5.0
DATABASE_TROUBLE = (OperationalError, InterfaceError, InternalError)
NOTHING_HERE = "There is no such thing here, or not for you."
Described = tuple[dict[str, Any], dict[str, str]]  # the document, and headers that go with it
log = logging.getLogger(__name__)


class Conflict(exceptions.APIException):
    """409: the present state does not allow it."""

    status_code = HTTPStatus.CONFLICT
    default_detail = "The present state does not allow this."
    default_code = "conflict"


class EditedMeanwhile(Conflict):
    """409: somebody else saved the same part. Both texts are in the answer, so that none is lost.

    `differences` are field -> {"theirs": what is stored, "yours": what was sent}.
    """

    default_code = "edited_meanwhile"
    default_detail = "Somebody else changed this while you were writing."

    def __init__(self, differences: Mapping[str, Mapping[str, Any]], *, edit_number: int) -> None:
        super().__init__()
        self.members = {"differences": differences, "edit_number": edit_number}


class TooLarge(exceptions.APIException):
    """413: the body is larger than the route takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request body is too large."
    default_code = "too_large"


class Unprocessable(exceptions.APIException):
    """422: well formed, but not to be carried out as asked."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = "This request can't be carried out."
    default_code = "unprocessable"


def new_reference() -> str:
    """Return what a person may quote to support to have a log line found."""
    return secrets.token_hex(6)


def problem(  # noqa: PLR0913 - the members of RFC 9457 and ours
    status: int,
    *,
    detail: str = "",
    code: str = "",
    suggestion: str = "",
    retry_after_s: float | None = None,
    support_reference: str = "",
    errors: Mapping[str, list[str]] | None = None,
) -> dict[str, Any]:
    """Return a problem document; members that do not apply are left out."""
    code = code or CODES.get(status, "error")
    document: dict[str, Any] = {
        "type": f"urn:candor:problem:{code}",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        "suggestion": suggestion or SUGGESTIONS.get(status, ""),
        "retryable": status in RETRYABLE,
        "retry_after_s": retry_after_s,
        "support_reference": support_reference,
        "errors": errors,
    }
    return {name: value for name, value in document.items() if value not in (None, "", {})}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:  # noqa: ARG001 - DRF's signature
    """Answer `error` as application/problem+json; None for a fault of ours, which becomes a 500."""
    described = describe(error)
    if described is None:
        return None
    document, headers = described
    from rest_framework.views import set_rollback  # noqa: PLC0415 - it loads our parsers, they us

    set_rollback()
    return Response(document, status=document["status"], headers=headers, content_type=MEDIA_TYPE)


def describe(error: Exception) -> Described | None:
    """Return the problem document and headers of an expected error; None for any other."""
    for kind, of_kind in DESCRIBERS.items():
        if isinstance(error, kind):
            return of_kind(error)
    return None


def of_api_exception(
    error: exceptions.APIException,
) -> Described:
    """Describe what DRF or a view raised on purpose."""
    headers = {}
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    challenge = getattr(error, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, exceptions.ValidationError):
        fields = messages_by_field(error.detail)
        detail = "Some of the input is wrong: see errors."
        return problem(error.status_code, detail=detail, errors=fields), headers
    code = error.get_codes()
    standard = isinstance(code, str) and code in STANDARD_CODES
    document = problem(
        error.status_code,
        detail=str(error.detail),
        code="" if standard or not isinstance(code, str) else code,
        retry_after_s=wait,
    )
    return document | getattr(error, "members", {}), headers


STANDARD_CODES = {
    kind.default_code
    for kind in (
        exceptions.AuthenticationFailed,
        exceptions.MethodNotAllowed,
        exceptions.NotAcceptable,
        exceptions.NotAuthenticated,
        exceptions.NotFound,
        exceptions.ParseError,
        exceptions.PermissionDenied,
        exceptions.Throttled,
        exceptions.UnsupportedMediaType,
    )
}


def messages_by_field(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Flatten DRF's nested messages to `a.0.b` -> messages."""
    if isinstance(detail, Mapping):
        parts = [(f"{path}.{key}" if path else str(key), part) for key, part in detail.items()]
    elif isinstance(detail, list) and any(isinstance(part, Mapping | list) for part in detail):
        parts = [(f"{path}.{i}" if path else str(i), part) for i, part in enumerate(detail)]
    else:
        messages = detail if isinstance(detail, list) else [detail]
        return {path or "non_field_errors": [str(message) for message in messages]}
    found: dict[str, list[str]] = {}
    for name, part in parts:
        if part:
            found |= messages_by_field(part, name)
    return found


def of_failure(failure: failures.Failure, retry_after_s: float | None) -> Described:
    """Describe a failure of the table: 422 when trying again can't help, else 503."""
    status = STATUSES.get(failure.code, 422 if failure.is_permanent else 503)
    wait = None if failure.is_permanent else retry_after_s or DEFAULT_WAIT_S
    headers = {} if wait is None else {"Retry-After": str(max(1, round(wait)))}
    document = problem(
        status,
        detail=failure.message,
        code=failure.code,
        suggestion=failure.suggestion,
        retry_after_s=wait,
    )
    return document, headers


def of_database_error(error: Exception) -> Described | None:
    """Describe a database that is busy or away; None for an error that nobody knows."""
    failure = failures.classify(error)
    if failure.code == "unknown":
        return None
    log.warning("The database refused: %s", error)
    return of_failure(failure, None)


def of_model_error(error: ValidationError) -> Described:
    """Describe what a model's own validation found."""
    fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return of_api_exception(exceptions.ValidationError(fields))


DESCRIBERS: dict[type[Exception], Callable[[Any], Described | None]] = {
    exceptions.APIException: of_api_exception,
    RequestDataTooBig: lambda _: (problem(413, detail="The request body is too large."), {}),
    Http404: lambda _: (problem(404, detail=NOTHING_HERE), {}),
    PermissionDenied: lambda _: (problem(403, detail="You may not do this."), {}),
    StateConflict: lambda error: (problem(409, detail=error.message, code=error.code), {}),
    failures.StageFailure: lambda error: of_failure(
        failures.by_code(error.code), error.retry_after_s
    ),
    **dict.fromkeys(DATABASE_TROUBLE, of_database_error),
    ValidationError: of_model_error,
}


def is_api(request: HttpRequest) -> bool:
    """Whether a program asked, so that a problem document answers it and not a page."""
    return request.path.startswith(API_PREFIXES)


def problem_json(document: Mapping[str, Any]) -> HttpResponse:
    """Answer outside DRF with a problem document."""
    return JsonResponse(document, status=document["status"], content_type=MEDIA_TYPE)


def database_away(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Answer 503 when the database is away or busy, wherever that showed; None: it is neither."""
    document, headers = of_database_error(error) or ({}, {})
    if document.get("status") != HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    if is_api(request):
        response: HttpResponse = problem_json(document)
    else:
        response = HttpResponse(render_to_string("503.html"), status=document["status"])
    for name, value in headers.items():
        response[name] = value
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: the fault is logged under a reference that the answer carries.

    What the database refused for a while is no fault of the page: middleware and views alike end
    here when they can't reach it.
    """
    error = sys.exc_info()[1]
    if isinstance(error, DATABASE_TROUBLE) and (away := database_away(request, error)):
        return away
    reference = new_reference()
    log.error(
        "Unexpected error at %s, reference %s",
        request.path,
        reference,
        exc_info=sys.exc_info(),
        extra={"support_reference": reference},
    )
    if is_api(request):
        detail = "Something went wrong on our side."
        return problem_json(problem(500, detail=detail, support_reference=reference))
    page = render_to_string("500.html", {"support_reference": reference})
    return HttpResponseServerError(page)

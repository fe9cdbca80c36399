"""What is answered where no view could answer: problem documents to programs, pages to people.

Each page says what to do next and carries a support reference that finds its log line.
"""

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from ops.problems import NOTHING_HERE, is_api, new_reference, problem, problem_json

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django refuses before a view sees it, a foreign host name among it."""
    if is_api(request):
        return problem_json(problem(400, detail="The request is malformed."))
    return plain_page(request, "400.html", HTTPStatus.BAD_REQUEST, type(exception).__name__)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """handler403."""
    if is_api(request):
        return problem_json(problem(403, detail="You may not do this."))
    return page(request, "403.html", HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - as above
    """handler404: also for ids in a path that are no ids."""
    if is_api(request):
        return problem_json(problem(404, detail=NOTHING_HERE))
    return page(request, "404.html", HTTPStatus.NOT_FOUND)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """handler429: allauth's limits of the sign-in pages ask for it."""
    return page(request, "429.html", HTTPStatus.TOO_MANY_REQUESTS)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: a form from another page, or from one that is too old."""
    if is_api(request):
        return problem_json(problem(403, detail=reason or "CSRF verification failed."))
    return plain_page(request, "403_csrf.html", HTTPStatus.FORBIDDEN, reason)


def page(request: HttpRequest, template: str, status: HTTPStatus) -> HttpResponse:
    """Answer with a page of the product."""
    return render(request, template, {"support_reference": noted(request, status)}, status=status)


def plain_page(
    request: HttpRequest, template: str, status: HTTPStatus, reason: str
) -> HttpResponse:
    """Answer with a page that asks nothing of a request which is not to be trusted."""
    context = {"support_reference": noted(request, status, reason)}
    return HttpResponse(render_to_string(template, context), status=status)


def noted(request: HttpRequest, status: HTTPStatus, reason: str = "") -> str:
    """Write the answer down; return the reference that finds the line."""
    reference = new_reference()
    log.info(
        "%d at %s, reference %s %s",
        status,
        request.path,
        reference,
        reason,
        extra={"support_reference": reference},
    )
    return reference

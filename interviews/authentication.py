"""REST for candidates: the cookie of their link, with CSRF enforced; never a member's session."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from interviews import candidate_cookie
from interviews.models import Session
from interviews.permissions import LinkRevoked, candidate_session


class CandidateAuthentication(SessionAuthentication):
    """`request.auth` is the Session that the cookie opens; `request.user` stays anonymous."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Session] | None:
        if candidate_cookie.NAME not in request.COOKIES:
            return None
        try:
            session = candidate_session(request, may_be_over=True)  # each step looks at the time
        except LinkRevoked:
            raise AuthenticationFailed(
                "This interview link was taken back.", code="link_revoked"
            ) from None
        except Http404:
            raise AuthenticationFailed("This interview link is unknown or has ended.") from None
        self.enforce_csrf(request)
        return AnonymousUser(), session

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Candidate"


class CandidateScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    """How the schema names the candidate's cookie."""

    target_class = CandidateAuthentication
    name = "candidateCookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002 - its signature
        return {"type": "apiKey", "in": "cookie", "name": candidate_cookie.NAME}


class IsCandidate(BasePermission):
    """Somebody who came in by a link."""

    message = "Open your personal interview link first."

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 - DRF's signature
        return isinstance(request.auth, Session)

"""Turn a request into a Principal: browser session or API key. Candidates come in elsewhere."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ops import subjects, tokens
from ops.models import ApiKey, User
from ops.principals import NOBODY, SCOPES, Principal, Role


def member_principal(user: Any, scopes: frozenset[str] = frozenset(SCOPES)) -> Principal:
    """Return the principal of a signed-in user; NOBODY for anonymous and inactive ones."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    membership = user.live_membership
    return Principal(
        kind="member",
        user_id=user.pk,
        organization_id=membership.organization_id if membership else None,
        role=cast("Role", membership.role) if membership else None,
        is_staff=user.is_staff,
        scopes=scopes if user.is_staff else scopes - {"ops:manage"},
    )


def principal_of(request: HttpRequest | Request) -> Principal:
    """Return who asks, from Django's or DRF's request."""
    key = getattr(request, "auth", None)
    if isinstance(key, ApiKey):
        return member_principal(key.user, frozenset(key.scopes))
    return member_principal(request.user)


def principals_of_cookies(cookies: Mapping[str, str]) -> list[Principal]:
    """Return who a browser is by its cookies now: a member, a candidate, both, or nobody.

    Sockets ask again and again while they are open: what ended meanwhile (the session, the account,
    the link) no longer counts.
    """
    member = NOBODY
    session_key = cookies.get(settings.SESSION_COOKIE_NAME)
    if session_key:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
        member = member_principal(get_user(request))
    candidate = subjects.candidate_of(cookies)
    return [who for who in (member, candidate) if who is not None and who.kind != "anonymous"]


def session_mark(session_key: str | None) -> str:
    """Return a name for a browser session that is safe to pass around."""
    return tokens.keyed_hash(f"session:{session_key}")[:16] if session_key else ""


def bearer_token(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer <token>`, or None."""
    words = get_authorization_header(request).decode("latin-1").split()
    if len(words) != 2 or words[0].lower() != "bearer":  # noqa: PLR2004 - scheme and token
        return None
    return words[1]


def find_api_key(token: str) -> ApiKey | None:
    """Return the API key if it is valid now, with its user and membership."""
    key = (
        ApiKey.objects.select_related("user__membership")
        .filter(key_hash=tokens.keyed_hash(token), revoked_at=None, user__is_active=True)
        .filter(user__membership__removed_at=None, user__membership__isnull=False)
        .first()
    )
    return None if key is None or (key.expires_at and key.expires_at <= timezone.now()) else key


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        token = bearer_token(request)
        if token is None:
            return None
        key = find_api_key(token)
        if key is None:
            raise AuthenticationFailed("This API key is unknown, expired or revoked.")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Bearer"


class IsMember(BasePermission):
    """A member of an organization whose key, if she uses one, has the view's `required_scope`.

    Where the view names several scopes, one of them is enough.
    """

    message = "This API key lacks the scope that this route needs."

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = principal_of(request)
        scope = getattr(view, "required_scope", None)
        if principal.kind != "member" or principal.organization_id is None:
            return False
        if scope is None:
            return True
        wanted = {scope} if isinstance(scope, str) else set(scope)
        return not wanted.isdisjoint(principal.scopes)


class CanStartRuns(IsMember):
    """A member who may cause work, not only look at results."""

    message = "Starting, retrying and cancelling needs the scope runs:start and an editing role."

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and principal_of(request).can_design


class IsStaff(BasePermission):
    """Staff of this installation, whose key, if they use one, has the view's `required_scope`."""

    message = "Only staff may do this, with a key that has the scope ops:manage."

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = principal_of(request)
        return principal.is_staff and view.required_scope in principal.scopes

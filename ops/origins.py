"""Who may open a WebSocket: pages of this very site. Browsers send cookies from any page."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host


class SameOriginOnly:
    """Refuse a handshake whose Origin is another site's, null, or missing."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if is_same_origin(scope):
            await self.application(scope, receive, send)
        else:
            await receive()  # the connect message
            await send({"type": "websocket.close", "code": 4403})  # the handshake gets a 403


def is_same_origin(scope: dict[str, Any]) -> bool:
    """Whether the handshake's one Origin is the host it asked for, which is one of ours."""
    origins = header_values(scope, b"origin")
    hosts = header_values(scope, b"host")
    if len(origins) != 1 or len(hosts) != 1:
        return False
    if origins[0] in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        origin = urlsplit(origins[0])
    except ValueError:
        return False
    schemes = ("https",) if settings.SESSION_COOKIE_SECURE else ("http", "https")
    domain, _ = split_domain_port(hosts[0])
    is_ours = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    return is_ours and origin.scheme in schemes and origin.netloc.lower() == hosts[0].lower()


def header_values(scope: dict[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]

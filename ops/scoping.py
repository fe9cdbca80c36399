"""REST views in which reading and changing need different scopes of a key."""

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

Scopes = str | tuple[str, ...]


class ScopedByMethod:
    """Names the scope and the throttle of each method. Put it before APIView."""

    request: Request
    read_scope: Scopes = "results:read"
    write_scope: Scopes = "interviews:write"

    @property
    def required_scope(self) -> Scopes:
        return self.read_scope if self.request.method in SAFE_METHODS else self.write_scope

    @property
    def throttle_scope(self) -> str:
        return "reads" if self.request.method in SAFE_METHODS else "writes"

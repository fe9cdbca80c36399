"""REST views in which reading and changing need different scopes of a key."""

from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

Scopes = str | tuple[str, ...]


class ScopedByMethod(APIView):
    """A view that names the scope and the throttle of each method."""

    read_scope: Scopes = "results:read"
    write_scope: Scopes = "interviews:write"

    @property  # IsMember asks for it when it has the request
    def required_scope(self) -> Scopes:
        return self.read_scope if self.request.method in SAFE_METHODS else self.write_scope

    @property
    def throttle_scope(self) -> str:
        return "reads" if self.request.method in SAFE_METHODS else "writes"

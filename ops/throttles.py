"""How often each principal may call each group of routes, counted in one atomic statement."""

import logging
import math
import time
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle

from ops.authentication import principal_of
from ops.models import ThrottleWindow

# One statement counts and tells: two requests at once can never both be the last allowed one.
# Works on SQLite >= 3.35 and PostgreSQL.
COUNT = """
INSERT INTO ops_throttlewindow AS kept (key, window_start, hits) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET
  hits = CASE WHEN kept.window_start = excluded.window_start THEN kept.hits + 1 ELSE 1 END,
  window_start = excluded.window_start
RETURNING hits
"""
FORGET_AFTER_S = 86_400
log = logging.getLogger(__name__)


class PrincipalThrottle(ScopedRateThrottle):
    """A fixed window per principal and `throttle_scope` of the view; addresses for the unknown."""

    wait_s: float = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, self.scope_attr, None)
        if not scope:
            return True
        self.scope = scope
        limit, window_s = self.parse_rate(self.THROTTLE_RATES[scope])
        if limit is None or window_s is None:
            return True
        now = time.time()
        start = math.floor(now / window_s) * window_s
        self.wait_s = start + window_s - now
        try:
            return count_hit(self.get_cache_key(request, view), start) <= limit
        except (OperationalError, InterfaceError):
            # Whatever needs the database will say so; the health page answers without it.
            log.warning("A request could not be counted: the database does not answer")
            return True

    def wait(self) -> float:
        return self.wait_s

    def get_cache_key(self, request: Request, view: Any) -> str:  # noqa: ARG002 - DRF's signature
        return f"{self.scope}:{self.who(request)}"

    def who(self, request: Request) -> str:
        """Name who is counted: a member, a candidate by her session, else an address."""
        principal = principal_of(request)
        if principal.kind != "anonymous":
            return principal.key
        if request.auth is not None:
            return f"{type(request.auth).__name__}:{request.auth.pk}".lower()
        return f"address:{self.get_ident(request)}"


def is_allowed(scope: str, who: str) -> bool:
    """Count a page's request against the scope's limit; return whether it is within it."""
    throttle = PrincipalThrottle()
    limit, window_s = throttle.parse_rate(throttle.THROTTLE_RATES[scope])
    if limit is None or window_s is None:
        return True
    start = math.floor(time.time() / window_s) * window_s
    return count_hit(f"{scope}:{who}", start) <= limit


def count_hit(key: str, window_start: int) -> int:
    """Count one request of `key` in the window; return how many it has had, this one included."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, window_start])
        (hits,) = cursor.fetchone()
    if hits == 1:
        ThrottleWindow.objects.filter(window_start__lt=window_start - FORGET_AFTER_S).delete()
    return int(hits)

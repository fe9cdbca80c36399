"""Hints between processes by Redis: there are new events, somebody signed out. The door to Redis.

Optional, and any hint may be lost: rows are the truth, and who listens looks at them now and then
without one. A Redis that is away costs nobody more than a connection that is refused.
"""

import json
import logging
import time
from functools import cache
from typing import Any

import redis  # noqa: TID251 - this is the door
from django.conf import settings
from redis.backoff import NoBackoff  # noqa: TID251 - as above
from redis.retry import Retry  # noqa: TID251 - as above

CHANNEL = "candor.hints"
ANSWERS_WITHIN_S = 1.0
PAUSE_S = 2.0  # after a failure nobody tries, so that a host which swallows packets delays nobody
HEARS_FOR_S = 0.25  # so long one look waits for a hint
EVENTS = {"kind": "events"}
AWAY: tuple[type[Exception], ...] = (redis.RedisError, OSError)
Hint = dict[str, Any]
log = logging.getLogger(__name__)
_quiet_until = 0.0  # by the monotonic clock of this process


def is_used() -> bool:
    """Whether the settings name a Redis."""
    return bool(settings.REDIS_URL)


@cache
def client() -> redis.Redis:
    """Return this process's connections; a fork makes its own."""
    # One retry: the connection that was kept may be of a server that has been restarted since.
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=ANSWERS_WITHIN_S,
        socket_timeout=ANSWERS_WITHIN_S,
        retry=Retry(NoBackoff(), 1),
    )


def tell_events() -> None:
    """Tell every web process that there are new events: after the commit that brought them."""
    if is_used():
        publish(EVENTS)


def tell_sign_out(user_id: int, session: str) -> None:
    """Tell every web process that this browser session (by its mark) has ended."""
    if is_used():
        publish({"kind": "sign_out", "user_id": user_id, "session": session})


def publish(hint: Hint) -> bool:
    """Send a hint; return whether Redis took it."""
    return _attempt(lambda: client().publish(CHANNEL, json.dumps(hint)))


def is_answering() -> bool:
    """Whether Redis answers now."""
    return _attempt(lambda: client().ping())


def _attempt(work: Any) -> bool:
    global _quiet_until  # noqa: PLW0603 - one number per process
    if time.monotonic() < _quiet_until:
        return False
    try:
        work()
    except AWAY as error:
        _quiet_until = time.monotonic() + PAUSE_S
        log.warning("Redis does not answer, hints are lost: %s", error)
        return False
    return True


class Hearer:
    """Hears hints, in one thread; subscribes again by itself when Redis was away.

    Raises AWAY while it is.
    """

    def __init__(self) -> None:
        self._source: Any = None  # kept: redis-py cuts the lines of a client that is let go
        self._line: Any = None

    def hear(self) -> list[Hint]:
        """Wait a moment for a hint; return all that are there by then."""
        if self._line is None:
            # No limit on reading: silence is what a line of hints mostly carries. Pings tell
            # whether the other end is still there.
            self._source = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_connect_timeout=ANSWERS_WITHIN_S,
                socket_timeout=None,
                socket_keepalive=True,
                health_check_interval=10,
                retry=Retry(NoBackoff(), 0),
            )
            line = self._source.pubsub(ignore_subscribe_messages=True)
            line.subscribe(CHANNEL)
            self._line = line
        if self._line.health_check_response_counter > 1:
            raise redis.TimeoutError("Redis does not answer pings")
        heard = []
        message = self._line.get_message(timeout=HEARS_FOR_S)
        while message is not None:
            heard.append(json.loads(message["data"]))
            message = self._line.get_message(timeout=0)
        return heard

    def close(self) -> None:
        """Give the connection back; hearing again opens another."""
        if self._line is not None:
            self._line.close()
            self._source.close()
            self._line = self._source = None

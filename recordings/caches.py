"""What recordings keep for a while."""

from datetime import timedelta

from ops.caches import Cache, declare

URLS = declare(
    Cache(
        name="urls",
        keeps="Which grant somebody was given in this window, never a URL",
        saves="a row of the log; browsers know the URL again",
        ttl=timedelta(minutes=10),  # at most: recordings/purposes.py says how long each
        max_entries=10_000,
        is_personal=True,
        place="memory",
    )
)

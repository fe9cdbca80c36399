"""The machine room and its accounts as staff see them."""

from ops.admin import accounts, alerts, breakers, caches, jobs, letters, monitoring
from ops.admin_base import register_the_rest

__all__ = ["accounts", "alerts", "breakers", "caches", "jobs", "letters", "monitoring"]

register_the_rest("ops")

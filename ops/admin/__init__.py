"""The machine room and its accounts as staff see them."""

from ops.admin import accounts, breakers, jobs
from ops.admin_base import register_the_rest

__all__ = ["accounts", "breakers", "jobs"]

register_the_rest("ops")

"""The machine room and its accounts as staff see them."""

from ops.admin import accounts, jobs
from ops.admin_base import register_the_rest

__all__ = ["accounts", "jobs"]

register_the_rest("ops")

"""Accounts, jobs and the ledger: the rows of the machine room."""

from ops.models.accounts import (
    ApiKey,
    AuditEntry,
    IdempotencyRecord,
    MemberInvitation,
    Membership,
    Organization,
    ThrottleWindow,
    User,
)
from ops.models.alerts import Alert, AlertNotice
from ops.models.breakers import BreakerState
from ops.models.caches import CacheClearing, CacheEntry, CacheFlight, CacheMinute
from ops.models.jobs import Attempt, DeadLetter, Event, Job, PeriodicTurn, Run, WorkerHeartbeat
from ops.models.ledger import BudgetNotice, UsageEntry
from ops.models.samples import Sample

__all__ = [
    "Alert",
    "AlertNotice",
    "ApiKey",
    "Attempt",
    "AuditEntry",
    "BreakerState",
    "BudgetNotice",
    "CacheClearing",
    "CacheEntry",
    "CacheFlight",
    "CacheMinute",
    "DeadLetter",
    "Event",
    "IdempotencyRecord",
    "Job",
    "MemberInvitation",
    "Membership",
    "Organization",
    "PeriodicTurn",
    "Run",
    "Sample",
    "ThrottleWindow",
    "UsageEntry",
    "User",
    "WorkerHeartbeat",
]

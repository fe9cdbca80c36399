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
from ops.models.breakers import BreakerState
from ops.models.jobs import Attempt, DeadLetter, Event, Job, PeriodicTurn, Run, WorkerHeartbeat
from ops.models.ledger import UsageEntry

__all__ = [
    "ApiKey",
    "Attempt",
    "AuditEntry",
    "BreakerState",
    "DeadLetter",
    "Event",
    "IdempotencyRecord",
    "Job",
    "MemberInvitation",
    "Membership",
    "Organization",
    "PeriodicTurn",
    "Run",
    "ThrottleWindow",
    "UsageEntry",
    "User",
    "WorkerHeartbeat",
]

"""Requests that may wait at a provider: handed in once, looked at, fetched once, cleared away.

The row is written before the request goes out. Whoever is killed in between finds it again by its
mark, so that a request is handed in once; the stage that waits holds no worker meanwhile.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from analysis import engines
from analysis.engines.base import Answer, Batches, Request
from analysis.models import ModelBatch
from ops.breaker_rules import HOPELESS
from ops.failures import classify
from ops.models import Job
from ops.retry import TRANSIENT

log = logging.getLogger(__name__)
State = ModelBatch.State
LIVE = (State.SUBMITTING, State.SUBMITTED)
FIRST_LOOK, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=15)
PAUSE_SHARE = 0.25  # of the time that it has taken so far: found late by a quarter at most
MOST_CLEARED = 50


class Pending(Exception):  # noqa: N818 - it is no error
    """The batch has not ended: look again `after` this time."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"look again in {after}")
        self.after = after


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits, and for which run: another run asks anew."""

    session_id: UUID
    run_id: UUID
    provider: str
    input_hash: str

    def row(self) -> ModelBatch | None:
        """Return what was handed in for it, if anything was."""
        return ModelBatch.objects.filter(**self.key).first()

    @property
    def key(self) -> dict[str, object]:
        names = ("session_id", "run_id", "provider", "input_hash")
        return {name: getattr(self, name) for name in names}


def is_wanted(options: Mapping[str, Any]) -> bool:
    """Whether ratings may wait: always, or in the runs that say so."""
    asked = bool(options.get("may_wait"))
    return settings.BATCH_RATINGS == "always" or (settings.BATCH_RATINGS == "asked" and asked)


def fetch(batches: Batches, waiting: Waiting, request: Request) -> tuple[ModelBatch, Answer] | None:
    """Return the answer with its row, to be closed once it is kept; None: ask directly instead.

    Raises Pending while it has not ended; what handing in raises, if that heals with time.
    """
    row = waiting.row()
    if row is None:
        deadline = timezone.now() + timedelta(hours=settings.BATCH_DEADLINE_H)
        row = ModelBatch.objects.create(**waiting.key, deadline_at=deadline)
        _submit(batches, row, request, is_first=True)
        return None
    if row.state == State.SUBMITTING:
        _submit(batches, row, request, is_first=False)
        return None
    return _look(batches, row) if row.state == State.SUBMITTED else None


def close(row: ModelBatch, state: ModelBatch.State = State.ANSWERED) -> None:
    """Write how it ended; it is cleared away at the provider later."""
    row.state, row.ended_at = state, timezone.now()
    row.save(update_fields=["state", "ended_at"])


def clear_ended(now: datetime) -> int:
    """Delete at the providers what is fetched, late or wanted by nobody; return how many."""
    open_job = Job.objects.filter(
        run_id=OuterRef("run_id"),
        stage="evaluate",
        state__in=(Job.State.WAITING, Job.State.RUNNING),
    )
    orphans = ModelBatch.objects.filter(~Exists(open_job), state__in=LIVE)
    orphans.update(state=State.DROPPED, ended_at=now)
    rows = ModelBatch.objects.filter(is_cleared=False).exclude(state__in=LIVE)
    return sum(_clear(row) for row in rows.order_by("created_at")[:MOST_CLEARED])


def _submit(batches: Batches, row: ModelBatch, request: Request, *, is_first: bool) -> None:
    try:
        known = None if is_first else batches.find(str(row.id))
        row.batch_id = known or batches.submit(str(row.id), request)
    except Exception as error:
        failure = classify(error)
        if failure.policy in TRANSIENT or failure.code in HOPELESS:
            raise
        log.warning("Nothing was handed in as a batch: %s", failure.code, exc_info=_trace(error))
        close(row, State.FAILED)  # a server without batches, for one
        return
    row.state = State.SUBMITTED
    row.save(update_fields=["batch_id", "state"])
    raise Pending(FIRST_LOOK)


def _look(batches: Batches, row: ModelBatch) -> tuple[ModelBatch, Answer] | None:
    row.looks += 1
    row.save(update_fields=["looks"])
    is_late = timezone.now() >= row.deadline_at
    try:
        found = batches.look(row.batch_id, str(row.id))
    except Exception as error:
        failure = classify(error)
        if failure.policy in TRANSIENT and not is_late:
            raise Pending(_pause(row)) from error
        log.warning("A batch could not be looked at: %s", failure.code, exc_info=_trace(error))
        close(row, State.FAILED)
        return None
    if found.answer is not None:
        return row, found.answer
    if found.has_ended or is_late:
        close(row, State.FAILED if found.has_ended else State.LATE)
        return None
    raise Pending(_pause(row))


def _pause(row: ModelBatch) -> timedelta:
    """Return how long to wait: the longer it takes the longer, but not beyond its deadline."""
    now = timezone.now()
    pause = min(max(FIRST_LOOK, (now - row.created_at) * PAUSE_SHARE), LONGEST_PAUSE)
    return max(min(pause, row.deadline_at - now), timedelta(seconds=1))


def _clear(row: ModelBatch) -> bool:
    batches = next(
        (engines.batches(e) for e in engines.language_models() if e.name == row.provider), None
    )
    if batches is None:
        return False  # that engine is not among the settings now
    try:
        batch_id = row.batch_id or batches.find(str(row.id))
        if batch_id:
            batches.discard(batch_id)
    except Exception as error:  # the next round tries again, the others go on
        code = classify(error).code
        log.warning("A batch could not be cleared away: %s", code, exc_info=_trace(error))
        return False
    ModelBatch.objects.filter(pk=row.pk).update(is_cleared=True)
    return True


def _trace(error: Exception) -> Exception | None:
    """Return an error whose trace the log should have: one that no row of the table knows."""
    return error if classify(error).code == "unknown" else None

"""Bring new events to this process's listeners, whichever process committed them.

On SQLite `PRAGMA data_version` tells for next to nothing that somebody else has committed; other
databases are asked for new rows. A message is a hint: listeners read what they miss themselves.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol, TypeVar

from django.db import DatabaseError, connection
from django.db.models import Max, Q

from ops.models import Event
from ops.progress import announce

WATCH_EVERY_S = 0.05  # SQLite: one statement that takes no lock
POLL_EVERY_S = 0.25
AFTER_ERROR_S = 1.0
GAP_LIFE_S = 30.0  # an id not seen by then belongs to a transaction that was rolled back
MAX_GAPS = 500
BATCH = 500
Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Watch(Protocol):
    """Tells whether looking for new events may be worth it."""

    every_s: float

    def has_changed(self) -> bool: ...
    def close(self) -> None: ...


class SqliteWatch:
    """A read-only connection of its own whose `data_version` moves when any other one commits."""

    every_s = WATCH_EVERY_S

    def __init__(self, path: str) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def has_changed(self) -> bool:
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"file:{self.path}?mode=ro", uri=True, isolation_level=None, timeout=1
            )
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        before, self._version = self._version, version
        return bool(version != before)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._version = None


class PollWatch:
    """For databases that don't tell: look every time."""

    every_s = POLL_EVERY_S

    def has_changed(self) -> bool:
        return True

    def close(self) -> None: ...


def watch_for_this_database() -> Watch:
    """Return the cheapest watch that the database allows."""
    if connection.vendor == "sqlite":
        return SqliteWatch(str(connection.settings_dict["NAME"]))
    return PollWatch()


class NewEvents:
    """Reads events as they become visible.

    Ids are handed out before the commit, so a smaller one may show up after a larger one: ids that
    were jumped over are asked for again for a while.
    """

    def __init__(self) -> None:
        self.last_id: int | None = None
        self.gaps: dict[int, float] = {}  # id -> when to stop asking (monotonic)

    def read(self) -> list[Event]:
        """Return what became visible since the last call; at first nothing."""
        if self.last_id is None:
            self.last_id = Event.objects.aggregate(last=Max("id"))["last"] or 0
            return []
        now = time.monotonic()
        self.gaps = {id_: until for id_, until in self.gaps.items() if until > now}
        wanted = Q(id__gt=self.last_id) | Q(id__in=list(self.gaps))
        found = list(Event.objects.filter(wanted).select_related("run").order_by("id")[:BATCH])
        for event in found:
            self._note(event.pk, now)
        return found

    def _note(self, id_: int, now: float) -> None:
        if self.last_id is None or id_ <= self.last_id:
            self.gaps.pop(id_, None)
            return
        jumped = range(max(self.last_id + 1, id_ - MAX_GAPS), id_)
        self.gaps |= dict.fromkeys(jumped, now + GAP_LIFE_S)
        self.last_id = id_


class Tailer:
    """One per ASGI process; started and stopped by its lifespan."""

    def __init__(self) -> None:
        # Database connections belong to a thread: everything is read in one.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tailer")
        self._watch = watch_for_this_database()
        self._new = NewEvents()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start from now: what came before is in the snapshots that listeners begin with."""
        await self._look()
        self._task = asyncio.create_task(self._run(), name="tailer")

    async def stop(self) -> None:
        """Stop and give the connections back."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._in_thread(self._close)
        self._thread.shutdown()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._watch.every_s)
            if not await self._look():
                await asyncio.sleep(AFTER_ERROR_S)

    async def _look(self) -> bool:
        """Announce what is new. False if the database could not be read; the next look retries."""
        try:
            if await self._in_thread(self._is_worth_reading):
                while events := await self._in_thread(self._new.read):
                    await announce(events)
        except (DatabaseError, sqlite3.Error) as error:
            log.warning("Live progress can't read events, will go on trying: %s", error)
            await self._in_thread(self._close)
            return False
        except Exception:
            log.exception("Live progress could not pass events on, will go on")
            return False
        return True

    def _is_worth_reading(self) -> bool:
        return self._watch.has_changed() or self._new.last_id is None

    def _close(self) -> None:
        self._watch.close()
        connection.close()

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

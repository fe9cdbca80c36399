"""Bring new events to this process's listeners, whichever process committed them.

Redis tells of commits, where it is used; on SQLite `PRAGMA data_version` does so for next to
nothing; any other database is asked for new rows. A message is a hint: listeners read what they
miss themselves.
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

from ops import hints
from ops.models import Event
from ops.progress import announce, announce_sign_out

WATCH_EVERY_S = 0.05  # SQLite: one statement that takes no lock
POLL_EVERY_S = 0.25
HEAL_AFTER_S = 2.0  # Redis: look without a hint, since any of them may have been lost
AFTER_ERROR_S = 1.0
GAP_LIFE_S = 30.0  # an id not seen by then belongs to a transaction that was rolled back
MAX_GAPS = 500
BATCH = 500
Result = TypeVar("Result")
SignOut = tuple[int, str]  # who, and the mark of the browser session
log = logging.getLogger(__name__)


class Watch(Protocol):
    """Tells whether looking for new events may be worth it."""

    every_s: float

    def has_changed(self) -> bool: ...
    def sign_outs(self) -> list[SignOut]: ...
    def close(self) -> None: ...


class SqliteWatch:
    """A read-only connection of its own whose `data_version` moves when any other one commits."""

    every_s = WATCH_EVERY_S

    def __init__(self, path: str | None = None) -> None:
        self.path = path or str(connection.settings_dict["NAME"])
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

    def sign_outs(self) -> list[SignOut]:
        return []  # one web process: it knows its own

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._version = None


class PollWatch:
    """For databases that don't tell: look every time."""

    every_s = POLL_EVERY_S

    def has_changed(self) -> bool:
        return True

    def sign_outs(self) -> list[SignOut]:
        return []  # other web processes notice one when they check permissions again

    def close(self) -> None: ...


class RedisWatch:
    """Waits for a hint by Redis; while that is away, looks as often as without one."""

    every_s = 0.0

    def __init__(self) -> None:
        self._hearer = hints.Hearer()
        self._sign_outs: list[SignOut] = []
        self._heal_at = self._connect_at = 0.0
        self._is_away = False

    def has_changed(self) -> bool:
        if time.monotonic() < self._connect_at:
            time.sleep(POLL_EVERY_S)
            return True
        try:
            heard = self._hearer.hear()
        except hints.AWAY as error:
            self._mourn(error)
            return True
        if self._is_away:
            self._is_away = False
            log.warning("Redis answers again: live progress follows its hints.")
        self._sign_outs += [(h["user_id"], h["session"]) for h in heard if h["kind"] == "sign_out"]
        is_late = time.monotonic() >= self._heal_at
        if heard or is_late:
            self._heal_at = time.monotonic() + HEAL_AFTER_S
        return bool(heard) or is_late

    def sign_outs(self) -> list[SignOut]:
        """Return those heard of since the last call."""
        heard, self._sign_outs = self._sign_outs, []
        return heard

    def close(self) -> None:
        self._hearer.close()
        self._heal_at = 0.0  # what was hinted at has perhaps not been read

    def _mourn(self, error: Exception) -> None:
        self._hearer.close()
        self._connect_at = time.monotonic() + AFTER_ERROR_S
        if not self._is_away:
            self._is_away = True
            log.warning("Redis does not answer, live progress polls the database: %s", error)


def watch_for_these_settings() -> Watch:
    """Return the quickest watch that the settings allow: the one place where it is chosen."""
    ways: tuple[tuple[bool, Callable[[], Watch]], ...] = (
        (hints.is_used(), RedisWatch),
        (connection.vendor == "sqlite", SqliteWatch),
        (True, PollWatch),
    )
    return next(watch for is_right, watch in ways if is_right)()


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
        self._watch = watch_for_these_settings()
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
            is_worth_reading = await self._in_thread(self._is_worth_reading)
            for user_id, session in self._watch.sign_outs():
                await announce_sign_out(user_id, session)
            if is_worth_reading:
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

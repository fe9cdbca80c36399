"""Live progress over WebSocket: a snapshot, then every event once and in order."""

import asyncio
import json
import logging
import uuid
from abc import ABC, abstractmethod
from http.cookies import CookieError, SimpleCookie
from typing import Any, ClassVar
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404
from django.utils import timezone

from ops import connections, hub, selectors
from ops.authentication import principals_of_cookies, session_mark
from ops.following import Following, board_snapshots, new_run_ids, visible_run_ids
from ops.permissions import access_run, can_watch_board
from ops.principals import Principal
from ops.progress import Envelope, board_topic, person_topic, run_topic
from ops.serializers import run_as_json

BEAT_S = 15.0  # heartbeat, and the permission is checked again
FIRST_WORD_S = 0.2  # how long events wait for a client that says what it knows already
MAX_MESSAGE_BYTES = 4096
FORBIDDEN, BAD_MESSAGE, TOO_MANY, TOO_BIG = 4403, 4400, 4429, 1009
log = logging.getLogger(__name__)


class EventsConsumer(AsyncWebsocketConsumer, ABC):  # type: ignore[misc]  # untyped base
    """What run and board sockets share. One message at a time is handled, so no locks."""

    principal: Principal
    following: Following

    # --- what a kind of socket says of itself -------------------------------------------------
    @abstractmethod
    def may_follow(self, principal: Principal) -> bool:
        """Whether the principal may follow what this address names."""

    @abstractmethod
    def topic(self) -> str:
        """Return the hub's topic that its events are told under."""

    @abstractmethod
    def snapshot(self) -> Envelope:
        """Read the present state, start `self.following` from it."""

    @abstractmethod
    def said(self, after: Any) -> list[Envelope]:
        """Return what is to be told again to a client that knows everything up to `after`.

        Raises: ValueError when `after` is nonsense
        """

    def heard(self, event: Envelope) -> list[Envelope]:
        return self.following.take(event)

    def missed(self) -> list[Envelope]:
        """Return what messages that were lost should have brought."""
        return self.following.catch_up_all()

    # --- opening and closing ------------------------------------------------------------------
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """In place of Channels' own, which would copy each event for each socket and hop threads.

        However it ends, the hub is left: an error in a handler brings no disconnect.
        """
        self.scope, self.base_send = scope, send
        self.timers: dict[str, asyncio.TimerHandle] = {}
        self.is_counted = False
        with hub.Listener() as self.listener:
            try:
                await self.listen(receive)
            except StopConsumer:
                return
            finally:
                self.leave()

    async def listen(self, receive: Any) -> None:
        """Handle what the client says and what the hub tells, as they come."""
        while True:
            said = asyncio.ensure_future(receive())
            said.add_done_callback(self.listener.wake)
            try:
                while not said.done():
                    if message := self.listener.next():
                        await self.handlers[message["type"]](self, message)
                    else:
                        await self.listener.stir()
            finally:
                said.cancel()
            await self.dispatch(said.result())

    async def connect(self) -> None:
        self.cookies = cookies_of(self.scope)
        self.session = session_mark(self.cookies.get(settings.SESSION_COOKIE_NAME))
        self.connection_id = uuid.uuid4().hex
        self.update_count = 0
        self.held: list[Envelope] | None = []
        principal = await database_sync_to_async(self.admitted)()
        if principal is None:
            await self.close()  # before accept: the handshake is answered 403
            return
        self.principal = principal
        try:
            connections.enter(principal.key)
        except connections.TooManyConnections:
            await self.accept()  # a page is told the code of a close, never that of a refusal
            await self.end("too_many_connections", TOO_MANY)
            return
        self.is_counted = True
        await self.accept()
        await self.open()

    async def open(self) -> None:
        """Join first, then read: what happens between is a message that waits its turn."""
        self.listener.join(self.topic())
        if self.principal.user_id is not None:
            self.listener.join(person_topic(self.principal.user_id))
        await self.tell(await database_sync_to_async(self.snapshot)())
        after = parse_qs(self.scope["query_string"].decode("latin-1")).get("after")
        if after:
            await self.replay(after[0])
        else:
            self.later(FIRST_WORD_S, "release.held")
        self.later(BEAT_S, "heart.beat")

    def leave(self) -> None:
        for timer in self.timers.values():
            timer.cancel()
        if self.is_counted:
            self.is_counted = False
            connections.leave(self.principal.key)

    def admitted(self) -> Principal | None:
        """Return as whom the visitor may follow this, asking the database anew."""
        found = (who for who in principals_of_cookies(self.cookies) if self.may_follow(who))
        return next(found, None)

    def checked(self) -> list[Envelope] | None:
        """Return what she was not told, None if she may no longer follow. One visit to the rows."""
        principal = self.admitted()
        if principal is None or principal.key != self.principal.key:
            return None
        self.principal = principal
        return self.missed() if self.held is None else []

    async def end(self, reason: str, code: int) -> None:
        await self.tell(Envelope(type="stream_ended", reason=reason, at=now_text()))
        await self.close(code=code)

    # --- what comes in ------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if bytes_data is not None or len(text_data or "") > MAX_MESSAGE_BYTES:
            await self.end("message_too_big" if text_data else "text_only", TOO_BIG)
            return
        try:
            after = json.loads(text_data or "")["after"]
            await self.replay(after)
        except (ValueError, TypeError, KeyError, RecursionError):
            await self.end("bad_message", BAD_MESSAGE)

    async def replay(self, after: Any) -> None:
        again = await database_sync_to_async(self.said)(after)
        await self.tell_all(again)
        await self.release_held()

    async def run_event(self, message: dict[str, Any]) -> None:
        if self.held is not None:
            self.held.append(message["event"])
        else:
            await self.pass_on(message["event"])

    async def release_held(self, message: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - handlers are called alike
        held, self.held = self.held or [], None
        for event in held:
            await self.pass_on(event)

    async def pass_on(self, event: Envelope) -> None:
        if self.following.is_next(event) and self.knows(event):
            await self.tell_all(self.heard(event))
        else:
            await self.tell_all(await database_sync_to_async(self.heard)(event))

    def knows(self, event: Envelope) -> bool:  # noqa: ARG002 - boards ask
        """Whether passing the event on needs no rows."""
        return True

    async def session_ended(self, message: dict[str, Any]) -> None:
        if message["session"] == self.session:
            await self.end("signed_out", FORBIDDEN)

    async def heart_beat(self, message: dict[str, Any]) -> None:  # noqa: ARG002 - handlers are called alike
        """Check that she still may, tell what a lost message left out, show that we live."""
        try:
            missed = await database_sync_to_async(self.checked)()
            if missed is None:
                await self.end("access_ended", FORBIDDEN)
                return
            await self.tell_all(missed)
        except DatabaseError as error:
            log.warning("A live connection could not be checked, the next beat will: %s", error)
        await self.tell(Envelope(type="heartbeat", at=now_text()))
        self.later(BEAT_S, "heart.beat")

    # --- what goes out ------------------------------------------------------------------------
    async def tell_all(self, events: list[Envelope]) -> None:
        for event in events:
            await self.tell(event)

    async def tell(self, event: Envelope) -> None:
        self.update_count += 1
        await self.send(text_data=event.text_for(self.connection_id, self.update_count))

    def later(self, delay_s: float, type_: str) -> None:
        """Send this socket a message of its own."""
        loop = asyncio.get_running_loop()
        self.timers[type_] = loop.call_later(delay_s, self.listener.remind, {"type": type_})

    handlers: ClassVar = {
        "run.event": run_event,
        "release.held": release_held,
        "session.ended": session_ended,
        "heart.beat": heart_beat,
    }


class RunConsumer(EventsConsumer):
    """`/ws/runs/<run_id>/`: one run, for members who may see its subject and its candidate."""

    @property
    def run_id(self) -> uuid.UUID:
        found: uuid.UUID = self.scope["url_route"]["kwargs"]["run_id"]
        return found

    def may_follow(self, principal: Principal) -> bool:
        try:
            access_run(principal, self.run_id)
        except Http404:
            return False
        return True

    def topic(self) -> str:
        return run_topic(self.run_id)

    def snapshot(self) -> Envelope:
        run = selectors.run_snapshot(self.run_id)
        self.following = Following({run.id: run.last_event_seq})
        head = {"type": "connected", "seq": run.last_event_seq, "run_id": str(run.id)}
        return Envelope(head, at=now_text(), run=run_as_json(run))

    def said(self, after: Any) -> list[Envelope]:
        return self.following.rewind(self.run_id, natural(after))


class BoardConsumer(EventsConsumer):
    """`/ws/interviews/<key>/`: every run of an interview that a member may see."""

    MAX_UNKNOWN: ClassVar = 1000  # runs refused or allowed that are remembered between two beats

    @property
    def board(self) -> str:
        return str(self.scope["url_route"]["kwargs"]["key"])

    def may_follow(self, principal: Principal) -> bool:
        return can_watch_board(principal, self.board)

    def topic(self) -> str:
        return board_topic(self.board)

    def snapshot(self) -> Envelope:
        self.opened_at = timezone.now()
        runs = board_snapshots(self.principal, self.board)
        self.following = Following({run.id: run.last_event_seq for run in runs})
        self.visible = {run.id: True for run in runs}
        told = {"type": "connected", "board": self.board, "at": now_text()}
        return Envelope(told, runs=[run_as_json(run) for run in runs])

    def said(self, after: Any) -> list[Envelope]:
        if not isinstance(after, dict):
            raise TypeError("A board's `after` maps runs to numbers.")
        known = {uuid.UUID(str(run_id)): natural(seq) for run_id, seq in after.items()}
        allowed = visible_run_ids(self.principal, known)
        again = [
            event
            for run_id, seq in known.items()
            if run_id in allowed
            for event in self.following.rewind(run_id, seq)
        ]
        return sorted(again, key=lambda event: str(event["at"]))

    def knows(self, event: Envelope) -> bool:
        return uuid.UUID(event["run_id"]) in self.visible

    def heard(self, event: Envelope) -> list[Envelope]:
        run_id = uuid.UUID(event["run_id"])
        if run_id not in self.visible:
            if len(self.visible) >= self.MAX_UNKNOWN:
                self.visible.clear()
            self.visible[run_id] = bool(visible_run_ids(self.principal, [run_id]))
        return super().heard(event) if self.visible[run_id] else []

    def missed(self) -> list[Envelope]:
        """Ask anew what she may see, and look for runs that no message has told of."""
        told = self.following.told
        for run_id in told.keys() - visible_run_ids(self.principal, told):
            del told[run_id]
        for run_id in new_run_ids(self.principal, self.board, since=self.opened_at):
            told.setdefault(run_id, 0)
        self.visible = dict.fromkeys(told, True)
        return super().missed()


class NotFoundConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # untyped base
    """Every other address: refused like something one may not see."""

    async def connect(self) -> None:
        await self.close()


def cookies_of(scope: dict[str, Any]) -> dict[str, str]:
    """Return the cookies of the handshake."""
    text = "; ".join(
        value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"
    )
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


def natural(value: Any) -> int:
    """Return `value` as a number >= 0.

    Raises: ValueError
    """
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit():
        raise ValueError("`after` is a number of an event.")
    return int(str(value)[:12])


def now_text() -> str:
    return timezone.now().isoformat().replace("+00:00", "Z")

"""Live progress as Server-Sent Events: what a socket tells, for programs and strict proxies."""

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from ops import connections, hub, selectors
from ops.authentication import (
    bearer_token,
    find_api_key,
    member_principal,
    principal_of,
    principals_of_cookies,
    session_mark,
)
from ops.following import Following
from ops.models import ApiKey, Run
from ops.permissions import access_run
from ops.principals import Principal
from ops.progress import Envelope, person_topic, run_topic
from ops.serializers import run_as_json

BEAT_S = 15.0
SCOPE = "results:read"
Ask = Callable[[], Principal | None]  # who asks, by the database as it is now
log = logging.getLogger(__name__)


class EventStreamRenderer(BaseRenderer):
    """Says that this route speaks text/event-stream; the response renders itself."""

    media_type = "text/event-stream"
    format = "events"

    def render(self, data: Any, *_: Any, **__: Any) -> bytes:
        return JSONRenderer().render(data)  # problem documents only


class RunStream(APIView):
    """The events of one run as they happen."""

    renderer_classes = [EventStreamRenderer, JSONRenderer]
    required_scope = SCOPE
    throttle_scope = "reads"

    @extend_schema(
        operation_id="analysis_stream",
        parameters=[
            OpenApiParameter(
                "Last-Event-ID",
                OpenApiTypes.INT,
                OpenApiParameter.HEADER,
                description="Replays what came after this `seq`.",
            )
        ],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
    )
    def get(self, request: Request, run_id: uuid.UUID) -> StreamingHttpResponse:
        """Stream `connected`, then every event once and in order, to `stream_ended`."""
        access_run(principal_of(request), run_id)
        stream = Stream(run_id, last_event_id(request), asker(request), session_of(request))
        response = StreamingHttpResponse(stream.lines(), content_type="text/event-stream")
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response


class Stream:
    """One open stream."""

    def __init__(self, run_id: uuid.UUID, after: int | None, ask: Ask, session: str) -> None:
        self.run_id = run_id
        self.after = after
        self.ask = ask
        self.session = session
        self.connection_id = uuid.uuid4().hex
        self.update_count = 0

    async def lines(self) -> AsyncGenerator[str, None]:
        """Yield the stream's text. A client that goes away cancels it at any point."""
        principal = await database_sync_to_async(self.ask)()
        if principal is None:
            yield self.ended("access_ended")
            return
        try:
            with connections.counted(principal.key):
                async with aclosing(self.followed(principal)) as followed:
                    async for line in followed:
                        yield line
        except connections.TooManyConnections:
            yield self.ended("too_many_connections")

    async def followed(self, principal: Principal) -> AsyncGenerator[str, None]:
        """Join first, then read: what happens between waits its turn."""
        topics = run_topic(self.run_id), person_topic(principal.user_id or 0)
        with hub.Listener(*topics) as listener:
            following, first = await database_sync_to_async(self.first)()
            for event in first:
                yield self.text(event)
            if (state := first[0]["run"]["state"]) != Run.State.OPEN:
                yield self.ended(state)
                return
            async with aclosing(self.rest(listener, following)) as rest:
                async for line in rest:
                    yield line

    async def rest(self, listener: hub.Listener, following: Following) -> AsyncGenerator[str, None]:
        """Yield events until the run has completed or access has ended."""
        clock = asyncio.get_running_loop().time
        due = clock() + BEAT_S
        while True:
            message = await listener.hear(timeout_s=max(0.0, due - clock()))
            if message is None:
                due += BEAT_S
                events, reason = await database_sync_to_async(self.checked)(following)
                yield ": heartbeat\n\n"
            elif message["type"] == "session.ended":
                events, reason = [], "signed_out" if message["session"] == self.session else ""
            else:
                events, reason = await self.taken(following, message["event"]), ""
            for event in events:
                yield self.text(event)
            if reason or any(event["type"] == "completed" for event in events):
                yield self.ended(reason or "completed")
                return

    async def taken(self, following: Following, event: Envelope) -> list[Envelope]:
        if following.is_next(event):
            return following.take(event)
        missed: list[Envelope] = await database_sync_to_async(following.take)(event)
        return missed

    def first(self) -> tuple[Following, list[Envelope]]:
        """Read the snapshot, and what the client has missed of it."""
        run = selectors.run_snapshot(self.run_id)
        following = Following({run.id: run.last_event_seq})
        connected = Envelope(
            type="connected",
            seq=run.last_event_seq,
            run_id=str(run.id),
            at=timezone.now().isoformat().replace("+00:00", "Z"),
            run=run_as_json(run),
        )
        missed = [] if self.after is None else following.rewind(run.id, self.after)
        return following, [connected, *missed]

    def checked(self, following: Following) -> tuple[list[Envelope], str]:
        """Return what was missed, and why the stream must end, if it must."""
        try:
            principal = self.ask()
            if principal is None:
                return [], "access_ended"
            run = access_run(principal, self.run_id)
            return following.catch_up_all(), "" if run.state == Run.State.OPEN else run.state
        except Http404:
            return [], "access_ended"
        except DatabaseError as error:
            log.warning("A stream could not be checked, the next beat will: %s", error)
            return [], ""

    def text(self, event: Envelope) -> str:
        """Return the event as lines.

        A snapshot has an id only if no replay follows it: a client resumes after the last id.
        """
        self.update_count += 1
        data = event.text_for(self.connection_id, self.update_count)
        is_replayed = event["type"] == "connected" and self.after is not None
        is_numbered = "seq" in event and not is_replayed
        id_line = f"id: {event['seq']}\n" if is_numbered else ""
        return f"{id_line}event: {event['type']}\ndata: {data}\n\n"

    def ended(self, reason: str) -> str:
        at = timezone.now().isoformat().replace("+00:00", "Z")
        run_id = str(self.run_id)
        return self.text(Envelope(type="stream_ended", run_id=run_id, reason=reason, at=at))


def asker(request: Request) -> Ask:
    """Return the question who this is, to be asked again while the stream is open."""
    if isinstance(request.auth, ApiKey):
        token = bearer_token(request) or ""

        def by_key() -> Principal | None:
            key = find_api_key(token)
            if key is None or SCOPE not in key.scopes:
                return None
            return member_principal(key.user, frozenset(key.scopes))

        return by_key
    cookies = dict(request.COOKIES)

    def by_session() -> Principal | None:
        return next((p for p in principals_of_cookies(cookies) if p.kind == "member"), None)

    return by_session


def session_of(request: Request) -> str:
    """Return the mark of the browser session, whose end ends the stream."""
    if isinstance(request.auth, ApiKey):
        return "none"
    return session_mark(request.COOKIES.get(settings.SESSION_COOKIE_NAME))


def last_event_id(request: Request) -> int | None:
    """Return the `seq` after which to replay.

    Raises: ValidationError
    """
    text = request.headers.get("Last-Event-ID", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise ValidationError({"Last-Event-ID": ["Give the number of an event."]})
    return int(text[:12])

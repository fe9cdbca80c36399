"""A run's events: numbered without gaps here, told to listeners. The door to the channel layer."""

import asyncio
from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ops import hints
from ops.models import Event, Run

Envelope = dict[str, Any]  # one event as every listener sees it


def record_event(*, run_id: UUID, type: str, payload: dict[str, Any]) -> Event:  # noqa: A002
    """Add the next event of a run to the caller's transaction; it is told once that commits.

    The counter's UPDATE holds the run's row until the commit, so `seq` has no gap and no event is
    visible before the one it follows.

    Raises:
        TransactionManagementError: outside a transaction, where a crash would leave a gap.
        Run.DoesNotExist: no such run.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("record_event needs a transaction.")
    run = Run.objects.filter(pk=run_id)
    if not run.update(last_event_seq=F("last_event_seq") + 1):
        raise Run.DoesNotExist(f"There is no run {run_id}.")
    seq = run.values_list("last_event_seq", flat=True).get()
    transaction.on_commit(hints.tell_events)
    return Event.objects.create(
        run_id=run_id, seq=seq, type=type, payload=payload, at=timezone.now()
    )


def envelope(event: Event) -> Envelope:
    """Return the event as it is sent, on sockets and in Server-Sent Events alike."""
    at = event.at.isoformat().replace("+00:00", "Z")
    head = {"type": event.type, "seq": event.seq, "run_id": str(event.run_id), "at": at}
    return {**event.payload, **head}


def run_group(run_id: UUID | str) -> str:
    """Return the group of the listeners of one run."""
    return f"run.{run_id}"


def board_group(board: str) -> str:
    """Return the group of the listeners of one live board."""
    return f"board.{board}"


def person_group(user_id: int) -> str:
    """Return the group of one person's open connections."""
    return f"person.{user_id}"


class Listener:
    """Hears what is told to some groups, from `async with` on: what comes meanwhile waits."""

    def __init__(self, *groups: str) -> None:
        self._groups = groups
        self._layer = get_channel_layer()
        self._channel = ""

    async def __aenter__(self) -> Self:
        self._channel = await self._layer.new_channel()
        for group in self._groups:
            await self._layer.group_add(group, self._channel)
        return self

    async def __aexit__(self, *_: object) -> None:
        for group in self._groups:
            await self._layer.group_discard(group, self._channel)

    async def hear(self, *, timeout_s: float) -> Envelope | None:
        """Return the next message, None if there is none for so long."""
        try:
            message: Envelope = await asyncio.wait_for(
                self._layer.receive(self._channel), timeout_s
            )
        except TimeoutError:
            return None
        return message


async def announce_sign_out(user_id: int, session: str) -> None:
    """Have this process's live connections of a browser session (by its mark) end at once."""
    message = {"type": "session.ended", "session": session}
    await get_channel_layer().group_send(person_group(user_id), message)


async def announce(events: Iterable[Event]) -> None:
    """Tell the listeners in this process of `events` (each with its run loaded), in order."""
    layer = get_channel_layer()
    for event in events:
        message = {"type": "run.event", "event": envelope(event)}
        await layer.group_send(run_group(event.run_id), message)
        if event.run.board:
            await layer.group_send(board_group(event.run.board), message)

"""A run's events: numbered without gaps here, told to listeners by the hub."""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from ops import hints, hub
from ops.models import Event, Run

COUNT_UP = (
    "update ops_run set last_event_seq = last_event_seq + 1 where id = %s returning last_event_seq"
)


class Envelope(dict[str, Any]):
    """One event as every listener sees it."""

    @cached_property
    def text(self) -> str:
        """JSON, made once however many listeners there are: it must not be changed after that."""
        return json.dumps(self)

    def text_for(self, connection_id: str, update_count: int) -> str:
        """Return the JSON with what differs from listener to listener."""
        own = f'"connection_id": "{connection_id}", "update_count": {update_count}'
        return f"{self.text[:-1]}, {own}}}"


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
    seq = _next_seq(run_id)
    transaction.on_commit(hints.tell_events)
    return Event.objects.create(
        run_id=run_id, seq=seq, type=type, payload=payload, at=timezone.now()
    )


def _next_seq(run_id: UUID) -> int:
    """Count up and read in one statement: the ORM needs two, and every step tells several events.

    Raises: Run.DoesNotExist
    """
    key = run_id if connection.features.has_native_uuid_field else str(run_id).replace("-", "")
    with connection.cursor() as cursor:
        cursor.execute(COUNT_UP, [key])
        row: tuple[int] | None = cursor.fetchone()
    if row is None:
        raise Run.DoesNotExist(f"There is no run {run_id}.")
    return row[0]


def envelope(event: Event) -> Envelope:
    """Return the event as it is sent, on sockets and in Server-Sent Events alike."""
    at = event.at.isoformat().replace("+00:00", "Z")
    head = {"type": event.type, "seq": event.seq, "run_id": str(event.run_id), "at": at}
    return Envelope(event.payload | head)


def run_topic(run_id: UUID | str) -> str:
    """Return the topic of one run."""
    return f"run.{run_id}"


def board_topic(board: str) -> str:
    """Return the topic of one live board."""
    return f"board.{board}"


def person_topic(user_id: int) -> str:
    """Return the topic of one person's open connections."""
    return f"person.{user_id}"


async def announce_sign_out(user_id: int, session: str) -> None:
    """Have this process's live connections of a browser session (by its mark) end at once."""
    hub.tell(person_topic(user_id), {"type": "session.ended", "session": session})


async def announce(events: Iterable[Event]) -> None:
    """Tell the listeners in this process of `events` (each with its run loaded), in order."""
    for event in events:
        message = {"type": "run.event", "event": envelope(event)}
        hub.tell(run_topic(event.run_id), message)
        if event.run.board:
            hub.tell(board_topic(event.run.board), message)

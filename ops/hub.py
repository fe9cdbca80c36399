"""Who listens in this process, and what each has yet to hear.

One hub instead of a group of the channel layer: a message is handed to every listener as it is,
without a copy, and what it costs to make (an event's text) is paid once for all of them.
"""

import asyncio
from collections import defaultdict, deque
from typing import Any, Self

Message = dict[str, Any]
MOST_WAITING = 100  # a listener that is further behind misses messages, and reads them from rows

_listeners: dict[str, dict["Listener", None]] = defaultdict(dict)  # in the order they came


def tell(topic: str, message: Message) -> None:
    """Tell everybody who listens to `topic`.

    Only in the event loop of the process. Who is too far behind loses it: messages are hints.
    """
    for listener in list(_listeners.get(topic, ())):
        listener.put(message)


class Listener:
    """What one listener has yet to hear, in order. Leave it, or it stays for ever."""

    def __init__(self, *topics: str) -> None:
        self._waiting: deque[Message] = deque()
        self._topics: list[str] = []
        self._stirred: asyncio.Future[None] | None = None
        for topic in topics:
            self.join(topic)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def join(self, topic: str) -> None:
        """Listen to `topic` from now on."""
        _listeners[topic][self] = None
        self._topics.append(topic)

    def leave(self) -> None:
        """Listen to nothing any more."""
        for topic in self._topics:
            listeners = _listeners[topic]
            listeners.pop(self, None)
            if not listeners:
                del _listeners[topic]
        self._topics.clear()

    def put(self, message: Message) -> None:
        """Add a message, if there is room."""
        if len(self._waiting) < MOST_WAITING:
            self.remind(message)

    def remind(self, message: Message) -> None:
        """Add a message of the listener's own, room or not."""
        self._waiting.append(message)
        self.wake()

    def next(self) -> Message | None:
        """Return the oldest message, None if there is none."""
        return self._waiting.popleft() if self._waiting else None

    def wake(self, *_: object) -> None:
        """End `stir`, as a message does."""
        if self._stirred is not None and not self._stirred.done():
            self._stirred.set_result(None)

    async def stir(self) -> None:
        """Wait until there is a message, or until somebody calls `wake`. One waits at a time."""
        if self._waiting:
            return
        self._stirred = asyncio.get_running_loop().create_future()
        try:
            await self._stirred
        finally:
            self._stirred = None

    async def hear(self, *, timeout_s: float) -> Message | None:
        """Return the next message, None if there is none for so long."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self._waiting:
                    await self.stir()
        except TimeoutError:
            return None
        return self.next()

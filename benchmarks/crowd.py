"""Many listeners in one process, each as cheap as can be, so that the server is what is measured.

They speak just enough HTTP and WebSocket: one handshake, frames, an answer to pings.
"""

import asyncio
import re
import time
from collections.abc import Callable

from benchmarks.harness import PORT

MARK = re.compile(rb'"mark": (\d+)[,}]')
CONNECTED = b'"type": "connected"'
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
OPEN_AT_ONCE = 20
WITHIN_S = 60


class Crowd:
    """Listeners, and when the last of them heard a mark."""

    def __init__(self) -> None:
        self.ears: list[Ear] = []
        self.connected = 0
        self.heard: dict[int, int] = {}
        self.last_at: dict[int, float] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self.ears)

    async def open(self, requests: list[bytes], make: Callable[["Crowd"], "Ear"]) -> None:
        """Open a connection per request, and wait until each has its snapshot."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(requests), OPEN_AT_ONCE):
            for request in requests[start : start + OPEN_AT_ONCE]:
                transport, ear = await loop.create_connection(lambda: make(self), "127.0.0.1", PORT)
                transport.write(request)
                self.ears.append(ear)
            await self._until(lambda: self.connected >= len(self.ears))

    async def wait_for(self, mark: int) -> float:
        """Return when (monotonic) the last listener heard `mark`."""
        await self._until(lambda: self.heard.get(mark, 0) >= len(self.ears))
        assert self.heard[mark] == len(self.ears), "somebody heard it twice"
        return self.last_at[mark]

    def note(self, payload: bytes) -> None:
        for found in MARK.finditer(payload):
            mark = int(found[1])
            self.heard[mark] = self.heard.get(mark, 0) + 1
            self.last_at[mark] = time.monotonic()
        if CONNECTED in payload:
            self.connected += 1
        self._changed.set()

    async def _until(self, is_true: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not is_true():
                assert not any(ear.is_lost for ear in self.ears), "a listener was cut off"
                self._changed.clear()
                await self._changed.wait()

    def close(self) -> None:
        for ear in self.ears:
            ear.is_lost = False
            ear.transport.abort()


class Ear(asyncio.Protocol):
    """One listener. After the answer's head every byte goes to `take`."""

    status = b"200"

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.is_lost = False
        self.transport: asyncio.Transport
        self._has_head = False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.is_lost = True

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if not self._has_head:
            head, found, rest = self._rest.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.split(b" ", 2)[1] == self.status, head
            self._has_head, self._rest = True, rest
        self._rest = self.take(self._rest)

    def take(self, data: bytes) -> bytes:
        """Note what came; return what is not whole yet. Here: chunks, whose bounds don't matter."""
        whole, end, rest = data.rpartition(b"\n\n")
        if end:
            self.crowd.note(whole)
            return rest
        return data


class SocketEar(Ear):
    """A WebSocket: frames from a server are not masked."""

    status = b"101"

    def take(self, data: bytes) -> bytes:
        while len(data) >= 2:
            kind, size, start = data[0] & 15, data[1], 2
            if size == 126:
                size, start = int.from_bytes(data[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(data[2:10], "big"), 10
            if len(data) < start + size:
                break
            payload, data = data[start : start + size], data[start + size :]
            if kind == TEXT:
                self.crowd.note(payload)
            elif kind == PING:
                # Masked with zeros, as a client's frames must be.
                self.transport.write(bytes((128 + PONG, 128 + size)) + bytes(4) + payload)
            elif kind == CLOSE:
                self.is_lost = True
        return data


def socket_request(path: str, cookie: str, origin: str) -> bytes:
    """Return the handshake of a WebSocket as a browser sends it."""
    return _request(
        path,
        f"Cookie: {cookie}",
        f"Origin: {origin}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )


def stream_request(path: str, cookie: str) -> bytes:
    """Return the request of a Server-Sent Events client."""
    return _request(path, f"Cookie: {cookie}", "Accept: text/event-stream")


def _request(path: str, *headers: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{PORT}", *headers, "", "")
    return "\r\n".join(lines).encode()

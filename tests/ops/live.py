"""A WebSocket and an HTTP client that speak ASGI to the application in this process."""

import asyncio
import json
from http.cookies import SimpleCookie

from channels.db import database_sync_to_async

from config.asgi import application
from ops.tailer import Tailer

WAIT_S = 5
HOST = "localhost:4200"


def play(scenario):
    """Run an async scenario on a fresh loop."""
    return asyncio.run(scenario)


def cookies_of(client):
    """The Cookie header of a signed-in test client."""
    return SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()}).output(
        header="", sep=";"
    )


in_thread = database_sync_to_async  # rows are written from a thread, as another process would


class tailing:  # noqa: N801 - reads as the statement it is
    """A tailer that runs while the context is open."""

    async def __aenter__(self):
        self.tailer = Tailer()
        await self.tailer.start()
        return self.tailer

    async def __aexit__(self, *_):
        await self.tailer.stop()


class Connection:
    """One ASGI connection: what the server sends lands in `sent`."""

    def __init__(self, scope):
        self.scope = scope
        self.inbox = asyncio.Queue()
        self.sent = asyncio.Queue()

    async def start(self):
        self.task = asyncio.create_task(
            application(self.scope, self.inbox.get, self.sent.put), name="application"
        )

    async def received(self, timeout_s=WAIT_S):
        """The server's next message; its failure if it failed."""
        getter = asyncio.create_task(self.sent.get())
        done, _ = await asyncio.wait(
            {getter, self.task}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        if getter in done:
            return getter.result()
        getter.cancel()
        if self.task in done:
            self.task.result()
            if not self.sent.empty():
                return self.sent.get_nowait()
        raise TimeoutError("The server said nothing.")

    async def stop(self):
        self.task.cancel()
        await asyncio.wait({self.task})


class Socket(Connection):
    """`async with Socket(path, cookies=...) as socket`: connected, accepted or not."""

    def __init__(self, path, *, cookies="", origin=f"http://{HOST}", host=HOST):
        headers = [(b"host", host.encode()), (b"cookie", cookies.encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        path, _, query = path.partition("?")
        super().__init__(
            {
                "type": "websocket",
                "asgi": {"version": "3.0"},
                "scheme": "ws",
                "path": path,
                "query_string": query.encode(),
                "headers": headers,
                "client": ("127.0.0.1", 1),
                "server": ("127.0.0.1", 4200),
                "subprotocols": [],
            }
        )

    async def __aenter__(self):
        await self.start()
        await self.inbox.put({"type": "websocket.connect"})
        first = await self.received()
        self.is_accepted = first["type"] == "websocket.accept"
        return self

    async def __aexit__(self, *_):
        await self.inbox.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait({self.task}, timeout=WAIT_S)
        await self.stop()

    async def say(self, text):
        text = text if isinstance(text, str) else json.dumps(text)
        await self.inbox.put({"type": "websocket.receive", "text": text})

    async def heard(self, *, until, timeout_s=WAIT_S):
        """Every message up to the one whose type or `seq` is `until`, heartbeats left out."""
        told = []
        while True:
            message = await self.received(timeout_s)
            if message["type"] == "websocket.close":
                raise ConnectionError(message["code"])
            event = json.loads(message["text"])
            if event["type"] != "heartbeat" or until == "heartbeat":
                told.append(event)
            if until in (event["type"], event.get("seq")) and event["type"] != "connected":
                return told
            if until == event["type"] == "connected":
                return told

    async def closing(self):
        """The code with which the server closes."""
        while (message := await self.received())["type"] != "websocket.close":
            pass
        return message["code"]


class Stream(Connection):
    """An HTTP GET whose answer comes in pieces."""

    def __init__(self, path, headers):
        path, _, query = path.partition("?")
        super().__init__(
            {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": "GET",
                "scheme": "http",
                "path": path,
                "raw_path": path.encode(),
                "query_string": query.encode(),
                "root_path": "",
                "headers": [
                    (b"host", HOST.encode()),
                    *((name.lower().encode(), value.encode()) for name, value in headers.items()),
                ],
                "client": ("127.0.0.1", 1),
                "server": ("127.0.0.1", 4200),
            }
        )
        self.text = ""

    async def __aenter__(self):
        await self.start()
        await self.inbox.put({"type": "http.request", "body": b"", "more_body": False})
        started = await self.received()
        self.status = started["status"]
        self.headers = {name.decode(): value.decode() for name, value in started["headers"]}
        return self

    async def __aexit__(self, *_):
        await self.inbox.put({"type": "http.disconnect"})
        await asyncio.wait({self.task}, timeout=WAIT_S)
        await self.stop()

    async def heard(self, *, until, timeout_s=WAIT_S):
        """Every event up to the one whose type or `seq` is `until`."""
        told = []
        while True:
            block, found, rest = self.text.partition("\n\n")
            if not found:
                message = await self.received(timeout_s)
                self.text += message.get("body", b"").decode()
                continue
            self.text = rest
            lines = dict(line.split(": ", 1) for line in block.splitlines())
            if "data" not in lines:
                if until == "heartbeat":
                    return told
                continue
            event = json.loads(lines["data"])
            told.append({**event, "id": lines.get("id")})
            if until in (event["type"], event.get("seq")) and event["type"] != "connected":
                return told
            if until == event["type"] == "connected":
                return told

    async def body(self):
        """The rest of the answer."""
        while True:
            message = await self.received()
            self.text += message.get("body", b"").decode()
            if not message.get("more_body"):
                return self.text

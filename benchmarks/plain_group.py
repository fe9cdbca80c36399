"""The peer of the fan-outs: Candor's web process with a plain Channels consumer at `/peer/` beside.

What it is told by one client it tells to all by `group_send` of the in-memory channel layer.
"""

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from config.asgi import application as candor  # sets Django up

PATH = "/peer/"
GROUP = "peer"


class Peer(AsyncWebsocketConsumer):  # type: ignore[misc]  # untyped base
    """As Channels' tutorial has it."""

    groups = [GROUP]

    async def connect(self) -> None:
        await self.accept()
        await self.send(text_data=json.dumps({"type": "connected"}))

    async def receive(self, text_data: str = "", bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        message = {"type": "told", "event": json.loads(text_data)}
        await self.channel_layer.group_send(GROUP, message)

    async def told(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message["event"]))


peer = Peer.as_asgi()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Pass each connection to who speaks its protocol."""
    await (peer if scope.get("path") == PATH else candor)(scope, receive, send)

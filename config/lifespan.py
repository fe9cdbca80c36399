"""What starts and stops with a web process: the tailer of live progress."""

from typing import Any

from ops.tailer import Tailer


class Lifespan:
    """ASGI's lifespan protocol."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG002 - ASGI's signature
        tailer = Tailer()
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await tailer.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await tailer.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

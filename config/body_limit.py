"""Refuse large request bodies before Django spools them to disk."""

import json
from http import HTTPStatus
from typing import Any

from ops.problems import MEDIA_TYPE, problem

# Forms and JSON are bounded again, tighter, by their parsers. Media goes to /transfer/, not here.
MAX_BODY_BYTES = 8 * 1024 * 1024


class BoundedBody:
    """Answers 413 by the declared length, or once more than the bound has come in."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if declared_bytes(scope) > MAX_BODY_BYTES:
            await refuse(send)
            return
        received_bytes = 0
        has_answered = False

        async def bounded() -> dict[str, Any]:
            nonlocal received_bytes
            message: dict[str, Any] = await receive()
            received_bytes += len(message.get("body", b""))
            # To Django a body that is too long looks like a client that went away.
            return message if received_bytes <= MAX_BODY_BYTES else {"type": "http.disconnect"}

        async def noted(message: dict[str, Any]) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        await self.application(scope, bounded, noted)
        if received_bytes > MAX_BODY_BYTES and not has_answered:
            await refuse(send)


def declared_bytes(scope: dict[str, Any]) -> int:
    """Return the Content-Length, 0 if there is none."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


async def refuse(send: Any) -> None:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    detail = f"A request body may have up to {MAX_BODY_BYTES} bytes."
    body = json.dumps(problem(status, detail=detail)).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # the rest of the body is not read
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})

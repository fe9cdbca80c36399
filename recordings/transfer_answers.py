"""How the transfer app answers: ASGI messages with the headers that every answer carries."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from ops.problems import MEDIA_TYPE, problem

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


async def start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    """Send status and headers."""
    pairs = [(k.encode(), v.encode("latin-1")) for k, v in (ALWAYS | dict(headers)).items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


async def end(send: Send, body: bytes = b"") -> None:
    """Send the last piece."""
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def answer(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    """Send a short answer."""
    await start(send, status, {"Content-Length": str(len(body))} | dict(headers))
    await end(send, body)


async def problem_answer(
    send: Send, status: int, detail: str, code: str, headers: Mapping[str, str]
) -> None:
    """Send a problem document."""
    document = json.dumps(problem(status, detail=detail, code=code)).encode()
    await answer(send, status, {"Content-Type": MEDIA_TYPE} | dict(headers), document)

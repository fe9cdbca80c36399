"""The ASGI app that moves media: PUT in, GET out, in bounded pieces, each by a signed grant.

Beside Django, not inside it: Django reads a whole PUT before a view may refuse it.
"""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import ExitStack
from typing import Any, BinaryIO

from channels.db import database_sync_to_async
from django.utils import timezone

from ops.failures import by_code
from ops.problems import DATABASE_TROUBLE, DEFAULT_WAIT_S, NOTHING_HERE
from recordings.byte_ranges import ByteRange, UnsatisfiableError, parse_range
from recordings.services.transfers import (
    Served,
    UploadTerms,
    count_served,
    mark_received,
    served_object,
    upload_terms,
)
from recordings.storage import Incoming, local_store
from recordings.transfer_answers import answer, end, problem_answer, start
from recordings.transfer_tokens import PREFIX

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = dict[str, str]

PIECE_BYTES = 256 * 1024
IDLE_S = 60.0  # without a byte for so long, the sender is gone
log = logging.getLogger(__name__)


class RefusedError(Exception):
    """The transfer ends with this status."""

    def __init__(self, status: int, detail: str, code: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code


class GoneError(Exception):
    """The other side went away: nobody is left to answer."""


async def transfer(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve `/transfer/<token>`."""
    method = scope["method"]
    token = scope["path"].removeprefix(PREFIX)
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    try:
        if method == "PUT":
            await take_in(token, headers, receive)
            await answer(send, 200, {})
        elif method in ("GET", "HEAD"):
            await give_out(token, headers, receive, send, is_head=method == "HEAD")
        else:
            allow = {"Allow": "GET, HEAD, PUT"}
            await problem_answer(send, 405, "Only GET, HEAD and PUT are known here.", "", allow)
    except RefusedError as refusal:
        await problem_answer(send, refusal.status, refusal.detail, refusal.code, {})
    except DATABASE_TROUBLE as error:  # asked before the first byte and after the last
        log.warning("A transfer can't be looked up or written down: %s", error)
        away = by_code("database_unavailable")
        wait = {"Retry-After": f"{DEFAULT_WAIT_S:.0f}"}
        await problem_answer(send, 503, away.message, away.code, wait)
    except GoneError:
        log.info("A transfer ended early: the other side went away.")


async def take_in(token: str, headers: Headers, receive: Receive) -> None:
    """Store the body of a PUT that keeps to its grant. Raises RefusedError, GoneError."""
    terms = await database_sync_to_async(upload_terms)(token, now=timezone.now())
    if terms is None:
        raise RefusedError(404, NOTHING_HERE)
    check_headers(terms, headers)
    try:
        with ExitStack() as opened:
            incoming = await asyncio.to_thread(_open, terms, opened)
            async for piece in body(receive):
                if incoming.size_bytes + len(piece) > terms.size_bytes:
                    raise RefusedError(413, "The body is longer than was granted.")
                await asyncio.to_thread(incoming.write, piece)
            if incoming.size_bytes != terms.size_bytes:
                raise RefusedError(400, "The body is shorter than was granted.")
            await keep(terms, incoming)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise RefusedError(507, by_code("disk_full").message, "disk_full") from error


def check_headers(terms: UploadTerms, headers: Headers) -> None:
    """Refuse, before the first byte is read, what the grant does not allow."""
    if not terms.is_open:
        raise RefusedError(412, "This upload has been received already.")
    kind = headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if terms.content_type not in ("", kind):
        raise RefusedError(415, f"The grant is for {terms.content_type}.")
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise RefusedError(411, "Say the length of the body.")
    if int(length) > terms.size_bytes:
        raise RefusedError(413, "The body is longer than was granted.")
    if int(length) < terms.size_bytes:
        raise RefusedError(400, "The body is shorter than was granted.")


async def keep(terms: UploadTerms, incoming: Incoming) -> None:
    """Make the object appear, then note it. Raises RefusedError when another one was quicker."""
    if terms.number:  # a part may come again, until all of them are put together
        await _keep_part(incoming)
        return
    sha256 = incoming.sha256
    try:
        await asyncio.to_thread(incoming.finish)
    except FileExistsError:
        # Another PUT, or this one before a crash, wrote the object whole; the same bytes are fine.
        store = local_store()
        if await asyncio.to_thread(store.sha256, terms.object_key) != sha256:
            raise RefusedError(412, "This upload has been received already.") from None
    if not await database_sync_to_async(mark_received)(upload_id=terms.upload_id, sha256=sha256):
        raise RefusedError(412, "This upload has been received already, or was given up.")


async def _keep_part(incoming: Incoming) -> None:
    try:
        await asyncio.to_thread(incoming.replace)
    except FileNotFoundError:
        raise RefusedError(404, NOTHING_HERE) from None


async def body(receive: Receive) -> AsyncIterator[bytes]:
    """Give the body in pieces of about PIECE_BYTES. Raises GoneError when the sender goes away."""
    held = bytearray()
    more = True
    while more:
        try:
            message = await asyncio.wait_for(receive(), IDLE_S)
        except TimeoutError:
            raise RefusedError(408, "No byte came for too long.") from None
        if message["type"] != "http.request":
            raise GoneError
        held += message.get("body", b"")
        more = message.get("more_body", False)
        if len(held) >= PIECE_BYTES or not more:
            yield bytes(held)
            held.clear()


async def give_out(
    token: str, headers: Headers, receive: Receive, send: Send, *, is_head: bool
) -> None:
    """Send an object, or the part of it that was asked for."""
    served = await database_sync_to_async(served_object)(token, now=timezone.now())
    if served is None:
        raise RefusedError(404, NOTHING_HERE)
    with ExitStack() as opened:
        file = None if served.content is not None else _open_object(served, opened)
        etag = f'"{served.sha256}"'
        wanted = headers.get("range") if headers.get("if-range", etag) == etag else None
        try:
            part = parse_range(wanted, served.size_bytes)
        except UnsatisfiableError:
            span = {"Content-Range": f"bytes */{served.size_bytes}"}
            await problem_answer(send, 416, "The range lies outside the object.", "", span)
            return
        await start(send, 206 if part else 200, object_headers(served, part, etag))
        whole = part or ByteRange(0, served.size_bytes - 1)
        pieces = [] if is_head else _pieces(served, file, whole)
        try:
            await send_pieces(pieces, receive, send)
        finally:
            if file is not None and not is_head:
                await _note_read(served, file.tell() - whole.first)


async def _note_read(served: Served, read_bytes: int) -> None:
    """Have the ledger know, if it can be reached: the answer is sent already."""
    try:
        await database_sync_to_async(count_served)(served, read_bytes)
    except DATABASE_TROUBLE as error:
        log.warning("A transfer is not in the ledger: %s", error)


def object_headers(served: Served, part: ByteRange | None, etag: str) -> Headers:
    """Return the headers of an answer that carries stored bytes."""
    headers = {
        "Content-Type": served.content_type,
        "Content-Length": str(part.length if part else served.size_bytes),
        "Content-Disposition": served.content_disposition,
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": "private, no-cache",  # the browser asks again: access may have ended
    }
    if part:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{served.size_bytes}"
    return headers


async def send_pieces(pieces: Iterable[bytes], receive: Receive, send: Send) -> None:
    """Send until the end, or until the reader is gone: what nobody reads is not read from disk."""
    gone = asyncio.ensure_future(_until_gone(receive))
    iterator = iter(pieces)
    try:
        while piece := await asyncio.to_thread(next, iterator, b""):
            if gone.done():
                raise GoneError
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        gone.cancel()
    await end(send)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass  # the empty body of a GET


def _open(terms: UploadTerms, opened: ExitStack) -> Incoming:
    store = local_store()
    if not terms.number:
        return opened.enter_context(store.receive(terms.object_key))
    try:
        part = store.receive_part(terms.object_key, terms.multipart_id, terms.number)
    except FileNotFoundError:  # put together or given up meanwhile
        raise RefusedError(404, NOTHING_HERE) from None
    return opened.enter_context(part)


def _open_object(served: Served, opened: ExitStack) -> BinaryIO:
    try:
        return opened.enter_context(local_store().path(served.object_key).open("rb"))
    except FileNotFoundError:
        log.exception("A granted object is missing.")
        raise RefusedError(404, NOTHING_HERE) from None


def _pieces(served: Served, file: BinaryIO | None, part: ByteRange) -> Iterable[bytes]:
    if file is None:
        yield (served.content or b"")[part.first : part.last + 1]
        return
    file.seek(part.first)
    rest = part.length
    while rest > 0 and (piece := file.read(min(PIECE_BYTES, rest))):
        rest -= len(piece)
        yield piece

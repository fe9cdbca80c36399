"""A take to record, and the transfer app driven message by message."""

import asyncio

import pytest
from django.utils import timezone

from recordings import services
from recordings.transfer import transfer
from tests.media import samples


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """Two seconds that a browser could have recorded."""
    path = samples.tone(tmp_path_factory.mktemp("sound"), "a.ogg", codec=("-c:a", "libopus"))
    return path.read_bytes()


@pytest.fixture
def response(session):
    return session.responses.order_by("question__order").first()


@pytest.fixture
def take(response):
    return services.start_take(response=response, mode="audio", now=timezone.now())


@pytest.fixture
def grant():
    """grant(take, data) -> UploadGrant for exactly these bytes."""

    def give(take, data, content_type="audio/ogg", sha256="", now=None):
        return services.grant_upload(
            take=take,
            size_bytes=len(data),
            content_type=content_type,
            sha256=sha256,
            now=now or timezone.now(),
        )

    return give


class Answer:
    def __init__(self):
        self.status = None
        self.headers = {}
        self.pieces = []

    @property
    def body(self):
        return b"".join(self.pieces)


async def exchange(method, path, *, headers=None, body=b"", messages=None):
    """Drive the ASGI app; `messages` replaces the body by what receive() gives one by one."""
    answer = Answer()
    queue = list(messages or [{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        if queue:
            return queue.pop(0)
        return await asyncio.Event().wait()

    async def send(message):
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
        else:
            answer.pieces.append(message.get("body", b""))

    pairs = [(k.lower().encode(), str(v).encode()) for k, v in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "headers": pairs}
    await transfer(scope, receive, send)
    answer.unread = len(queue)
    return answer


@pytest.fixture
def http():
    """http(method, path, headers=, body=, messages=) -> Answer."""
    from asgiref.sync import async_to_sync  # noqa: PLC0415

    return async_to_sync(exchange)


@pytest.fixture
def put(http):
    def send(url, data, *, content_type="audio/ogg", **extra):
        headers = {"Content-Type": content_type, "Content-Length": len(data)}
        return http("PUT", url, headers=headers | extra.pop("headers", {}), body=data, **extra)

    return send


@pytest.fixture
def received(grant):
    """received(take, data) -> Upload whose bytes are stored, as the transfer app leaves it."""
    from recordings.models import Upload  # noqa: PLC0415
    from recordings.services.transfers import mark_received  # noqa: PLC0415
    from recordings.storage import get_store  # noqa: PLC0415

    def receive(take, data, content_type="audio/ogg", sha256=""):
        given = grant(take, data, content_type, sha256)
        upload = Upload.objects.select_related("take__response").get(pk=given.upload_id)
        with get_store().receive(upload.object_key) as incoming:
            incoming.write(data)
            incoming.finish()
        mark_received(upload_id=upload.pk, sha256=incoming.sha256)
        upload.refresh_from_db()
        return upload

    return receive


@pytest.fixture
def recorded(received):
    """recorded(take, data) -> Recording of these bytes, about to be verified."""

    def record(take, data, content_type="audio/ogg"):
        upload = received(take, data, content_type)
        return services.complete_upload(upload=upload, now=timezone.now())

    return record


class Unhurried:
    """A stage's Report that notes what it is told."""

    generation, options, missing = 1, {}, ()

    def __init__(self):
        self.shares = []

    def progress(self, share):
        self.shares.append(share)

    def check(self):
        pass

    def child(self, process):
        from contextlib import nullcontext  # noqa: PLC0415

        self.process = process
        return nullcontext()


@pytest.fixture
def report():
    return Unhurried()

"""PUT: one grant, one object, exactly as promised, or nothing."""

import errno
import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from recordings import services, transfer
from recordings.models import Upload
from recordings.storage import Incoming, LocalStore
from recordings.transfer_tokens import transfer_url

DATA = b"OggS" + bytes(range(256)) * 40

# Threads of the app have connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def incoming_files(settings):
    return lambda: list((settings.MEDIA_DIR / "incoming").glob("*"))


def request(data=DATA, **changes):
    headers = {"Content-Type": "audio/ogg", "Content-Length": len(data)} | changes
    return {name: value for name, value in headers.items() if value is not None}


def test_the_promised_bytes_are_kept_with_their_hash(take, grant, put, settings):
    given = grant(take, DATA)
    assert put(given.url, DATA).status == 200
    upload = Upload.objects.get(pk=given.upload_id)
    assert upload.state == "received"
    assert upload.received_sha256 == hashlib.sha256(DATA).hexdigest()
    with LocalStore(settings.MEDIA_DIR).local_path(upload.object_key) as path:
        assert path.read_bytes() == DATA


def test_a_second_put_changes_nothing(take, grant, put, settings):
    given = grant(take, DATA)
    put(given.url, DATA)
    assert put(given.url, DATA[::-1]).status == 412
    upload = Upload.objects.get(pk=given.upload_id)
    with LocalStore(settings.MEDIA_DIR).local_path(upload.object_key) as path:
        assert path.read_bytes() == DATA


def test_a_put_repeated_after_a_crash_before_the_note_succeeds(take, grant, put):
    given = grant(take, DATA)
    put(given.url, DATA)
    Upload.objects.update(state="granted", received_sha256="")  # the crash: object, but no note
    assert put(given.url, DATA[::-1]).status == 412
    assert put(given.url, DATA).status == 200
    assert Upload.objects.get().state == "received"


@pytest.mark.parametrize("moment", ["upload_terms", "mark_received"])
def test_a_put_while_the_database_is_away_may_be_sent_again(take, grant, put, monkeypatch, moment):
    def away(*_, **__):
        raise OperationalError("server closed the connection unexpectedly")

    given = grant(take, DATA)
    with monkeypatch.context() as patch:
        patch.setattr(transfer, moment, away)
        answer = put(given.url, DATA)
    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert put(given.url, DATA).status == 200
    assert Upload.objects.get().state == "received"


def test_every_wrong_token_gives_the_same_answer(take, grant, put, http):
    now = timezone.now()
    given = grant(take, DATA)
    live = given.url
    expired = transfer_url("put", given.upload_id, now - timedelta(seconds=1))
    urls = [
        live[:-1] + ("A" if live[-1] != "A" else "B"),  # a forged signature
        transfer_url("put", uuid4(), now + timedelta(hours=1)),  # no such grant
        transfer_url("get", given.upload_id, now + timedelta(hours=1)),  # made for reading
        expired,
        "/transfer/",
        "/transfer/../../etc/passwd",
    ]
    services.fail_take(take=take, reason="upload_failed", now=now)
    urls.append(live)  # revoked with its take
    answers = [put(url, DATA) for url in urls]
    assert {a.status for a in answers} == {404}
    assert len({a.body for a in answers}) == 1
    assert len({str(sorted(a.headers.items())) for a in answers}) == 1


def test_a_grant_ends_with_its_row_whatever_the_token_says(take, grant, put):
    given = grant(take, DATA)
    Upload.objects.update(expires_at=timezone.now())
    assert put(given.url, DATA).status == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Content-Type": "video/webm"}, 415),
        ({"Content-Type": None}, 415),
        ({"Content-Length": None}, 411),
        ({"Content-Length": "many"}, 411),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": len(DATA) + 1}, 413),
        ({"Content-Length": len(DATA) - 1}, 400),
    ],
)
def test_a_wrong_head_is_refused_before_the_first_byte(
    take, grant, http, changes, status, incoming_files
):
    given = grant(take, DATA)
    answer = http("PUT", given.url, headers=request(**changes), body=DATA)
    assert answer.status == status
    assert answer.unread == 1
    assert answer.headers["content-type"] == "application/problem+json"
    assert Upload.objects.get().state == "granted"
    assert incoming_files() == []


@pytest.mark.parametrize(("body", "status"), [(DATA + b"x", 413), (DATA[:-1], 400)])
def test_a_body_that_breaks_its_promise_is_thrown_away(
    take, grant, http, body, status, incoming_files
):
    given = grant(take, DATA)
    assert http("PUT", given.url, headers=request(), body=body).status == status
    assert Upload.objects.get().state == "granted"
    assert incoming_files() == []


def test_a_sender_that_goes_away_leaves_nothing_and_may_come_back(
    take, grant, http, put, incoming_files
):
    given = grant(take, DATA)
    messages = [
        {"type": "http.request", "body": DATA[:100], "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert http("PUT", given.url, headers=request(), messages=messages).status is None
    assert incoming_files() == []
    assert put(given.url, DATA).status == 200


def test_a_silent_sender_is_not_waited_for(take, grant, http, monkeypatch, incoming_files):
    monkeypatch.setattr("recordings.transfer.IDLE_S", 0.05)
    given = grant(take, DATA)
    messages = [{"type": "http.request", "body": DATA[:100], "more_body": True}]
    assert http("PUT", given.url, headers=request(), messages=messages).status == 408
    assert incoming_files() == []


def test_a_large_body_passes_in_pieces_of_bounded_size(take, grant, http, monkeypatch):
    size, chunk = 8 * 1024 * 1024, 64 * 1024
    written = []
    real = Incoming.write
    monkeypatch.setattr(
        Incoming, "write", lambda self, data: (written.append(len(data)), real(self, data))
    )
    given = grant(take, bytes(size))
    count = size // chunk
    messages = [
        {"type": "http.request", "body": bytes(chunk), "more_body": number < count - 1}
        for number in range(count)
    ]
    headers = {"Content-Type": "audio/ogg", "Content-Length": size}
    assert http("PUT", given.url, headers=headers, messages=messages).status == 200
    assert sum(written) == size
    assert max(written) < 256 * 1024 + chunk


def test_a_full_disk_is_said_plainly(take, grant, put, monkeypatch, incoming_files):
    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Incoming, "write", full)
    given = grant(take, DATA)
    answer = put(given.url, DATA)
    assert answer.status == 507
    assert b"disk_full" in answer.body
    assert incoming_files() == []


def test_a_grant_given_up_during_the_transfer_takes_nothing(take, grant, put, monkeypatch):
    given = grant(take, DATA)
    real = Incoming.finish

    def finish(self):
        real(self)
        Upload.objects.update(state="aborted", revoked_at=timezone.now())
        connection.close()  # this is a thread of its own

    monkeypatch.setattr(Incoming, "finish", finish)
    assert put(given.url, DATA).status == 412
    assert Upload.objects.get().state == "aborted"


def test_other_methods_are_refused(http):
    answer = http("POST", "/transfer/x")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, PUT"

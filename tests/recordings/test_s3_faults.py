"""What can go wrong with a real S3 server: said clearly, tried again where it helps, not lost."""

import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import requests
from django.utils import timezone

from interviews.models import Take
from ops import breakers
from ops.conflicts import StateConflict
from ops.failures import FAILURES, StageFailure
from ops.models import BreakerState
from ops.probes import last_probe
from recordings import s3_options, services
from recordings.models import Recording, Upload
from recordings.stages.prepare import prepare
from recordings.stages.verify import verify
from recordings.storage import S3Store, count_operations
from tests.servers import free_port

pytestmark = pytest.mark.django_db
NOW = timezone.now
DATA = b"OggS" + b"sound" * 100


def row(given):
    return Upload.objects.select_related("take__response__session").get(pk=given.upload_id)


def complete(given):
    return services.complete_upload(upload=row(given), now=NOW())


def send(given, data):
    return requests.put(given.url, data=data, headers=given.headers, timeout=20).status_code


def code_of(call):
    with pytest.raises((StageFailure, StateConflict)) as caught:
        call()
    return caught.value.code


@pytest.fixture
def given(s3, take, grant, sound):
    """An answer whose bytes are in the store; nobody has said so yet."""
    granted = grant(take, sound)
    assert send(granted, sound) == 200
    return granted


@pytest.fixture
def recording(given):
    return complete(given)


@pytest.fixture
def unreachable(settings):
    settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def denied(settings):
    settings.S3_SECRET_ACCESS_KEY = "not-the-secret-of-this-key"


@pytest.fixture
def without_bucket(settings):
    settings.S3_BUCKET = "nowhere-to-be-found"
    Upload.objects.update(bucket="nowhere-to-be-found")
    Recording.objects.update(bucket="nowhere-to-be-found")


@pytest.fixture
def off_by_an_hour(monkeypatch):
    """Requests are signed by a clock that is an hour behind."""
    import botocore.auth  # noqa: PLC0415 - the peer whose clock is set

    def behind(remove_tzinfo=True):
        now = datetime.now(UTC) - timedelta(hours=1)
        return now.replace(tzinfo=None) if remove_tzinfo else now

    monkeypatch.setattr(botocore.auth, "get_current_datetime", behind)


FAULTS = {
    "unreachable": "storage_unavailable",
    "denied": "storage_denied",
    "without_bucket": "config_missing",
    "off_by_an_hour": "storage_clock_wrong",
}


@pytest.mark.parametrize(("fault", "code"), FAULTS.items(), ids=FAULTS)
def test_a_stage_says_what_is_wrong_and_the_next_try_finds_everything(
    request, recording, report, settings, fault, code
):
    before = (settings.S3_ENDPOINT_URL, settings.S3_SECRET_ACCESS_KEY, settings.S3_BUCKET)
    request.getfixturevalue(fault)
    assert code_of(lambda: verify(recording.pk, report)) == code
    request.getfixturevalue("monkeypatch").undo()
    settings.S3_ENDPOINT_URL, settings.S3_SECRET_ACCESS_KEY, settings.S3_BUCKET = before
    Recording.objects.update(bucket=settings.S3_BUCKET)
    BreakerState.objects.all().delete()
    verify(recording.pk, report).write()
    prepare(recording.pk, report).write()
    assert Recording.objects.get().state == "available"


@pytest.mark.parametrize(("fault", "code"), FAULTS.items(), ids=FAULTS)
def test_completing_says_what_is_wrong_and_keeps_the_upload(request, given, take, fault, code):
    request.getfixturevalue(fault)
    assert code_of(lambda: complete(given)) == code
    assert row(given).state == "granted"
    assert Take.objects.get(pk=take.pk).state == "uploading"
    late = NOW() + timedelta(hours=1)
    assert services.abort_stale_uploads(late) == {"completed": 0, "aborted": 0, "waiting": 1}


@pytest.mark.parametrize(("fault", "code"), FAULTS.items(), ids=FAULTS)
def test_health_learns_what_is_wrong(request, s3, fault, code):
    assert services.probe_store(NOW()) == ""
    assert last_probe("storage").is_connected
    request.getfixturevalue(fault)
    assert services.probe_store(NOW()) == code
    assert (last_probe("storage").is_connected, last_probe("storage").code) == (False, code)


def test_the_probe_puts_its_object_once_and_then_only_looks(s3):
    services.probe_store(NOW())
    with count_operations() as made:
        services.probe_store(NOW())
    assert made == {"head": 1}


def test_what_heals_by_itself_is_tried_again_and_what_does_not_calls_for_staff():
    assert not FAILURES["storage_unavailable"].is_permanent
    assert not FAILURES["storage_clock_wrong"].is_permanent
    for code in ("storage_denied", "config_missing", "storage_clock_wrong"):
        assert FAILURES[code].alert


def test_stages_leave_a_store_that_fails_alone(recording, report, unreachable):
    for _ in range(5):
        assert code_of(lambda: verify(recording.pk, report)) == "storage_unavailable"
    assert code_of(lambda: verify(recording.pk, report)) == "breaker_open"
    assert BreakerState.objects.get(pk="storage").failure_code == "storage_unavailable"
    with pytest.raises(StageFailure), breakers.guard("storage"):
        pytest.fail("nobody may pass")


def test_wrong_credentials_open_the_breaker_at_once(recording, report, denied):
    assert code_of(lambda: verify(recording.pk, report)) == "storage_denied"
    assert code_of(lambda: verify(recording.pk, report)) == "breaker_open"


def test_an_object_that_is_gone_is_missing(s3, recording, given, report):
    s3.delete(row(given).object_key)
    assert code_of(lambda: verify(recording.pk, report)) == "media_missing"


def test_a_store_that_gives_other_bytes_is_not_believed(s3, given, recording, report, tmp_path):
    path = tmp_path / "other"
    path.write_bytes(b"x" * recording.size_bytes)
    Recording.objects.update(sha256="0" * 64)  # as promised by the client
    s3.put_file(path, row(given).object_key)
    assert code_of(lambda: verify(recording.pk, report)) == "invalid_media"


@pytest.mark.parametrize("lie", ["size", "type"])
def test_a_store_that_keeps_something_else_is_not_believed(s3, given, take, grant, tmp_path, lie):
    path = tmp_path / "other"
    path.write_bytes(b"x" * (row(given).size_bytes + (lie == "size")))
    kind = "text/html" if lie == "type" else "audio/ogg"
    s3.put_file(path, row(given).object_key, content_type=kind)
    assert code_of(lambda: complete(given)) == "invalid_media"
    assert not s3.exists(row(given).object_key)
    grant(take, DATA)  # the candidate still has the recording


def test_an_upload_whose_part_is_missing_names_it(s3, take, grant, settings):
    settings.MULTIPART_FROM_BYTES = 5 * 1024**2
    data = b"x" * (settings.UPLOAD_PART_BYTES + 1)
    granted = grant(take, data)
    assert send(granted.parts[1], data[-1:]) == 200
    with pytest.raises(StateConflict, match="have not arrived yet: 1") as caught:
        complete(granted)
    assert caught.value.code == "upload_not_received"


def test_a_second_put_never_replaces_what_arrived(s3, given, sound, recording):
    assert send(given, sound) == 412
    assert send(given, b"x" * len(sound)) == 412
    with s3.local_path(recording.object_key) as path:
        assert path.read_bytes() == sound


def test_what_a_session_may_store_is_counted_before_anything_is_signed(s3, take, grant, settings):
    settings.SESSION_QUOTA_BYTES = len(DATA) - 1
    assert code_of(lambda: grant(take, DATA)) == "session_quota_full"
    assert not Upload.objects.exists()


@contextmanager
def deaf_server():
    """Accept connections and never answer."""
    listening = socket.create_server(("127.0.0.1", 0))
    held = []

    def accept():
        while True:
            try:
                held.append(listening.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
        for connection in held:
            connection.close()


def test_a_server_that_never_answers_is_given_up(s3, settings, monkeypatch):
    monkeypatch.setattr(s3_options, "READ_S", 0.3)
    with deaf_server() as port:
        settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{port}"
        assert code_of(lambda: S3Store("any-bucket").exists("org/a/rec/b/c")) == (
            "storage_unavailable"
        )


def test_no_answer_is_lost_while_the_server_is_away(s3, take, grant, sound, seaweedfs, settings):
    """The browser keeps it and asks again; a grant is local work and is given all the same."""
    settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"
    granted = grant(take, sound)
    with pytest.raises(requests.ConnectionError):
        send(granted, sound)
    settings.S3_ENDPOINT_URL = seaweedfs.url
    again = grant(take, sound)
    assert send(again, sound) == 200
    assert complete(again).take_id == take.pk

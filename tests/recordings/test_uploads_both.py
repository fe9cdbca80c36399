"""An upload is granted, sent, resumed and refused alike, whichever store it goes to."""

import hashlib
from datetime import timedelta

import pytest
import requests
from django.db import transaction
from django.db.models import Sum
from django.test import override_settings
from django.utils import timezone

from interviews.models import Take
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from ops.models import UsageEntry
from recordings import services
from recordings.models import Recording, Upload
from recordings.stages.verify import verify
from recordings.storage import get_store, local_store, store_for

pytestmark = pytest.mark.django_db(transaction=True)  # the transfer app has threads
NOW = timezone.now
MIB = 1024 * 1024
LARGE = b"OggS" + b"a" * (5 * MIB) + b"b" * 100
LATER = timedelta(hours=1)


@pytest.fixture(params=["local", "s3"])
def store(request):
    return request.getfixturevalue("s3") if request.param == "s3" else local_store()


@pytest.fixture(autouse=True)
def _small_parts(settings):
    settings.MULTIPART_FROM_BYTES = settings.UPLOAD_PART_BYTES = 5 * MIB


@pytest.fixture
def send(store, http):
    """send(url, headers, data) -> status, as a browser's PUT would get it."""

    def put(place, data, **changed):
        headers = dict(place.headers) | changed
        if store.kind == "local":
            told = headers | {"Content-Length": len(data)}
            return http("PUT", place.url, headers=told, body=data).status
        return requests.put(place.url, data=data, headers=headers, timeout=20).status_code

    return put


@pytest.fixture
def code_of():
    def of(call):
        with pytest.raises((StageFailure, StateConflict)) as caught:
            call()
        return caught.value.code

    return of


def row(given):
    return Upload.objects.select_related("take__response").get(pk=given.upload_id)


def complete(given):
    return services.complete_upload(upload=row(given), now=NOW())


def send_parts(given, send, numbers):
    for part in given.parts:
        if part.number in numbers:
            data = LARGE[part.first_byte : part.first_byte + part.size_bytes]
            assert send(part, data) == 200


def test_one_put_becomes_a_recording_that_leaves_quarantine(
    store, take, grant, send, sound, report
):
    given = grant(take, sound)
    assert send(given, sound) == 200
    recording = complete(given)
    assert complete(given) == recording
    assert (recording.storage_type, recording.bucket) == (store.kind, store.bucket)
    assert recording.object_key.startswith("quarantine/org/")
    effect = verify(recording.pk, report)
    with transaction.atomic():  # as the engine settles it
        effect.write()
    upload, recording = row(given), Recording.objects.get()
    assert recording.object_key == upload.object_key.removeprefix("quarantine/")
    assert recording.sha256 == hashlib.sha256(sound).hexdigest()
    assert Take.objects.get(pk=take.pk).state == "saved"
    assert services.clear_uploads(NOW()) == 0  # its URL still lives: a second PUT must be refused
    assert send(given, sound) in (403, 412)
    assert services.clear_uploads(NOW() + LATER) == 1
    assert store.exists(recording.object_key)
    assert not store.exists(upload.object_key)


def test_what_was_not_verified_stays_in_quarantine(store, take, grant, send):
    given = grant(take, b"no sound at all")
    send(given, b"no sound at all")
    recording = complete(given)
    with transaction.atomic():
        services.record_verifying_dead(recording.pk, "invalid_media")
    assert services.clear_uploads(NOW() + LATER) == 0  # a redrive may look at it again
    assert store.exists(recording.object_key)
    assert services.clear_uploads(NOW() + timedelta(days=40)) == 1
    assert not store.exists(recording.object_key)


@pytest.mark.parametrize("changed", [b"OggS longer!", b"short"])
def test_bytes_of_another_length_are_refused(take, grant, send, code_of, changed):
    given = grant(take, b"OggS right")
    assert send(given, changed) in (400, 403, 413)
    assert code_of(lambda: complete(given)) == "upload_not_received"


def test_bytes_of_another_type_are_refused(take, grant, send, code_of):
    given = grant(take, b"OggS")
    assert send(given, b"OggS", **{"Content-Type": "text/html"}) in (403, 415)
    assert code_of(lambda: complete(given)) == "upload_not_received"


def test_what_arrived_whole_needs_no_other_grant(take, grant, send, code_of):
    for data in (b"OggS", LARGE):
        given = grant(take, data)
        if given.parts:
            send_parts(given, send, {1, 2})
        else:
            send(given, data)
        assert code_of(lambda: grant(take, b"OggS again")) == "upload_received"
        Upload.objects.update(state="aborted")


def test_an_object_is_written_once(store, take, grant, send):
    given = grant(take, b"OggS first")
    assert send(given, b"OggS first") == 200
    assert send(given, b"OggS other") == 412
    with store.local_path(row(given).object_key) as path:
        assert path.read_bytes() == b"OggS first"


def test_other_bytes_than_promised_may_be_sent_again(store, take, grant, send, code_of):
    given = grant(take, b"OggS", sha256=hashlib.sha256(b"else").hexdigest())
    assert send(given, b"OggS") in (200, 400)  # an S3 server compares by itself
    assert code_of(lambda: complete(given)) in ("invalid_media", "upload_not_received")
    assert not store.exists(row(given).object_key)
    grant(take, b"OggS")


def test_parts_arrive_in_any_order_and_are_resumed_from_what_is_there(store, take, grant, send):
    given = grant(take, LARGE)
    assert (given.url, given.part_bytes, len(given.parts)) == ("", 5 * MIB, 2)
    send_parts(given, send, {2})
    assert [(p.number, p.size_bytes) for p in services.arrived_parts(row(given))] == [(2, 104)]
    with pytest.raises(StateConflict, match="have not arrived yet: 1"):
        complete(given)
    fresh = services.renew_upload(upload=row(given), numbers=[1], now=NOW())
    assert [part.number for part in fresh.parts] == [1]
    send_parts(fresh, send, {1})
    recording = complete(given)
    assert complete(given) == recording
    with store.local_path(recording.object_key) as path:
        assert path.read_bytes() == LARGE


def test_a_part_of_another_length_is_refused(take, grant, send):
    given = grant(take, LARGE)
    assert send(given.parts[1], b"b" * 99) in (400, 403)
    assert send(given.parts[1], b"b" * 200) in (403, 413)
    assert services.arrived_parts(row(given)) == ()


def test_a_completion_whose_answer_got_lost_is_finished(store, take, grant, send):
    given = grant(take, LARGE)
    send_parts(given, send, {1, 2})
    upload = row(given)
    parts = services.arrived_parts(upload)
    store.complete_multipart(upload.object_key, upload.multipart_id, parts)
    assert complete(given).size_bytes == len(LARGE)


def test_an_aborted_upload_takes_nothing_more(take, grant, send, code_of):
    given = grant(take, LARGE)
    send_parts(given, send, {1})
    for _ in range(2):
        services.abort_upload(upload=row(given), now=NOW())
    assert send(given.parts[1], LARGE[5 * MIB :]) == 404
    assert code_of(lambda: complete(given)) == "upload_not_received"
    assert services.arrived_parts(row(given)) == ()
    renew = lambda: services.renew_upload(upload=row(given), numbers=[2], now=NOW())  # noqa: E731
    assert code_of(renew) == "upload_ended"
    grant(take, LARGE)  # the take is open still


def test_what_arrived_whole_is_completed_although_the_tab_died(take, grant, send):
    given = grant(take, LARGE)
    send_parts(given, send, {1, 2})
    assert services.abort_stale_uploads(NOW() + LATER)["completed"] == 1
    assert Recording.objects.get().size_bytes == len(LARGE)


def test_parts_wait_a_day_for_the_rest_and_are_then_freed(store, take, grant, send):
    given = grant(take, LARGE)
    send_parts(given, send, {1})
    assert services.abort_stale_uploads(NOW() + LATER)["waiting"] == 1
    late = NOW() + timedelta(hours=26)
    assert services.abort_stale_uploads(late)["aborted"] == 1
    assert services.clear_uploads(late) == 1
    upload = row(given)
    with pytest.raises(FileNotFoundError):
        store.list_parts(upload.object_key, upload.multipart_id)


def test_what_no_row_knows_is_swept(store, response, take, grant, send):
    given = grant(take, b"OggS")
    send(given, b"OggS")
    known = row(grant(services.start_take(response=response, mode="audio", now=NOW()), LARGE))
    key = row(given).object_key
    assert services.sweep_stores(NOW() + timedelta(days=3))["objects"] == 0
    Upload.objects.all().delete()
    swept = services.sweep_stores(NOW() + timedelta(days=3))
    assert (swept["objects"], swept["multiparts"]) == (1, 1)
    assert not store.exists(key)
    with pytest.raises(FileNotFoundError):
        store.list_parts(known.object_key, known.multipart_id)


def test_a_change_of_the_setting_strands_no_upload_and_no_recording(store, take, grant, send):
    given = grant(take, b"OggS")
    send(given, b"OggS")
    other = "local" if store.kind == "s3" else "s3"
    with override_settings(STORAGE=other):
        assert get_store().kind == other
        recording = complete(given)
        assert store_for(recording.storage_type, recording.bucket).exists(recording.object_key)


def test_the_session_pays_for_what_its_upload_made_the_store_do(store, take, grant, send):
    given = grant(take, LARGE)
    send_parts(given, send, {1, 2})
    complete(given)
    session = take.response.session
    entries = UsageEntry.objects.filter(
        organization=session.organization_id, subject_kind="session", subject_id=session.pk
    )
    assert entries.count() == UsageEntry.objects.count()
    counted = dict(entries.values_list("kind").annotate(Sum("quantity")))
    assert counted == {
        "storage_put": 4,  # begin, two parts, complete
        "storage_list": 1,
        "storage_head": 1,
        "url_signed": 2,
        "storage_bytes_in": len(LARGE),
    }

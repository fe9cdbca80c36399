"""Both stores keep to the same behaviour: files on this disk, objects on a real S3 server."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import requests
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models import Sum
from django.utils import timezone

from ops import ledger
from ops.failures import StageFailure
from ops.models import UsageEntry
from recordings.objects import PutTerms
from recordings.s3_options import recordings_storage
from recordings.storage import (
    LocalStore,
    Part,
    S3Store,
    admitted_key,
    count_operations,
    get_store,
    original_key,
    store_for,
    upload_key,
)

pytestmark = pytest.mark.django_db  # the ledger
MIB = 1024 * 1024
LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["local", "s3"])
def store(request, tmp_path):
    if request.param == "s3":
        return request.getfixturevalue("s3")
    return LocalStore(tmp_path / "store")


@pytest.fixture
def key():
    return upload_key(uuid4(), uuid4())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"sound")
    return path


def put_part(store, key, multipart_id, number, data):
    """Send a part as its transfer would."""
    if store.kind == "local":
        with store.receive_part(key, multipart_id, number) as incoming:
            incoming.write(data)
            incoming.replace()
        return 200
    signed = store.signed_put(terms(key, data, number=number, multipart_id=multipart_id))
    return requests.put(signed.url, data=data, headers=signed.headers, timeout=20).status_code


def terms(key, data, **changes):
    told = {
        "upload_id": uuid4(),
        "key": key,
        "content_type": "audio/ogg",
        "size_bytes": len(data),
        "sha256": "",
        "expires_at": timezone.now(),
        "lifetime_s": 60,
    }
    return PutTerms(**told | changes)


def test_a_file_put_comes_back_whole_and_may_be_replaced(store, key, file):
    store.put_file(file, key, content_type="audio/ogg")
    file.write_bytes(b"better sound")
    store.put_file(file, key, content_type="audio/ogg")
    facts = store.head(key)
    assert (facts.size_bytes, facts.storage_class) == (12, "STANDARD")
    with store.fetch(key, size_bytes=12) as fetched:
        assert fetched.path.read_bytes() == b"better sound"
        assert fetched.etag == facts.etag
    store.delete(key)
    assert not store.exists(key)
    store.delete(key)


def test_what_is_not_there_is_not_found(store, key):
    for call in (store.head, store.size, lambda k: store.local_path(k).__enter__()):
        with pytest.raises(FileNotFoundError):
            call(key)
    with pytest.raises(FileNotFoundError):
        store.copy(key, admitted_key(key))


@pytest.mark.parametrize("hostile", ["../etc/passwd", "org/a/rec/b/../c", "quarantine/x", "x", ""])
def test_only_keys_of_ours_are_taken(store, hostile, file):
    for call in (store.head, store.delete, lambda k: store.put_file(file, k)):
        with pytest.raises(ValueError, match="not a storage key"):
            call(hostile)


def test_a_copy_outlives_its_source_and_may_be_made_twice(store, key, file):
    store.put_file(file, key)
    for _ in range(2):
        store.copy(key, admitted_key(key), etag=store.head(key).etag)
    store.delete(key)
    with store.local_path(admitted_key(key)) as path:
        assert path.read_bytes() == b"sound"
    assert list(store.quarantined(LATER)) == []


def test_parts_make_one_object_once(store, key):
    multipart_id = store.begin_multipart(key, content_type="audio/ogg")
    assert store.list_parts(key, multipart_id) == []
    pieces = [b"a" * 5 * MIB, b"b" * 100]
    for number, data in enumerate(pieces, start=1):
        for _ in range(2):  # the answer to the first one got lost
            assert put_part(store, key, multipart_id, number, data) == 200
    parts = store.list_parts(key, multipart_id)
    assert [(part.number, part.size_bytes) for part in parts] == [(1, 5 * MIB), (2, 100)]
    assert not store.exists(key)
    learnt = store.complete_multipart(key, multipart_id, parts)
    whole = hashlib.sha256(b"".join(pieces)).hexdigest()
    assert learnt in ("", whole)
    with store.local_path(key) as path:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == whole
    with pytest.raises((FileNotFoundError, FileExistsError)):
        store.complete_multipart(key, multipart_id, parts)


def test_parts_never_replace_an_object(store, key, file):
    multipart_id = store.begin_multipart(key, content_type="audio/ogg")
    put_part(store, key, multipart_id, 1, b"planted")
    store.put_file(file, key)
    with pytest.raises(FileExistsError):
        store.complete_multipart(key, multipart_id, store.list_parts(key, multipart_id))
    assert store.size(key) == 5


def test_a_part_that_is_not_there_is_not_found(store, key):
    multipart_id = store.begin_multipart(key, content_type="audio/ogg")
    with pytest.raises(FileNotFoundError):
        store.complete_multipart(key, multipart_id, [Part(number=1, size_bytes=1, etag='"0"')])


def test_an_aborted_upload_takes_and_keeps_nothing(store, key):
    multipart_id = store.begin_multipart(key, content_type="audio/ogg")
    put_part(store, key, multipart_id, 1, b"half")
    assert list(store.multiparts_begun(LATER)) == [(key, multipart_id)]
    assert list(store.multiparts_begun(LONG_AGO)) == []
    for _ in range(2):
        store.abort_multipart(key, multipart_id)
    assert list(store.multiparts_begun(LATER)) == []
    with pytest.raises(FileNotFoundError):
        store.list_parts(key, multipart_id)


def test_only_the_quarantine_is_swept(store, key, file):
    store.put_file(file, key)
    store.put_file(file, admitted_key(key))
    assert list(store.quarantined(LATER)) == [key]
    assert list(store.quarantined(LONG_AGO)) == []


def test_every_operation_is_counted(store, key, file):
    with count_operations() as counted:
        store.put_file(file, key)
        store.head(key)
        with store.local_path(key):
            pass
        store.copy(key, admitted_key(key))
        store.delete(key)
        multipart_id = store.begin_multipart(key, content_type="audio/ogg")
        store.list_parts(key, multipart_id)
        store.signed_put(terms(key, b"x"))
    assert counted == {
        "put": 2, "head": 1, "get": 1, "copy": 1, "delete": 1, "list": 1, "sign": 1
    }  # fmt: skip


def test_the_settings_name_the_store_and_rows_name_theirs(s3, settings):
    assert isinstance(get_store(), S3Store)
    assert get_store().bucket == settings.S3_BUCKET
    assert store_for("s3", "another").bucket == "another"
    assert isinstance(store_for("local", ""), LocalStore)
    settings.STORAGE = "local"
    assert isinstance(get_store(), LocalStore)
    with pytest.raises(KeyError):
        store_for("ftp", "")


def test_what_is_not_of_the_promised_size_is_not_fetched(store, key, file):
    store.put_file(file, key)
    with pytest.raises(StageFailure, match="5 bytes are stored, not 4"):
        store.fetch(key, size_bytes=4).__enter__()


def test_only_the_version_that_was_looked_at_is_copied(s3, file):
    key = original_key(uuid4(), uuid4())
    s3.put_file(file, key)
    etag = s3.head(key).etag
    file.write_bytes(b"other")
    s3.put_file(file, key)
    with pytest.raises(FileNotFoundError):
        s3.copy(key, original_key(uuid4(), uuid4()), etag=etag)


def test_what_was_asked_and_moved_is_in_the_ledger(store, key, file):
    with ledger.opened_bill():
        store.put_file(file, key)
        with store.local_path(key):
            pass
        store.head(key)
    sums = UsageEntry.objects.values_list("kind", "provider").annotate(Sum("quantity"))
    counted = {kind: total for kind, provider, total in sums if provider == store.kind}
    out = {"storage_bytes_out": 5} if store.kind == "s3" else {}  # nothing left this machine
    assert counted == out | {
        "storage_put": 1, "storage_get": 1, "storage_head": 1, "storage_bytes_in": 5
    }  # fmt: skip


def test_djangos_own_storage_opens_the_same_bucket(s3, settings, file, key):
    settings.STORAGES = settings.STORAGES | {
        "recordings": recordings_storage(
            settings.STORAGE,
            settings.MEDIA_DIR,
            bucket=settings.S3_BUCKET,
            endpoint_url=settings.S3_ENDPOINT_URL,
            region=settings.S3_REGION,
            access_key_id=settings.S3_ACCESS_KEY_ID,
            secret_access_key=settings.S3_SECRET_ACCESS_KEY,
            addressing=settings.S3_ADDRESSING_STYLE,
        )
    }
    s3.put_file(file, key, content_type="audio/ogg")
    storage = storages["recordings"]
    with storage.open(key) as opened:
        assert opened.read() == b"sound"
    assert storage.size(key) == s3.size(key)
    name = storage.save(admitted_key(key), ContentFile(b"by Django"))
    with s3.local_path(name) as path:
        assert path.read_bytes() == b"by Django"
    storage.delete(name)
    assert not s3.exists(name)


def test_djangos_own_storage_opens_the_same_folder(settings, tmp_path, file, key):
    store = LocalStore(tmp_path / "store")
    entry = recordings_storage("local", store.root)
    settings.STORAGES = settings.STORAGES | {"recordings": entry}
    store.put_file(file, key)
    with storages["recordings"].open(key) as opened:
        assert opened.read() == b"sound"

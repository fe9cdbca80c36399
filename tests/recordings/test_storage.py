"""Objects appear whole, once, under keys of ours, and every operation is counted."""

import errno
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from ops.failures import classify
from recordings import s3_client, s3_signers
from recordings.storage import (
    Incoming,
    LocalStore,
    count_operations,
    forbidden_storage,
    get_store,
    original_key,
    rendition_key,
)
from recordings.transfer_tokens import transfer_url

pytestmark = pytest.mark.django_db  # the ledger


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


@pytest.fixture
def key():
    return original_key(uuid4(), uuid4())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"sound")
    return path


def test_a_file_put_comes_back_whole_and_may_be_replaced(store, key, file):
    store.put_file(file, key)
    file.write_bytes(b"better sound")
    store.put_file(file, key)
    with store.local_path(key) as path:
        assert path.read_bytes() == b"better sound"
    assert store.size(key) == 12
    store.delete(key)
    assert not store.exists(key)
    store.delete(key)


@pytest.mark.parametrize(
    "hostile",
    [
        "../etc/passwd",
        "/etc/passwd",
        "org/a/rec/b/../../../../x",
        "org/a/rec/../x",
        "org/a/rec/b/.hidden",
        "org/a/rec/b/c\x00",
        "org/a/rec/b/c\n",
        "org/a/rec/b/c/d",
        "incoming/x.part",
        "org\\a\\rec\\b\\c",
        "",
    ],
)
def test_no_key_leads_out_of_the_store(store, hostile):
    with pytest.raises(ValueError, match="not a storage key"):
        store.path(hostile)


def test_a_planted_link_leads_nowhere(store, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (store.root / "org").mkdir(parents=True)
    (store.root / "org" / "a").symlink_to(outside)
    with pytest.raises(ValueError, match="not a storage key"):
        store.path("org/a/rec/b/c")


def test_a_received_object_is_written_once(store, key):
    for expected in (None, FileExistsError):
        with store.receive(key) as incoming:
            incoming.write(b"first" if expected is None else b"second")
            if expected:
                with pytest.raises(expected):
                    incoming.finish()
            else:
                incoming.finish()
    with store.local_path(key) as path:
        assert path.read_bytes() == b"first"
    assert list(store.incoming.iterdir()) == []


def test_what_was_not_finished_leaves_nothing(store, key):
    with store.receive(key) as incoming:
        incoming.write(b"half")
    assert not store.exists(key)
    assert list(store.incoming.iterdir()) == []


def test_leftovers_of_dead_processes_are_removed_and_young_files_stay(store, key):
    store.incoming.mkdir(parents=True)
    (store.incoming / "old.part").touch()
    assert store.remove_leftovers(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert store.remove_leftovers(datetime(2100, 1, 1, tzinfo=UTC)) == 1


def test_every_operation_is_counted(store, key, file):
    with count_operations() as counted:
        store.put_file(file, key)
        store.exists(key)
        store.size(key)
        with store.local_path(key):
            pass
        store.delete(key)
    assert counted == {"put": 1, "head": 2, "get": 1, "delete": 1}


def test_a_forbidden_store_raises_on_any_call(key, file):
    with forbidden_storage():
        for call in (
            lambda s: s.exists(key),
            lambda s: s.size(key),
            lambda s: s.delete(key),
            lambda s: s.put_file(file, key),
            lambda s: s.fetch(key),
            lambda s: s.local_path(key).__enter__(),
        ):
            with pytest.raises(AssertionError, match="must not touch"):
                call(get_store())
    assert get_store().kind == "local"


def test_while_storage_is_forbidden_no_signer_and_no_other_store_works_either(store, key):
    deeds = {
        "sign": lambda: transfer_url("get", uuid4(), timezone.now()),
        "head": lambda: store.exists(key),
        "s3 client": s3_client.client,
        "signed_get_url": lambda: get_store().signed_get_url(
            key, signed_at=timezone.now(), lifetime_s=9, content_type="", disposition=""
        ),
    }
    with forbidden_storage() as tried:
        for deed in (*deeds.values(), lambda: s3_signers.signer("b"), s3_client.signing_client):
            with pytest.raises(AssertionError, match="must not touch"):
                deed()
    assert tried == [*deeds, "sign", "s3 client"]
    assert deeds["sign"]()


def test_a_full_disk_is_disk_full(store, key, file, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Incoming, "write", full)
    with pytest.raises(OSError, match="No space left") as caught:
        store.put_file(file, key)
    assert classify(caught.value).code == "disk_full"
    assert list(store.incoming.iterdir()) == []


def test_keys_are_fresh_for_originals_and_the_same_for_renditions():
    organization, owner = uuid4(), uuid4()
    assert original_key(organization, owner) != original_key(organization, owner)
    again = [rendition_key(organization, owner, "speech", "ogg") for _ in range(2)]
    assert again[0] == again[1] == f"org/{organization}/rec/{owner}/speech.ogg"

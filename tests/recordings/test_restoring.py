"""Recordings in an archive class: noticed, restored on request, readable for days. By moto: the
real server of the other tests has no storage classes."""

from datetime import timedelta

import pytest
from django.utils import timezone
from moto import mock_aws

from ops.authentication import member_principal
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from ops.models import AuditEntry
from recordings import services
from recordings.models import Recording, Rendition
from recordings.objects import count_operations
from recordings.s3_client import client
from recordings.s3_store import _restoring
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()
BUCKET = "candor-test"


@pytest.fixture
def aws(settings):
    settings.STORAGE, settings.S3_BUCKET = "s3", BUCKET
    settings.S3_ENDPOINT_URL = settings.S3_PUBLIC_ENDPOINT_URL = ""
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = "testing"
    settings.S3_ADDRESSING_STYLE = "virtual"
    settings.LIFECYCLE_RULE = "classic"
    with mock_aws():
        client().create_bucket(Bucket=BUCKET)
        yield client()


def put(key, storage_class):
    client().put_object(Bucket=BUCKET, Key=key, Body=b"sound", StorageClass=storage_class)


@pytest.fixture
def recording(response, aws):
    """A recording of 91 days whose playback rendition has been moved, its original dropped."""
    row = factories.make_recording(response)
    key = f"org/a/rec/{row.pk}/playback.m4a"
    Rendition.objects.create(
        recording=row, kind="playback", object_key=key, content_type="audio/mp4",
        size_bytes=500_000, sha256="1" * 64,
    )  # fmt: skip
    Rendition.objects.update(created_at=NOW - timedelta(days=91))
    Recording.objects.update(
        storage_type="s3", bucket=BUCKET, state="available", object_key="", original_deleted_at=NOW
    )
    put(key, "GLACIER")
    row.refresh_from_db()
    return row


@pytest.fixture
def cold(recording):
    assert services.note_archived(NOW) == 1
    recording.refresh_from_db()
    return recording


def restore(recording, alice):
    return services.request_restore(principal=member_principal(alice), recording=recording, now=NOW)


def test_what_the_rule_has_moved_is_noticed(cold):
    assert (cold.state, cold.storage_class) == ("cold", "GLACIER")
    assert cold.is_cold(NOW)
    with count_operations() as made:
        assert services.note_archived(NOW) == 0  # it is looked at no more
    assert not made


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": NOW - timedelta(days=89)},
        {"created_at": NOW - timedelta(days=105)},
        {"size_bytes": 1000},
    ],
)
def test_only_what_may_have_moved_lately_is_looked_at(recording, change):
    Rendition.objects.update(**change)
    with count_operations() as made:
        assert services.note_archived(NOW) == 0
    assert not made


def test_the_planners_rule_archives_nothing_and_asks_nothing(recording, settings):
    settings.LIFECYCLE_RULE = "cheapest"
    with count_operations() as made:
        assert services.note_archived(NOW) == 0
    assert not made


def test_what_has_not_moved_yet_stays_available(recording):
    put(recording.renditions.get().object_key, "STANDARD_IA")
    assert services.note_archived(NOW) == 0
    recording.refresh_from_db()
    assert recording.state == "available"


def test_a_restore_is_asked_for_once_and_readable_for_a_week(cold, alice):
    with count_operations() as made:
        restore(cold, alice)
        restore(cold, alice)
    assert made["restore"] == 1
    entry = AuditEntry.objects.get(action="recording.restore_requested")
    assert entry.actor == f"member:{alice.pk}"
    assert services.follow_restores(NOW) == 1
    cold.refresh_from_db()
    assert cold.state == "cold"
    assert timedelta(days=5) < cold.readable_until - NOW <= timedelta(days=8)
    assert not cold.is_cold(NOW)
    assert cold.is_cold(cold.readable_until)


def test_while_it_is_under_way_nothing_is_asked_again(cold, alice, monkeypatch):
    restore(cold, alice)
    monkeypatch.setattr(
        "recordings.s3_store._restoring", lambda _: {"is_restoring": True, "restored_until": None}
    )
    with count_operations() as made:
        assert services.follow_restores(NOW) == 0
    assert dict(made) == {"head": 1}
    cold.refresh_from_db()
    assert cold.state == "restoring"


def test_a_store_that_does_not_answer_is_asked_at_the_next_look(cold, alice, monkeypatch):
    def away(*_, **__):
        raise StageFailure("storage_unavailable")

    with monkeypatch.context() as patch:
        patch.setattr("recordings.s3_store.S3Store.head", away)
        assert restore(cold, alice).state == "restoring"
    services.follow_restores(NOW)
    assert services.follow_restores(NOW) == 1


def test_what_can_be_played_is_not_restored(recording, alice):
    with pytest.raises(StateConflict) as refused:
        restore(recording, alice)
    assert refused.value.code == "not_archived"


def test_when_its_copy_has_gone_it_can_be_asked_for_again(cold, alice):
    Recording.objects.update(readable_until=NOW - timedelta(seconds=1))
    assert restore(cold, alice).state == "restoring"


@pytest.mark.parametrize(
    ("told", "is_restoring", "has_end"),
    [
        ("", False, False),
        ('ongoing-request="true"', True, False),
        ('ongoing-request="false", expiry-date="Fri, 23 Dec 2026 00:00:00 GMT"', False, True),
    ],
)
def test_the_servers_word_on_a_restore_is_read(told, is_restoring, has_end):
    read = _restoring(told)
    assert read["is_restoring"] == is_restoring
    assert (read["restored_until"] is not None) == has_end

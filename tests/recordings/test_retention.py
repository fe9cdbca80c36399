"""Recordings end when their time is over, and not before; whoever is killed in between, it ends."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from interviews.models import ConsentRecord, Session
from interviews.selectors.retention import kept_until
from ops.models import AuditEntry, Run
from recordings import services
from recordings.models import Recording, Rendition, Upload, UrlGrant
from recordings.services import retention
from recordings.storage import get_store, installed_store, local_store, rendition_key
from tests import factories

NOW = timezone.now()
OVER = NOW + timedelta(days=731)
pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The process ends here."""


class Mortal:
    """A store whose process is killed before, or after, its n-th deletion."""

    def __init__(self, store, calls, *, is_late):
        self._store, self.left, self.is_late = store, calls, is_late

    def __getattr__(self, name):
        return getattr(self._store, name)

    def delete(self, key):
        self.left -= 1
        if self.left == 0 and not self.is_late:
            raise Killed
        self._store.delete(key)
        if self.left == 0:
            raise Killed


def put(key, content=b"sound"):
    with get_store().receive(key) as incoming:
        incoming.write(content)
        incoming.replace()
    return incoming.sha256


def add_rendition(recording, kind, extension, content=b"made"):
    key = rendition_key(recording.session.organization_id, recording.pk, kind, extension)
    return Rendition.objects.create(
        recording=recording,
        kind=kind,
        object_key=key,
        content_type="audio/mp4",
        size_bytes=len(content),
        sha256=put(key, content),
    )


@pytest.fixture
def recording(response):
    """An answer with everything that was made of it, handed in now."""
    row = factories.make_recording(response)
    put(row.object_key)
    add_rendition(row, "speech", "ogg")
    add_rendition(row, "playback", "m4a")
    Rendition.objects.create(
        recording=row, kind="poster", inline=b"face", content_type="image/jpeg",
        size_bytes=4, sha256="0" * 64,
    )  # fmt: skip
    Recording.objects.update(state=Recording.State.AVAILABLE, peaks=[1], created_at=NOW)
    Session.objects.update(submitted_at=NOW, state=Session.State.DECIDED)
    row.refresh_from_db()
    return row


def files():
    return [path for path in local_store().root.rglob("*") if path.is_file()]


def agree(session, granted):
    ConsentRecord.objects.create(
        session=session, scope="long_retention", granted=granted,
        notice_version="1", notice_hash="0" * 64,
    )  # fmt: skip


def assert_buried(recording):
    recording.refresh_from_db()
    assert recording.state == Recording.State.DELETED
    assert (recording.deletion_reason, recording.deleted_at) == ("retention_over", OVER)
    assert recording.size_bytes  # what it was stays known
    assert recording.peaks is None
    assert not recording.renditions.exists()
    assert files() == []
    entry = AuditEntry.objects.get(action="recording.deleted")
    assert entry.subject_id == str(recording.pk)
    assert entry.detail["reason"] == "retention_over"


def test_a_recording_is_deleted_when_its_time_is_over_and_a_tombstone_stays(recording):
    assert services.end_retention(OVER) == {"deleted": 1, "waiting": 0}
    assert_buried(recording)
    assert services.end_retention(OVER + timedelta(days=1)) == {"deleted": 0, "waiting": 0}


def test_nothing_is_deleted_a_moment_before(recording):
    assert services.end_retention(NOW + timedelta(days=730, seconds=-1))["deleted"] == 0
    assert len(files()) == 3
    assert services.end_retention(NOW + timedelta(days=730))["deleted"] == 1


@pytest.mark.parametrize(
    ("words", "is_kept"),
    [([True], True), ([], False), ([True, False], False), ([False, True], True)],
)
def test_longer_only_with_the_candidates_newest_word(recording, words, is_kept):
    for granted in words:
        agree(recording.session, granted)
    services.end_retention(OVER)
    recording.refresh_from_db()
    assert (recording.state != Recording.State.DELETED) == is_kept
    services.end_retention(NOW + timedelta(days=1825))
    recording.refresh_from_db()
    assert recording.state == Recording.State.DELETED


def test_the_page_says_the_moment_at_which_it_happens(recording):
    agree(recording.session, granted=True)
    until = kept_until(recording.session, {"long_retention"})
    assert services.end_retention(until - timedelta(seconds=1))["deleted"] == 0
    assert services.end_retention(until)["deleted"] == 1


def test_the_settings_say_how_long(recording, settings):
    settings.RETENTION_D, settings.LONG_RETENTION_D = 10, 5  # more consent is never less time
    agree(recording.session, granted=True)
    assert services.end_retention(NOW + timedelta(days=9))["deleted"] == 0
    assert services.end_retention(NOW + timedelta(days=10))["deleted"] == 1


def test_a_session_that_was_never_handed_in_counts_from_its_start(recording):
    Session.objects.update(submitted_at=None, started_at=NOW - timedelta(days=3))
    Recording.objects.update(created_at=NOW - timedelta(days=3))
    assert services.end_retention(NOW + timedelta(days=727))["deleted"] == 1


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_killed_anywhere_the_next_round_ends_it(recording, calls, is_late):
    with installed_store(Mortal(local_store(), calls, is_late=is_late)), pytest.raises(Killed):
        services.end_retention(OVER)
    recording.refresh_from_db()
    assert recording.state == Recording.State.DELETING  # given out no more
    assert recording.renditions.exists()  # the rows still know what there was
    assert services.end_retention(OVER) == {"deleted": 1, "waiting": 0}
    assert_buried(recording)


def test_killed_before_the_tombstone_the_next_round_writes_it_once(recording, monkeypatch):
    def killed(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(retention.audit, "record", killed)
        with pytest.raises(Killed):
            services.end_retention(OVER)
    recording.refresh_from_db()
    assert recording.state == Recording.State.DELETING
    assert recording.renditions.exists()
    services.end_retention(OVER)
    assert_buried(recording)


def test_what_has_begun_ends_although_a_consent_comes_afterwards(recording):
    """Half of it may be gone: it would not be honest to call it kept."""
    Recording.objects.update(state=Recording.State.DELETING, deletion_reason="retention_over")
    agree(recording.session, granted=True)
    services.end_retention(OVER)
    assert_buried(recording)


def test_a_consent_that_comes_while_the_round_runs_holds(recording):
    due = list(retention.due_recordings(OVER))
    agree(recording.session, granted=True)
    assert due == [recording]
    assert retention.delete_if_due(recording.pk, now=OVER)
    recording.refresh_from_db()
    assert recording.state == Recording.State.AVAILABLE
    assert len(files()) == 3


def test_an_upload_that_was_never_cleared_goes_too(recording):
    key = "quarantine/org/a/rec/b/c"
    put(key)
    Upload.objects.create(
        take=recording.take, object_key=key, content_type="audio/ogg", size_bytes=5,
        state="completed", expires_at=NOW,
    )  # fmt: skip
    services.end_retention(OVER)
    assert_buried(recording)
    assert Upload.objects.get().cleared_at == OVER


def test_urls_given_before_die_with_it(recording):
    grant = UrlGrant.objects.create(
        recording=recording, rendition="playback", purpose="batch", actor="member:1",
        expires_at=OVER + timedelta(hours=1),
    )  # fmt: skip
    services.end_retention(OVER)
    grant.refresh_from_db()
    assert grant.revoked_at == OVER


class Away:
    """A store that does not answer."""

    dependency = ""

    def __getattr__(self, name):
        raise OSError("unreachable")


def test_a_store_that_does_not_answer_is_asked_again_later(recording):
    with installed_store(Away()):
        assert services.end_retention(OVER) == {"deleted": 0, "waiting": 1}
    recording.refresh_from_db()
    assert recording.state == Recording.State.DELETING
    assert services.end_retention(OVER)["deleted"] == 1


def test_a_stage_that_comes_too_late_brings_nothing_back(recording):
    from ops.failures import StageFailure  # noqa: PLC0415 - only here

    services.end_retention(OVER)
    with pytest.raises(StageFailure, match="no longer kept"), transaction.atomic():
        services.record_prepared(recording_id=recording.pk, files=[], peaks=[], quality={})
    assert_buried(recording)


def test_work_on_a_deleted_recording_is_skipped_and_its_tombstone_stays(recording, report):
    from analysis.stages.transcribe import transcribe  # noqa: PLC0415 - only here
    from recordings.stages.prepare import prepare  # noqa: PLC0415 - as above
    from recordings.stages.verify import verify  # noqa: PLC0415 - as above

    services.end_retention(OVER)
    for stage in (verify, prepare, transcribe):
        assert "no longer kept" in stage(recording.pk, report).reason
    with transaction.atomic():
        services.record_verifying_dead(recording.pk, "media_missing")
    assert_buried(recording)


# --- originals --------------------------------------------------------------------------------
LATER = NOW + timedelta(days=31)


def test_an_original_goes_once_its_renditions_are_whole(recording):
    assert services.drop_originals(LATER) == {"dropped": 1, "kept": 0}
    key = recording.object_key
    recording.refresh_from_db()
    assert recording.original_deleted_at == LATER
    assert not get_store().exists(key)
    assert len(files()) == 2
    assert services.drop_originals(LATER) == {"dropped": 0, "kept": 0}


def test_an_original_stays_for_its_days_and_for_ever_with_0(recording, settings):
    assert services.drop_originals(NOW + timedelta(days=29))["dropped"] == 0
    settings.ORIGINAL_RETENTION_D = 0
    assert services.drop_originals(LATER)["dropped"] == 0


def damage(recording):
    rendition = recording.renditions.get(kind="playback")
    put(rendition.object_key, b"made?")


def lose(recording):
    get_store().delete(recording.renditions.get(kind="speech").object_key)


def never_make(recording):
    recording.renditions.filter(kind="speech").delete()


def work(recording):
    session = recording.session
    Run.objects.create(
        organization=session.organization, subject_kind="session", subject_id=session.pk
    )


def answer(_):
    Session.objects.update(state=Session.State.IN_PROGRESS, submitted_at=None)


def refuse(_):
    Recording.objects.update(state=Recording.State.REFUSED)


def wait(_):
    Recording.objects.update(state=Recording.State.STORED)


@pytest.mark.parametrize("speaks_against", [damage, lose, never_make, work, answer, refuse, wait])
def test_an_original_stays_while_anything_speaks_against(recording, speaks_against):
    speaks_against(recording)
    assert services.drop_originals(LATER)["dropped"] == 0
    recording.refresh_from_db()
    assert recording.original_deleted_at is None
    assert get_store().exists(recording.object_key)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_drop_that_was_killed_is_ended_by_the_next_round(recording, is_late):
    with installed_store(Mortal(local_store(), 1, is_late=is_late)), pytest.raises(Killed):
        services.drop_originals(LATER)
    recording.refresh_from_db()
    assert recording.original_deleted_at == LATER
    key = recording.object_key
    assert services.drop_originals(LATER)["dropped"] == 1
    assert not get_store().exists(key)
    assert services.drop_originals(LATER) == {"dropped": 0, "kept": 0}


def test_an_original_that_was_moved_meanwhile_is_dropped_where_it_is(recording):
    class Moving(Mortal):
        def delete(self, key):
            Recording.objects.update(bucket="elsewhere")
            self._store.delete(key)

    with installed_store(Moving(local_store(), 0, is_late=False)):
        assert services.drop_originals(LATER) == {"dropped": 0, "kept": 1}
    recording.refresh_from_db()
    assert recording.object_key
    assert services.drop_originals(LATER) == {"dropped": 1, "kept": 0}


def test_work_that_needs_a_dropped_original_is_skipped_and_not_failed(recording, report):
    from recordings.stages.prepare import prepare  # noqa: PLC0415 - only here
    from recordings.stages.verify import verify  # noqa: PLC0415 - only here

    services.drop_originals(LATER)
    for stage in (verify, prepare):
        assert "no longer kept" in stage(recording.pk, report).reason


def test_a_recording_without_original_is_deleted_in_its_time(recording):
    services.drop_originals(LATER)
    services.end_retention(OVER)
    assert_buried(recording)

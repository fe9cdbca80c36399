"""move_recordings: copied, read back, switched; what goes wrong leaves everything where it was."""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ops.models import Job, UsageEntry
from recordings import services
from recordings.models import Recording, Rendition
from recordings.stages.prepare import prepare
from recordings.stages.verify import verify
from recordings.storage import LocalStore, count_operations, local_store, store_for

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def run(*words):
    out = StringIO()
    call_command("move_recordings", *words, stdout=out)
    return out.getvalue()


def keys(recording):
    made = Rendition.objects.filter(recording=recording).exclude(object_key="")
    return [recording.object_key, *made.values_list("object_key", flat=True)]


def contents(recording):
    store = store_for(recording.storage_type, recording.bucket)
    found = []
    for key in keys(recording):
        with store.local_path(key) as path:
            found.append(path.read_bytes())
    return found


@pytest.fixture
def prepared(s3, settings, recorded, sound, report, response):
    """prepared() -> a recording on this disk with all that is made of it, nothing at work on it."""

    def make():
        settings.STORAGE = "local"
        take = services.start_take(response=response, mode="audio", now=timezone.now())
        recording = recorded(take, sound)
        for stage in (verify, prepare):
            stage(recording.pk, report).write()
        Job.objects.update(state=Job.State.DONE)
        settings.STORAGE = "s3"
        return Recording.objects.get(pk=recording.pk)

    return make


def test_there_and_back_again_every_byte_is_the_same(prepared, s3):
    recording = prepared()
    before = contents(recording)
    assert len(before) == 3
    assert "1 moved, 0 being worked on" in run("--to", "s3")
    recording.refresh_from_db()
    assert (recording.storage_type, recording.bucket) == ("s3", s3.bucket)
    assert contents(recording) == before
    assert local_store().exists(recording.object_key)  # nobody asked to delete it
    assert "0 recordings" in run("--to", "s3")
    told = run("--to", "local", "--delete-sources")
    assert "The sources of 1 recordings are deleted" in told
    recording.refresh_from_db()
    assert (recording.storage_type, recording.bucket) == ("local", "")
    assert contents(recording) == before
    assert not any(s3.exists(key) for key in keys(recording))


def test_a_dry_run_says_how_much_and_moves_nothing(prepared):
    recording = prepared()
    with count_operations() as made:
        told = run("--to", "s3", "--dry-run")
    assert told.startswith("1 recordings (0.")
    assert not made
    recording.refresh_from_db()
    assert recording.storage_type == "local"


def test_what_was_copied_before_it_was_killed_is_not_copied_again(prepared, monkeypatch, s3):
    prepared(), prepared()
    copied = []
    put_file = type(s3).put_file

    def counting(self, path, key, **more):
        copied.append(key)
        if len(copied) == 5:
            raise KeyboardInterrupt
        put_file(self, path, key, **more)

    monkeypatch.setattr(type(s3), "put_file", counting)
    with pytest.raises(KeyboardInterrupt):
        run("--to", "s3")
    assert sorted(Recording.objects.values_list("storage_type", flat=True)) == ["local", "s3"]
    assert "1 moved" in run("--to", "s3")
    assert len(copied) == 5 + 2  # four were whole; the fifth and the sixth were still to come
    assert set(Recording.objects.values_list("storage_type", flat=True)) == {"s3"}


def test_a_source_that_is_damaged_stays_where_it_is_and_others_go_on(prepared):
    damaged, whole = prepared(), prepared()
    path = local_store().path(damaged.object_key)
    path.chmod(0o600)
    path.write_bytes(b"x" * damaged.size_bytes)
    with pytest.raises(CommandError, match="1 were not moved"):
        run("--to", "s3")
    assert Recording.objects.get(pk=damaged.pk).storage_type == "local"
    assert Recording.objects.get(pk=whole.pk).storage_type == "s3"


def test_a_store_that_lies_about_what_it_keeps_is_found_out(prepared, monkeypatch, s3):
    recording = prepared()

    @contextmanager
    def other_bytes(self, key):
        path = local_store().path(recording.object_key).with_name("lie")
        path.write_bytes(b"x" * recording.size_bytes)
        yield path

    monkeypatch.setattr(type(s3), "local_path", other_bytes)
    with pytest.raises(CommandError, match="1 were not moved"):
        run("--to", "s3")
    recording.refresh_from_db()
    assert recording.storage_type == "local"


def test_a_source_that_is_gone_is_said(prepared):
    recording = prepared()
    local_store().delete(recording.object_key)
    out = StringIO()
    with pytest.raises(CommandError, match="1 were not moved"):
        call_command("move_recordings", "--to", "s3", stdout=out)
    assert str(recording.pk) in out.getvalue()


def test_what_a_stage_is_at_stays_until_it_has_ended(prepared):
    recording = prepared()
    Job.objects.filter(subject_id=recording.pk).update(state=Job.State.RUNNING)
    assert "0 moved, 1 being worked on" in run("--to", "s3")
    Job.objects.update(state=Job.State.DONE)
    assert "1 moved" in run("--to", "s3")


def test_what_a_stage_begins_with_meanwhile_stays_too(prepared, monkeypatch, s3):
    recording = prepared()
    put_file = type(s3).put_file

    def beginning(self, path, key, **more):
        Job.objects.filter(subject_id=recording.pk).update(state=Job.State.RUNNING)
        put_file(self, path, key, **more)

    monkeypatch.setattr(type(s3), "put_file", beginning)
    assert "0 moved, 1 being worked on" in run("--to", "s3")
    recording.refresh_from_db()
    assert recording.storage_type == "local"


def test_what_is_archived_or_not_looked_at_waits_and_is_told(prepared, take, recorded, settings):
    cold = prepared()
    Recording.objects.filter(pk=cold.pk).update(state=Recording.State.COLD)
    settings.STORAGE = "local"
    recorded(take, b"OggS")
    told = run("--to", "s3")
    assert "0 recordings" in told
    assert "1 lie in an archive" in told
    assert "1 were not looked at yet" in told


def test_an_original_that_was_dropped_is_not_missed(prepared, s3):
    recording = prepared()
    local_store().delete(recording.object_key)
    Recording.objects.update(original_deleted_at=timezone.now())
    assert "1 moved" in run("--to", "s3")
    assert not s3.exists(recording.object_key)


def test_the_sources_of_an_earlier_move_can_be_deleted_later(prepared):
    recording = prepared()
    run("--to", "s3")
    assert "The sources of 1 recordings are deleted" in run("--to", "s3", "--delete-sources")
    assert not any(local_store().exists(key) for key in keys(recording))
    assert "The sources of 0 recordings" in run("--to", "s3", "--delete-sources")


def test_the_session_pays_for_its_move(prepared):
    recording = prepared()
    UsageEntry.objects.all().delete()
    run("--to", "s3")
    payers = set(UsageEntry.objects.values_list("subject_id", flat=True))
    assert payers == {recording.session_id}
    puts = UsageEntry.objects.get(kind="storage_put", provider="s3")
    assert puts.quantity == 3


def test_a_bucket_has_to_be_named(settings):
    settings.S3_BUCKET = ""
    with pytest.raises(CommandError, match="Set S3_BUCKET"):
        run("--to", "s3", "--bucket", "")
    assert LocalStore.kind == "local"
    with pytest.raises(CommandError, match="--from-bucket"):
        run("--to", "local", "--delete-sources")

"""The session page says until when recordings are kept, and what became of those that are not."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.models import ConsentRecord
from ops.models import AuditEntry
from recordings.models import Recording
from recordings.storage import local_store
from tests import factories
from tests.analysis import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(acme):
    """(key, session, recording) of a session that is ready."""
    interview = factories.make_interview(acme)
    session, recordings, _ = rows.ready_session(interview)
    for recording in recordings:
        kept = recording.renditions.exclude(object_key="").values_list("object_key", flat=True)
        for key in (recording.object_key, *kept):
            with local_store().receive(key) as incoming:
                incoming.write(b"sound")
                incoming.replace()
    return interview.key, session, recordings[0]


@pytest.fixture
def look(place, alice, signed_in):
    key, session, _ = place
    return lambda: signed_in(alice).get(reverse("session_results", args=[key, session.pk]))


def shown(answer):
    return answer.content.decode()


def test_the_page_says_until_when_recordings_are_kept(look, place):
    _, session, _ = place
    until = session.submitted_at + timedelta(days=730)
    assert "Recordings kept until" in shown(look())
    assert f"{until:%b %Y}" in shown(look())
    ConsentRecord.objects.create(
        session=session, scope="long_retention", granted=True,
        notice_version="1", notice_hash="0" * 64,
    )  # fmt: skip
    until = session.submitted_at + timedelta(days=1825)
    assert f"{until:%b %Y}" in shown(look())


def test_an_archived_recording_can_be_fetched_and_its_way_is_shown(look, place, alice, signed_in):
    key, session, recording = place
    Recording.objects.update(state="cold", storage_class="GLACIER")
    before = shown(look())
    assert "Fetch it from the archive" in before
    assert reverse("api_recording_play", args=[key, session.pk, recording.pk]) not in before
    restore = reverse("restore_recording", args=[key, session.pk, recording.pk])
    assert restore in before
    assert signed_in(alice).post(restore).status_code == 302
    # Its files are on this machine: there is nothing to wait for.
    after = shown(look())
    assert "it can be played until" in after
    assert reverse("api_recording_play", args=[key, session.pk, recording.pk]) in after
    Recording.objects.update(state="restoring", readable_until=None)
    assert "on its way out of the archive" in shown(look())


def test_one_that_is_in_no_archive_is_not_fetched(place, alice, signed_in):
    key, session, recording = place
    restore = reverse("restore_recording", args=[key, session.pk, recording.pk])
    answer = signed_in(alice).post(restore, follow=True)
    assert "in no archive" in shown(answer)
    assert not AuditEntry.objects.filter(action="recording.restore_requested").exists()


def test_a_program_can_fetch_it_too(place, alice, signed_in):
    key, session, recording = place
    Recording.objects.update(state="cold", storage_class="GLACIER")
    path = reverse("api_recording_restore", args=[key, session.pk, recording.pk])
    answer = signed_in(alice).post(path)
    assert answer.status_code == 202
    assert answer.json()["recording_id"] == str(recording.pk)
    assert signed_in(alice).post(path).json()["code"] == "not_archived"


def test_of_a_deleted_recording_the_words_stay(look, place):
    _, _, recording = place
    Recording.objects.filter(pk=recording.pk).update(
        state="deleted", deleted_at=timezone.now(), peaks=None
    )
    recording.renditions.all().delete()
    text = shown(look())
    assert "The recording was deleted, as the candidate was promised" in text
    assert "What was read from it stays" in text


def test_a_download_of_a_dropped_original_is_its_playback(place, alice, signed_in):
    key, session, recording = place
    path = reverse("api_recording_download", args=[key, session.pk, recording.pk])
    Recording.objects.update(original_deleted_at=timezone.now())
    assert signed_in(alice).get(path).status_code == 302
    recording.renditions.filter(kind="playback").delete()
    assert signed_in(alice).get(path).status_code == 404

"""Grants and their end: what is allowed, what is kept, what is done twice."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from interviews.models import Session, Take
from interviews.permissions import TAKE_GRACE
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from ops.models import Event, Job, Run
from recordings import services
from recordings.models import Recording, Upload
from recordings.storage import get_store
from recordings.transfer_tokens import grant_of

pytestmark = pytest.mark.django_db
NOW = timezone.now
DATA = b"OggS" + b"sound" * 100


def code_of(call):
    with pytest.raises((StageFailure, StateConflict)) as caught:
        call()
    return caught.value.code


def test_a_grant_names_one_put_of_one_type(take, grant):
    now = NOW()
    given = grant(take, DATA, "audio/webm;codecs=opus", now=now)
    assert (given.method, given.headers) == ("PUT", {"Content-Type": "audio/webm"})
    assert given.expires_at - now == timedelta(seconds=600)
    token = given.url.removeprefix("/transfer/")
    assert grant_of(token, "put", now=now) == given.upload_id
    assert Take.objects.get(pk=take.pk).state == "uploading"


def test_nothing_of_the_candidate_gets_into_the_key(take, grant):
    given = grant(take, DATA)
    upload = Upload.objects.get(pk=given.upload_id)
    organization = take.response.session.organization_id
    assert upload.object_key.startswith(f"quarantine/org/{organization}/rec/{upload.pk}/")


@pytest.mark.parametrize(
    "kind", ["text/html", "image/png", "application/zip", "audio/x-mpegurl", "video/webm/../x", ""]
)
def test_what_is_no_media_is_refused_by_its_type(take, grant, kind):
    assert code_of(lambda: grant(take, DATA, kind)) == "media_type_refused"


def test_empty_and_too_large_files_are_refused(take, grant, settings):
    assert code_of(lambda: grant(take, b"")) == "invalid_media"
    settings.MAX_UPLOAD_BYTES = len(DATA)
    grant(take, DATA)
    assert code_of(lambda: grant(take, DATA + b"x")) == "media_too_large"


def test_a_session_may_not_store_over_its_quota(take, grant, response, recorded, settings):
    settings.SESSION_QUOTA_BYTES = 2 * len(DATA)
    recorded(take, DATA)
    second = services.start_take(response=response, mode="audio", now=NOW())
    assert code_of(lambda: grant(second, DATA + b"x")) == "session_quota_full"
    grant(second, DATA)
    grant(second, DATA)  # replaces the grant before: it is not counted twice


def test_a_newer_grant_ends_the_older_one(take, grant):
    older, newer = grant(take, DATA), grant(take, DATA)
    states = dict(Upload.objects.values_list("pk", "state"))
    assert states == {older.upload_id: "aborted", newer.upload_id: "granted"}


def test_a_take_that_arrived_takes_no_second_upload(take, grant, received):
    upload = received(take, DATA)
    assert code_of(lambda: grant(take, DATA)) == "upload_received"
    services.complete_upload(upload=upload, now=NOW())
    assert code_of(lambda: grant(take, DATA)) == "take_ended"


def test_completing_makes_a_recording_and_starts_its_stages(take, received):
    upload = received(take, DATA)
    recording = services.complete_upload(upload=upload, now=NOW())
    assert recording.sha256 == hashlib.sha256(DATA).hexdigest()
    assert recording.size_bytes == len(DATA)
    assert Take.objects.get(pk=take.pk).state == "verifying"
    run = Run.objects.get(subject_id=recording.session_id)
    assert run.board == recording.session.version.interview.key
    assert Job.objects.get().stage == "verify"
    assert Event.objects.filter(run=run, type="upload").count() == 1


def test_completing_twice_gives_the_same_recording(take, received):
    upload = received(take, DATA)
    first = services.complete_upload(upload=upload, now=NOW())
    again = services.complete_upload(upload=upload, now=NOW())  # as it was read before the first
    upload.refresh_from_db()
    assert services.complete_upload(upload=upload, now=NOW()) == first == again
    assert (Recording.objects.count(), Job.objects.count()) == (1, 1)


def test_what_has_not_arrived_can_not_be_completed(take, grant):
    upload = Upload.objects.get(pk=grant(take, DATA).upload_id)
    code = code_of(lambda: services.complete_upload(upload=upload, now=NOW()))
    assert code == "upload_not_received"


def test_bytes_that_are_not_the_promised_ones_may_be_sent_again(take, received, grant):
    upload = received(take, DATA, sha256="0" * 64)
    assert code_of(lambda: services.complete_upload(upload=upload, now=NOW())) == "invalid_media"
    assert not get_store().exists(upload.object_key)
    grant(take, DATA)


def test_an_object_that_vanished_is_missing(take, received):
    upload = received(take, DATA)
    get_store().delete(upload.object_key)
    assert code_of(lambda: services.complete_upload(upload=upload, now=NOW())) == "media_missing"


def test_an_upload_under_way_at_submit_still_counts(take, received):
    upload = received(take, DATA)
    Session.objects.update(state=Session.State.SUBMITTED)
    services.complete_upload(upload=upload, now=NOW())
    assert Recording.objects.count() == 1


def test_an_upload_after_withdrawal_is_refused(take, received):
    upload = received(take, DATA)
    Session.objects.update(state=Session.State.WITHDRAWN)
    assert code_of(lambda: services.complete_upload(upload=upload, now=NOW())) == "take_ended"
    assert Recording.objects.count() == 0


def test_an_answer_that_arrived_is_completed_although_the_tab_died(take, received):
    received(take, DATA)
    soon = NOW() + timedelta(minutes=1)
    assert services.abort_stale_uploads(soon)["completed"] == 0
    later = NOW() + timedelta(hours=1)
    assert services.abort_stale_uploads(later)["completed"] == 1
    assert Recording.objects.get().take_id == take.pk


def test_grants_that_brought_nothing_end_and_cost_nothing(take, grant):
    grant(take, DATA)
    counts = services.abort_stale_uploads(NOW() + timedelta(hours=1))
    assert counts == {"completed": 0, "aborted": 1, "waiting": 0}
    grant(take, DATA)  # the take is open still


def test_what_can_never_be_completed_is_removed(take, received):
    upload = received(take, DATA)
    Session.objects.update(state=Session.State.WITHDRAWN)
    later = NOW() + timedelta(hours=1)
    assert services.abort_stale_uploads(later)["aborted"] == 1
    assert services.clear_uploads(later) == 1
    assert not get_store().exists(upload.object_key)
    assert Take.objects.get(pk=take.pk).is_counted is False


def test_a_take_that_was_begun_in_time_may_arrive_after_the_deadline(take, grant):
    session = take.response.session
    deadline_at = NOW()
    Take.objects.filter(pk=take.pk).update(started_at=deadline_at - timedelta(seconds=1))
    take.refresh_from_db()
    Session.objects.filter(pk=session.pk).update(deadline_at=deadline_at)
    late = deadline_at + TAKE_GRACE
    assert code_of(lambda: grant(take, DATA, now=late)) == "session_over"
    grant(take, DATA, now=late - timedelta(seconds=1))


def test_a_take_that_was_begun_too_late_may_not(take, grant):
    Session.objects.update(deadline_at=take.started_at)
    now = take.started_at + timedelta(seconds=1)
    assert code_of(lambda: grant(take, DATA, now=now)) == "session_over"

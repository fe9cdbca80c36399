"""verify and prepare as jobs run them: real media, real child, real rows."""

import pytest
from django.utils import timezone

from interviews.models import Response, Take
from interviews.services import submit_response
from ops import jobs
from ops.failures import StageFailure
from ops.models import Job
from recordings import services
from recordings.models import QualityReport, Recording, Rendition
from recordings.stages.prepare import prepare
from recordings.stages.verify import verify
from recordings.storage import get_store
from tests.media import samples

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return samples.video(tmp_path_factory.mktemp("clip"), "clip.webm").read_bytes()


def run_stage(stage, recording, report):
    effect = stage(recording.pk, report)
    effect.write()
    recording.refresh_from_db()
    return effect


def failing(stage, recording, report):
    with pytest.raises(StageFailure) as caught:
        stage(recording.pk, report)
    return caught.value.code


def test_a_verified_take_is_saved(recorded, take, sound, report):
    recording = recorded(take, sound)
    effect = run_stage(verify, recording, report)
    assert effect.media_s == pytest.approx(2, abs=0.1)
    assert (recording.container, recording.audio_codec) == ("ogg", "opus")
    assert recording.duration_ms == pytest.approx(2000, abs=100)
    saved = Take.objects.get(pk=take.pk)
    assert (saved.state, saved.saved_at is not None) == ("saved", True)


def test_nothing_is_written_before_the_effect(recorded, take, sound, report):
    recording = recorded(take, sound)
    verify(recording.pk, report)
    assert Take.objects.get(pk=take.pk).state == "verifying"


def test_a_discarded_take_stays_discarded(recorded, take, sound, report):
    recording = recorded(take, sound)
    services.discard_take(take=take, now=timezone.now())
    run_stage(verify, recording, report)
    assert Take.objects.get(pk=take.pk).state == "discarded"


@pytest.mark.parametrize("data", [b"text that says it is sound", b"OggS" + bytes(500)])
def test_what_is_no_media_costs_no_take_and_opens_the_question_again(
    recorded, take, response, report, data
):
    recording = recorded(take, data)
    submit_response(response=response, now=timezone.now())
    code = failing(verify, recording, report)
    services.record_verifying_dead(recording.pk, code)
    recording.refresh_from_db()
    failed = Take.objects.get(pk=take.pk)
    assert (recording.state, recording.failure_code) == ("refused", "invalid_media")
    assert (failed.state, failed.is_counted) == ("technical_failed", False)
    assert failed.failure_code == "invalid_media"
    assert Response.objects.get(pk=response.pk).state == "open"
    services.start_take(response=response, mode="audio", now=timezone.now())


def test_bytes_changed_in_the_storage_are_noticed(recorded, take, sound, report):
    recording = recorded(take, sound)
    path = get_store().path(recording.object_key)
    path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    assert failing(verify, recording, report) == "invalid_media"
    path.write_bytes(sound + b"more")
    assert failing(verify, recording, report) == "invalid_media"


def test_a_vanished_object_is_missing(recorded, take, sound, report):
    recording = recorded(take, sound)
    get_store().delete(recording.object_key)
    assert failing(verify, recording, report) == "media_missing"


def test_preparing_makes_all_that_a_results_page_needs(recorded, take, sound, report):
    recording = recorded(take, sound)
    run_stage(verify, recording, report)
    run_stage(prepare, recording, report)
    kinds = dict(Rendition.objects.values_list("kind", "content_type"))
    assert kinds == {"speech": "audio/ogg", "playback": "audio/mp4"}
    for rendition in Rendition.objects.all():
        assert get_store().size(rendition.object_key) == rendition.size_bytes
    assert recording.state == "available"
    assert len(recording.peaks) == 100
    assert QualityReport.objects.get().silent_share == pytest.approx(0, abs=0.05)


def test_preparing_again_writes_the_same_objects(recorded, take, sound, report):
    recording = recorded(take, sound)
    run_stage(verify, recording, report)
    run_stage(prepare, recording, report)
    before = set(Rendition.objects.values_list("kind", "object_key", "sha256"))
    run_stage(prepare, recording, report)
    assert set(Rendition.objects.values_list("kind", "object_key", "sha256")) == before


def test_a_video_gets_a_poster_in_its_row(recorded, response, clip, report):
    take = services.start_take(response=response, mode="video", now=timezone.now())
    recording = recorded(take, clip, "video/webm")
    run_stage(verify, recording, report)
    run_stage(prepare, recording, report)
    poster = Rendition.objects.get(kind="poster")
    assert bytes(poster.inline).startswith(b"\xff\xd8")
    assert poster.size_bytes <= 15 * 1024
    assert Rendition.objects.get(kind="playback").content_type == "video/mp4"


def test_an_answer_by_voice_shows_no_picture(recorded, take, clip, report):
    recording = recorded(take, clip, "video/webm")
    run_stage(verify, recording, report)
    run_stage(prepare, recording, report)
    assert set(Rendition.objects.values_list("kind", flat=True)) == {"speech", "playback"}
    assert Rendition.objects.get(kind="playback").content_type == "audio/mp4"


def test_a_recording_that_can_not_be_prepared_says_why_and_stays(recorded, take, sound, report):
    recording = recorded(take, sound)
    run_stage(verify, recording, report)
    services.record_preparing_dead(recording.pk, "stage_timeout")
    recording.refresh_from_db()
    assert (recording.state, recording.failure_code) == ("stored", "stage_timeout")
    assert Take.objects.get(pk=take.pk).state == "saved"
    run_stage(prepare, recording, report)
    assert (recording.state, recording.failure_code) == ("available", "")


def test_a_verification_driven_again_brings_the_take_back(recorded, take, sound, report):
    recording = recorded(take, sound)
    services.record_verifying_dead(recording.pk, "storage_unavailable")
    run_stage(verify, recording, report)
    assert recording.state == "stored"
    saved = Take.objects.get(pk=take.pk)
    assert (saved.state, saved.is_counted) == ("saved", True)


@pytest.mark.django_db(transaction=True)
def test_the_runner_refuses_hostile_media_and_leaves_the_neighbour_unharmed(
    recorded, session, sound
):
    now = timezone.now()
    first, second = session.responses.order_by("question__order")
    good = recorded(services.start_take(response=first, mode="audio", now=now), sound)
    bad = recorded(services.start_take(response=second, mode="audio", now=now), b"#EXTM3U\n")
    jobs.run_due(queue="short", limit=3)
    states = dict(Recording.objects.values_list("pk", "state"))
    assert states == {good.pk: "available", bad.pk: "refused"}
    assert Job.objects.get(subject_id=bad.pk, stage="verify").failure_code == "invalid_media"

"""From a speech rendition to a transcript, by the engine that can and may."""

from decimal import Decimal

import pytest
from django.db import transaction

from analysis.models import Transcript
from analysis.stages.transcribe import transcribe
from interviews.models import ConsentRecord
from ops.failures import StageFailure
from ops.models import BreakerState, UsageEntry
from ops.pipeline import Effect, Skip
from recordings.models import Rendition
from recordings.storage import get_store, rendition_key
from tests import factories
from tests.analysis.sessions import responses
from tests.analysis.wer import errors, plain

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def record(session):
    """record(path) -> a recording whose speech rendition is the file at `path`."""

    def make(path):
        recording = factories.make_recording(responses(session)[0])
        key = rendition_key(session.organization_id, recording.id, "speech", "ogg")
        get_store().put_file(path, key)
        Rendition.objects.create(
            recording=recording,
            kind="speech",
            object_key=key,
            content_type="audio/ogg",
            size_bytes=path.stat().st_size,
            sha256="0" * 64,
            duration_ms=7100,
        )
        return recording

    return make


def run(recording, report):
    outcome = transcribe(recording.id, report)
    assert isinstance(outcome, Effect)
    with transaction.atomic():
        outcome.write()
    return outcome, Transcript.objects.get(recording=recording)


def test_speech_becomes_words_with_times_and_characters(whisper, samples, record, report):
    path, said = next(iter(samples.items()))
    outcome, transcript = run(record(path), report)
    assert errors(said, transcript.text) <= 0.1 * len(plain(said))
    assert transcript.engine == "local_whisper"
    assert transcript.model == "whisper-base"
    assert transcript.state == "ok"
    assert 5000 < transcript.speech_ms < 7100
    assert transcript.confidence > 0.6
    for segment in transcript.segments:
        for word in segment["words"]:
            assert transcript.text[word["start_char"] : word["end_char"]] == word["text"]
            assert 0 <= word["start_ms"] <= word["end_ms"] <= 7200
    assert outcome.media_s == pytest.approx(7.1, abs=0.1)
    assert report.shares[-1] > 0.9


def test_what_was_heard_is_counted_in_seconds(whisper, samples, record, report):
    recording = record(next(iter(samples)))
    run(recording, report)
    entry = UsageEntry.objects.get(kind="audio_s")
    assert (entry.kind, entry.provider) == ("audio_s", "local_whisper")
    assert (entry.subject_kind, entry.subject_id) == ("session", recording.session_id)
    assert entry.quantity == pytest.approx(7.1, abs=0.1)
    assert entry.cost_usd == 0
    assert (entry.saved_by, entry.alternative) == ("local", "openai gpt-transcribe")
    assert entry.saved_usd == pytest.approx(Decimal("0.00053"), abs=Decimal("0.00001"))


def test_silence_is_a_transcript_that_is_not_ratable(whisper, make_audio, record, report):
    path = make_audio("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=4")
    _, transcript = run(record(path), report)
    assert transcript.state == "not_ratable"
    assert transcript.reason == "No speech was found in the recording."
    assert (transcript.text, transcript.speech_ms) == ("", 0)


def test_the_cloud_is_preferred_when_it_may_be_asked(
    whisper, samples, record, report, settings, stub_openai
):
    settings.TRANSCRIBERS = ["openai", "local"]
    server = stub_openai({"text": "And Mister John Dashwood had then leisure to consider."})
    _, transcript = run(record(next(iter(samples))), report)
    assert transcript.engine == "openai"
    assert not transcript.has_word_times
    assert transcript.segments[0]["words"] == []
    assert len(server.requests) == 1


def test_a_wrong_key_falls_back_to_the_local_engine_and_says_why(
    whisper, samples, record, report, settings, llmock
):
    settings.TRANSCRIBERS = ["openai", "local"]
    settings.OPENAI_API_KEY = "wrong"
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    llmock.fail(401, times=None)
    _, transcript = run(record(next(iter(samples))), report)
    assert transcript.engine == "local_whisper"
    (passed,) = transcript.fallbacks
    assert (passed["engine"], passed["code"]) == ("openai", "auth_failed")
    assert passed["reason"]


def test_while_the_clouds_breaker_is_open_the_local_engine_hears_it_and_no_call_is_made(
    whisper, samples, record, report, settings, stub_openai
):
    settings.TRANSCRIBERS = ["openai", "local"]
    server = stub_openai({"text": "never heard"})
    BreakerState.objects.create(dependency="openai.transcribe", forced="open")
    _, transcript = run(record(next(iter(samples))), report)
    assert transcript.engine == "local_whisper"
    assert transcript.fallbacks[0]["code"] == "breaker_open"
    assert server.requests == []


def test_without_consent_to_analysis_nothing_leaves_the_machine(
    whisper, samples, record, report, settings, stub_openai, session
):
    settings.TRANSCRIBERS = ["openai", "local"]
    server = stub_openai({"text": "leaked"})
    factories.give_consent(session, "ai_analysis", granted=False)
    _, transcript = run(record(next(iter(samples))), report)
    assert transcript.engine == "local_whisper"
    assert server.requests == []


def test_without_consent_and_without_a_local_engine_it_is_skipped(
    samples, record, report, settings, stub_openai
):
    settings.TRANSCRIBERS = ["openai", "local"]
    settings.LOCAL_ENGINES = False
    server = stub_openai({"text": "leaked"})
    ConsentRecord.objects.filter(scope="ai_analysis").delete()
    assert isinstance(transcribe(record(next(iter(samples))).id, report), Skip)
    assert server.requests == []


def test_no_engine_at_all_is_a_matter_of_configuration(samples, record, report, settings):
    settings.LOCAL_ENGINES = False
    settings.OPENAI_API_KEY = ""
    with pytest.raises(StageFailure, match="config_missing"):
        transcribe(record(next(iter(samples))).id, report)


def test_a_recording_without_a_speech_rendition_cannot_be_heard(session, report):
    recording = factories.make_recording(responses(session)[0])
    with pytest.raises(StageFailure, match="media_missing"):
        transcribe(recording.id, report)


def test_a_cancelled_job_stops_in_the_middle(whisper, samples, record, make_report):
    recording = record(next(iter(samples)))
    with pytest.raises(InterruptedError):
        transcribe(recording.id, make_report(stop_at=0.05))
    assert not Transcript.objects.exists()


def test_hearing_it_again_replaces_the_transcript(whisper, samples, record, make_report):
    recording = record(next(iter(samples)))
    run(recording, make_report())
    run(recording, make_report())
    assert Transcript.objects.count() == 1

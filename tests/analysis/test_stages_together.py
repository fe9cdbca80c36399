"""All stages in the job engine: a clip and a typed answer become ratings on a reviewer's screen."""

import hashlib

import pytest
from django.db import transaction

from analysis import engines
from analysis.models import AnalysisRun, Evidence, TextMetrics, Transcript
from interviews.models import Session, Take
from ops import jobs
from ops.models import UsageEntry
from ops.receipts import receipt_of
from recordings.models import Recording
from recordings.objects import LEDGER_KINDS
from recordings.storage import count_operations, get_store, original_key
from tests import factories
from tests.analysis.engines import ScriptedTranscriber
from tests.analysis.sessions import responses, submit, type_in

TYPED = (
    "I asked my colleague to explain what worried him, because I did not see the reason. "
    "We agreed to test both designs for two weeks and to count the bugs. "
    "After that the tests ran in four minutes instead of thirty, and he was happy with it."
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def upload(session, path):
    recording = factories.make_recording(responses(session)[0], size_bytes=path.stat().st_size)
    key = original_key(session.organization_id, recording.id)
    Recording.objects.filter(pk=recording.pk).update(
        object_key=key, sha256=hashlib.sha256(path.read_bytes()).hexdigest()
    )
    get_store().put_file(path, key)
    return recording


def process(session, recordings):
    run = jobs.open_run(
        organization_id=session.organization_id,
        subject_kind="session",
        subject_id=session.id,
        board=session.version.interview.key,
        expected_recordings=len(recordings),
    )
    for recording in recordings:
        with transaction.atomic():
            jobs.add_recording(run_id=run.id, subject_id=recording.id)
    submit(session)
    jobs.seal(run_id=run.id, recordings=len(recordings))
    jobs.run_due()
    session.refresh_from_db()


def test_a_clip_and_a_typed_answer_end_in_ratings_and_a_ready_session(whisper, samples, session):
    type_in(responses(session)[1], TYPED)
    recording = upload(session, next(iter(samples)))
    process(session, [recording])
    assert session.state == Session.State.READY_FOR_REVIEW
    assert session.missing == []
    assert "John Dashwood" in Transcript.objects.get(recording=recording).text
    assert TextMetrics.objects.count() == 2
    assert AnalysisRun.objects.get().ratings.count() == 2
    assert Evidence.objects.exists()


def test_a_dead_transcription_leaves_the_other_answer_rated_and_says_so(samples, session, settings):
    settings.LOCAL_ENGINES = False
    settings.OPENAI_API_KEY = ""
    type_in(responses(session)[1], TYPED)
    recording = upload(session, next(iter(samples)))
    process(session, [recording])
    assert session.state == Session.State.READY_FOR_REVIEW
    assert {"stage": "transcribe", "subject_id": str(recording.id), "code": "config_missing"} in (
        session.missing
    )
    assert Take.objects.get().state == Take.State.SAVED
    levels = AnalysisRun.objects.get().ratings.order_by("response__question__order")
    assert [rating.level is None for rating in levels] == [True, False]
    assert levels[0].rationale == "The recording could not be transcribed."


def test_without_consent_to_analysis_there_is_a_transcript_and_no_rating(whisper, samples, session):
    factories.give_consent(session, "ai_analysis", granted=False)
    process(session, [upload(session, next(iter(samples)))])
    assert session.state == Session.State.READY_FOR_REVIEW
    assert Transcript.objects.exists()
    assert not AnalysisRun.objects.exists()


def test_a_session_without_recordings_is_rated_as_soon_as_it_is_submitted(session):
    type_in(responses(session)[1], TYPED)
    process(session, [])
    assert session.state == Session.State.READY_FOR_REVIEW
    assert AnalysisRun.objects.get().ratings.filter(level__isnull=False).count() == 1


def test_the_receipt_of_a_session_adds_up_to_the_calls_that_were_counted(
    samples, session, settings, monkeypatch
):
    """Of the whole pipeline, of steps that fail, too."""
    heard = ScriptedTranscriber("openai", "gpt-transcribe", is_cloud=True)
    monkeypatch.setattr(engines, "transcribers", lambda: [heard])
    settings.OPENAI_API_KEY = ""
    recording = upload(session, next(iter(samples)))
    UsageEntry.objects.all().delete()  # of the upload, which nobody was charged for here
    with count_operations() as counted:
        process(session, [recording])
        process(session, [])
    receipt = receipt_of(session.id)
    told = {line.kind: int(line.quantity) for line in receipt.lines if line.unit in ("call", "url")}
    assert told == {LEDGER_KINDS[name]: times for name, times in counted.items()}
    assert receipt.storage_calls == sum(times for name, times in counted.items() if name != "sign")
    assert receipt.storage_calls > 0
    assert (len(heard.calls), receipt.audio_s) == (1, 2.1)  # seven words of 300 ms
    rows = UsageEntry.objects.filter(subject_id=session.id)
    assert receipt.cost_usd == sum(row.cost_usd for row in rows)
    assert UsageEntry.objects.exclude(subject_id=session.id).count() == 0

"""Ratings that may wait: handed in once at llmock's batches, fetched once, cleared away."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from llmock.routers import batch as provider

from analysis import model_batches
from analysis.engines.openai_batches import OpenAIBatches
from analysis.models import AnalysisRun, ModelBatch
from analysis.stages.evaluate import evaluate
from ops.models import Job, Run, UsageEntry
from ops.pipeline import Effect, Wait
from tests.analysis.sessions import responses, say, submit, type_in
from tests.analysis.test_stages_evaluate import GOOD, TYPED, obedient

pytestmark = [
    pytest.mark.django_db,
    # llmock leaves the spool of an uploaded file to the collector
    pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile"),
]
State = ModelBatch.State


@pytest.fixture
def answered(session):
    spoken, typed = responses(session)
    say(spoken, GOOD)
    type_in(typed, TYPED)
    submit(session)
    return session


@pytest.fixture
def batches(llmock, settings, monkeypatch):
    """llmock, whose batches stay open until `ready()`; its replies fit the schema."""
    settings.OPENAI_API_KEY = "test-key"
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    monkeypatch.setattr(provider, "_BATCH_DELAY", 3600.0)
    monkeypatch.setattr(provider, "_files", {})
    monkeypatch.setattr(provider, "_batches", {})
    monkeypatch.setattr(
        provider, "_build_response", lambda _path, body: obedient()(json.dumps(body))
    )

    def ready():
        for each in provider._batches.values():
            each["ready_at"] = 0

    llmock.ready = ready
    llmock.made = lambda: len(provider._batches)
    llmock.direct = lambda: sum(r.path.endswith("/chat/completions") for r in llmock.requests)
    return llmock


@pytest.fixture
def stage(answered, make_report):
    """stage() -> what the stage returns, its write carried out; the run is that of one job."""
    run = Run.objects.create(
        organization_id=answered.organization_id,
        subject_kind="session",
        subject_id=answered.id,
        board=answered.version.interview.key,
    )
    job = Job.objects.create(
        run=run,
        stage="evaluate",
        subject_kind="session",
        subject_id=answered.id,
        run_at=timezone.now(),
    )

    def work(**options):
        report = make_report(run_id=run.id, options={"may_wait": True} | options)
        result = evaluate(answered.id, report)
        with transaction.atomic():
            if isinstance(result, Effect) or result.write:
                result.write()
        return result

    work.job = job
    return work


def test_a_run_that_may_wait_hands_in_once_and_fetches_once(stage, batches):
    first = stage()
    assert isinstance(first, Wait)
    assert first.after == model_batches.FIRST_LOOK
    assert isinstance(stage(), Wait)
    batches.ready()
    assert isinstance(stage(), Effect)
    assert batches.made() == 1
    assert batches.direct() == 0
    assert AnalysisRun.objects.get(provider="openai").ratings.count() == 2
    row = ModelBatch.objects.get()
    assert (row.state, row.looks) == (State.ANSWERED, 2)


def test_the_reading_by_rule_stands_while_the_batch_waits(stage, batches):
    stage()
    assert AnalysisRun.objects.get().provider == "deterministic"
    stage()
    batches.ready()
    stage()
    assert AnalysisRun.objects.filter(provider="deterministic").count() == 1


def test_tokens_of_a_batch_are_counted_at_its_price(stage, batches):
    stage()
    batches.ready()
    stage()
    kinds = set(UsageEntry.objects.filter(provider="openai").values_list("kind", flat=True))
    assert {"batch_tokens_in", "batch_tokens_out"} <= kinds
    assert not {"tokens_in", "tokens_out"} & kinds
    entry = UsageEntry.objects.exclude(saved_by="batching").get(kind="batch_tokens_in")
    assert (entry.saved_by, entry.saved_quantity) == ("batch_api", entry.quantity)


def test_without_the_word_it_is_asked_directly(stage, batches, settings):
    batches.reply("no JSON", times=None)
    for may_wait, setting in ((False, "asked"), (True, "never")):
        settings.BATCH_RATINGS = setting
        with pytest.raises(Exception, match="output_invalid"):
            stage(may_wait=may_wait)
    assert batches.direct() == 2
    assert not ModelBatch.objects.exists()
    settings.BATCH_RATINGS = "always"
    assert isinstance(stage(may_wait=False), Wait)


def test_a_worker_killed_after_handing_in_finds_its_batch_again(stage, batches):
    stage()
    ModelBatch.objects.update(state=State.SUBMITTING, batch_id="")  # it never came to write it down
    assert isinstance(stage(), Wait)
    assert batches.made() == 1
    batches.ready()
    assert isinstance(stage(), Effect)


def test_a_worker_killed_before_handing_in_hands_in_then(stage, batches, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(OpenAIBatches, "submit", killed)
        with pytest.raises(KeyboardInterrupt):
            stage()
    assert ModelBatch.objects.get().state == State.SUBMITTING
    assert isinstance(stage(), Wait)
    assert batches.made() == 1


def killed(*_):
    raise KeyboardInterrupt


def test_a_worker_killed_after_fetching_fetches_again_and_pays_once(stage, batches, monkeypatch):
    stage()
    batches.ready()
    with monkeypatch.context() as patch:
        patch.setattr(model_batches, "close", killed)
        with pytest.raises(KeyboardInterrupt):
            stage()
    assert isinstance(stage(), Effect)
    assert batches.made() == 1
    assert batches.direct() == 0


def test_after_the_deadline_it_is_asked_directly(stage, batches):
    stage()
    ModelBatch.objects.update(deadline_at=timezone.now())
    batches.reply("no JSON", times=None)
    with pytest.raises(Exception, match="output_invalid"):
        stage()
    assert ModelBatch.objects.get().state == State.LATE
    assert batches.direct() == 1


def test_a_batch_that_the_provider_gave_up_is_asked_directly(stage, batches):
    stage()
    for each in provider._batches.values():
        each["status"] = "expired"
    batches.reply("no JSON", times=None)
    with pytest.raises(Exception, match="output_invalid"):
        stage()
    assert ModelBatch.objects.get().state == State.FAILED
    assert batches.direct() == 1


def test_a_server_without_batches_is_asked_directly(stage, batches):
    batches.fail(404, times=1)
    batches.reply("no JSON", times=None)
    with pytest.raises(Exception, match="output_invalid"):
        stage()
    assert ModelBatch.objects.get().state == State.FAILED
    assert batches.direct() == 1


def test_an_outage_while_looking_only_waits_longer(stage, batches):
    stage()
    batches.fail(503, times=1)
    assert isinstance(stage(), Wait)
    batches.ready()
    assert isinstance(stage(), Effect)


def test_an_outage_while_handing_in_is_tried_again_by_policy(stage, batches):
    batches.fail(503, times=1)
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the SDK's own classes
        stage()
    assert "503" in str(raised.value)
    assert isinstance(stage(), Wait)
    assert batches.made() == 1


def test_a_reply_that_is_no_rating_is_paid_for_and_asked_directly_then(stage, batches, monkeypatch):
    wrong = {"choices": [], "id": "x", "object": "chat.completion", "created": 1, "model": "m"}
    monkeypatch.setattr(provider, "_build_response", lambda *_: wrong)
    stage()
    batches.ready()
    batches.reply("no JSON", times=None)
    for _ in range(2):
        with pytest.raises(Exception, match="output_invalid"):
            stage()
    assert batches.made() == 1


def test_forced_ratings_by_a_batch_are_made_anew_and_once(stage, batches):
    stage()
    batches.ready()
    stage()
    ModelBatch.objects.update(run_id=uuid.uuid4())  # it was another run's
    for _ in range(2):
        assert isinstance(stage(force=True), Wait)
    batches.ready()
    assert isinstance(stage(force=True), Effect)
    assert batches.made() == 2
    assert AnalysisRun.objects.filter(provider="openai").count() == 2


def test_pauses_grow_with_the_wait_and_end_at_the_deadline(stage, batches):
    stage()
    now = timezone.now()
    ModelBatch.objects.update(created_at=now - timedelta(minutes=8))
    assert timedelta(seconds=110) < stage().after < timedelta(seconds=130)
    ModelBatch.objects.update(created_at=now - timedelta(hours=9))
    assert stage().after == model_batches.LONGEST_PAUSE
    ModelBatch.objects.update(deadline_at=timezone.now() + timedelta(minutes=2))
    assert stage().after <= timedelta(minutes=2)


def test_what_was_fetched_is_deleted_at_the_provider(stage, batches):
    stage()
    batches.ready()
    stage()
    assert model_batches.clear_ended(timezone.now()) == 1
    assert provider._files == {}
    assert ModelBatch.objects.get().is_cleared
    assert model_batches.clear_ended(timezone.now()) == 0


def test_what_nobody_waits_for_any_more_is_cancelled_and_deleted(stage, batches):
    stage()
    assert model_batches.clear_ended(timezone.now()) == 0  # its job still waits
    Job.objects.update(state=Job.State.CANCELLED)
    assert model_batches.clear_ended(timezone.now()) == 1
    assert {each["status"] for each in provider._batches.values()} == {"cancelled"}
    assert provider._files == {}
    assert ModelBatch.objects.get().state == State.DROPPED


def test_what_an_erased_session_handed_in_is_deleted_too(stage, batches, answered):
    stage()
    row = ModelBatch.objects.get()
    assert row.session == answered
    Job.objects.all().delete()
    ModelBatch.objects.update(session=None)  # what the database does when it is erased
    assert model_batches.clear_ended(timezone.now()) == 1
    assert provider._files == {}


def test_clearing_is_tried_again_when_the_provider_is_away(stage, batches):
    stage()
    batches.ready()
    stage()
    batches.fail(503, times=1)
    assert model_batches.clear_ended(timezone.now()) == 0
    assert model_batches.clear_ended(timezone.now()) == 1

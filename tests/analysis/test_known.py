"""Nothing is paid for twice: transcripts by audio, ratings by their whole input."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction

from analysis import engines, known, spending
from analysis.caches import REPLIES, TRANSCRIPTS
from analysis.engines.base import Answer, Audio, Span
from analysis.models import AnalysisRun
from analysis.spending import Payer
from analysis.stages.evaluate import evaluate
from analysis.stages.transcribe import transcribe
from interviews.models import ConsentRecord
from ops import cache_stats
from ops.models import CacheEntry, UsageEntry
from tests import factories
from tests.analysis.engines import ScriptedTranscriber
from tests.analysis.sessions import hear, responses, say, submit, type_in
from tests.analysis.test_stages_evaluate import GOOD, TYPED, obedient

pytestmark = pytest.mark.django_db


def facts(cache):
    return next(f for f in cache_stats.caches_report().caches if f.cache == cache)


@pytest.fixture
def only_cloud(cloud, monkeypatch):
    monkeypatch.setattr(engines, "transcribers", lambda: [cloud])
    return cloud


@pytest.fixture
def answered(session):
    """One spoken and one typed answer, submitted."""
    spoken, typed = responses(session)
    say(spoken, GOOD)
    type_in(typed, TYPED)
    submit(session)
    return session


# --- words -----------------------------------------------------------------------------------


def test_the_same_audio_is_heard_once(only_cloud, recordings, make_report):
    first = transcribe(recordings[0].id, make_report())
    again = transcribe(recordings[0].id, make_report())
    with transaction.atomic():
        first.write()
        again.write()
    assert len(only_cloud.calls) == 1
    assert (facts(TRANSCRIPTS).asked, facts(TRANSCRIPTS).hits) == (2, 1)
    spent, spared = UsageEntry.objects.filter(kind="audio_s").order_by("pk")
    assert (spent.quantity, spent.saved_by) == (2.1, "")
    assert (spared.quantity, spared.saved_by, spared.saved_quantity) == (0, "cache", 60)
    assert spared.saved_usd == Decimal("0.0045")
    assert facts(TRANSCRIPTS).saved_usd == Decimal("0.0001575")  # what it had cost


def test_a_forced_run_hears_it_again(only_cloud, recordings, make_report):
    transcribe(recordings[0].id, make_report())
    transcribe(recordings[0].id, make_report(options={"force": True}))
    assert len(only_cloud.calls) == 2


def test_other_audio_another_model_and_another_consent_are_heard_themselves(
    only_cloud,
    recordings,
    session,
    make_report,
):
    transcribe(recordings[0].id, make_report())
    transcribe(recordings[1].id, make_report())
    only_cloud._model = "gpt-transcribe-2"
    transcribe(recordings[0].id, make_report())
    assert len(only_cloud.calls) == 3
    only_cloud.sends_data_away = False
    ConsentRecord.objects.create(
        session=session, scope="ai_analysis", granted=False, notice_version="1", notice_hash="x"
    )
    transcribe(recordings[0].id, make_report())
    assert len(only_cloud.calls) == 4


def test_the_same_audio_in_another_organization_is_not_known(tmp_path, session):
    engine = ScriptedTranscriber("openai", "m", is_cloud=True)
    audio = Audio(tmp_path / "a.ogg", 1000, "en")
    ours = Payer(organization_id=session.organization_id, session_id=session.id)
    rival = factories.make_organization("Rival")
    theirs = Payer(organization_id=rival.id, session_id=session.id)
    key = known.audio_key(ours, engine, audio, "ab", "recording")
    known.keep_words(ours, engine, key, hear("What they said."))
    assert known.words_of(ours, engine, key, 1000) is not None
    other = known.audio_key(theirs, engine, audio, "ab", "recording")
    assert known.words_of(theirs, engine, other, 1000) is None


def test_what_was_heard_comes_back_word_for_word(session):
    engine = ScriptedTranscriber("openai", "m", is_cloud=True)
    payer = Payer(organization_id=session.organization_id, session_id=session.id)
    said = replace(hear("Eins zwei.\nDrei vier."), pauses=(Span(1, 2),), reasons={"x": "y"})
    for heard in (said, replace(said, pauses=None, segments=())):
        known.keep_words(payer, engine, "key", heard)
        assert known.words_of(payer, engine, "key", 1) == heard


def test_an_erased_session_leaves_nothing_in_the_caches(only_cloud, recordings, session, report):
    transcribe(recordings[0].id, report)
    entry = CacheEntry.objects.get()
    assert (entry.subject_id, entry.organization_id) == (session.id, session.organization_id)
    assert entry.label == "openai gpt-transcribe"
    assert known.forget_session(session.id) == 1
    assert not CacheEntry.objects.exists()


# --- ratings ---------------------------------------------------------------------------------


def rate(session, report):
    outcome = evaluate(session.id, report)
    with transaction.atomic():
        outcome.write()


def test_a_reply_whose_job_died_is_not_paid_for_again(answered, make_report, stub_openai):
    server = stub_openai(obedient(level=4))
    evaluate(answered.id, make_report())  # killed before anything of it was committed
    rate(answered, make_report())
    assert len(server.requests) == 1
    assert AnalysisRun.objects.get(provider="openai").tokens_in == 1200
    assert (facts(REPLIES).asked, facts(REPLIES).hits) == (2, 1)
    assert facts(REPLIES).saved_tokens == 1280
    spared = UsageEntry.objects.filter(saved_by="cache")
    assert dict(spared.values_list("kind", "saved_quantity")) == {
        "model_calls": 1,
        "tokens_in": 1200,
        "tokens_out": 80,
    }


def test_ratings_that_stand_are_a_hit(answered, make_report, stub_openai):
    server = stub_openai(obedient(level=4))
    rate(answered, make_report())
    rate(answered, make_report())
    assert len(server.requests) == 1
    assert (facts(REPLIES).asked, facts(REPLIES).hits) == (2, 1)


def test_a_useless_reply_is_not_kept(answered, make_report, stub_openai):
    stub_openai(obedient(level=9))
    with pytest.raises(Exception, match="output_invalid"):
        evaluate(answered.id, make_report())
    assert not CacheEntry.objects.filter(cache="analysis").exists()


def test_forced_the_model_is_asked_again(answered, make_report, stub_openai):
    server = stub_openai(obedient(level=4))
    rate(answered, make_report())
    rate(answered, make_report(options={"force": True}))
    assert len(server.requests) == 2


def test_one_call_for_two_answers_spares_one_and_most_of_the_instructions(
    answered,
    report,
    stub_openai,
):
    stub_openai(obedient(level=4))
    rate(answered, report)
    spared = dict(
        UsageEntry.objects.filter(saved_by="batching").values_list("kind", "saved_quantity")
    )
    assert spared["model_calls"] == 1
    assert 0.4 * 1200 < spared["tokens_in"] < 1200


# --- cheaper tokens --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "rows"),
    [
        (
            {"tokens_in": 1_000_000, "tokens_cached": 400_000, "tokens_out": 0},
            {
                ("tokens_in", "", "0.15", None),
                ("tokens_cached", "prompt_cache", "0.01", "0.09"),
                ("tokens_out", "", "0", None),
            },
        ),
        (
            {"tokens_in": 1_000_000, "tokens_out": 1_000_000, "is_batched": True},
            {
                ("batch_tokens_in", "batch_api", "0.125", "0.125"),
                ("batch_tokens_out", "batch_api", "1", "1"),
            },
        ),
    ],
)
def test_cheaper_tokens_save_the_difference_of_the_prices(session, reply, rows):
    payer = Payer(organization_id=session.organization_id, session_id=session.id)
    spending.count_reply(payer, "openai", Answer(text="", model="gpt-5-mini", **reply))
    found = UsageEntry.objects.exclude(kind="model_calls")
    assert {(row.kind, row.saved_by, row.cost_usd, row.saved_usd) for row in found} == {
        (kind, by, Decimal(cost), None if saved is None else Decimal(saved))
        for kind, by, cost, saved in rows
    }

"""A session that is longer than the model can read at once is asked in parts, and only then."""

import json
from datetime import timedelta

import httpx
import openai
import pytest

from analysis import engines, second_opinion
from analysis.engines.openai_language import OpenAILanguageModel
from analysis.material import load_material
from analysis.model_batches import Pending
from analysis.models import AnalysisRun, Rating
from analysis.prompts import build
from interviews.models import Response
from ops.models import UsageEntry
from tests import factories
from tests.analysis.sessions import responses, type_in
from tests.analysis.test_embeddings import CountingEmbedder
from tests.analysis.test_stages_evaluate import obedient, run

pytestmark = pytest.mark.django_db
LONG = "I pulled the logs for forty failed invoices, and compared them. " * 12


@pytest.fixture(autouse=True)
def _quick_reading(monkeypatch):
    monkeypatch.setattr(engines, "embedder", CountingEmbedder)


@pytest.fixture
def long_session(acme):
    """Six answers."""
    texts = tuple(f"What did you do in case {number}?" for number in range(6))
    session = factories.make_session(factories.make_interview(acme, questions=texts))
    for response in responses(session):
        type_in(response, LONG)
    Response.objects.filter(session=session).update(state="submitted")
    return session


def asked_ids(server, index):
    content = json.loads(server.requests[index][1])["messages"][1]["content"]
    return [answer["id"] for answer in json.loads(content.split("\n")[1])["answers"]]


def test_one_call_is_enough_for_what_fits(long_session, report, stub_openai):
    server = stub_openai(obedient())
    run(long_session, report)
    assert len(server.requests) == 1
    assert "reply" in AnalysisRun.objects.get(provider="openai").raw_output


def test_what_does_not_fit_is_asked_in_parts_and_put_together(
    long_session, report, stub_openai, settings
):
    server = stub_openai(obedient())
    settings.OPENAI_CONTEXT_TOKENS = 2200
    run(long_session, report)
    parts = [asked_ids(server, index) for index in range(len(server.requests))]
    assert 1 < len(parts) < 6
    assert [each for part in parts for each in part] == [f"A{n}" for n in range(1, 7)]
    analysis = AnalysisRun.objects.get(provider="openai")
    assert Rating.objects.filter(analysis=analysis, level=5).count() == 6
    assert analysis.tokens_in == 1200 * len(parts)
    assert len(analysis.raw_output["replies"]) == len(parts)
    counted = UsageEntry.objects.filter(kind="tokens_in").values_list("quantity", flat=True)
    assert sum(counted) == 1200 * len(parts)


def test_an_answer_that_fits_nowhere_is_a_part_of_its_own(
    long_session, report, stub_openai, settings
):
    server = stub_openai(obedient())
    settings.OPENAI_CONTEXT_TOKENS = 10
    run(long_session, report)
    assert [asked_ids(server, n) for n in range(6)] == [[f"A{n}"] for n in range(1, 7)]


def too_long(*_, **__):
    answer = httpx.Response(400, request=httpx.Request("POST", "http://x"))
    body = {"code": "context_length_exceeded", "message": "maximum context length is 8192 tokens"}
    raise openai.BadRequestError("maximum context length", response=answer, body=body)


def test_a_model_that_reads_less_than_thought_is_asked_in_halves(
    long_session, report, stub_openai, monkeypatch
):
    server = stub_openai(obedient())
    ask, sizes = OpenAILanguageModel.answer, []

    def reads_little(self, *, data, **more):
        sizes.append(data.count('"said"'))
        return too_long() if sizes[-1] > 2 else ask(self, data=data, **more)

    monkeypatch.setattr(OpenAILanguageModel, "answer", reads_little)
    run(long_session, report)
    assert sizes == [6, 3, 1, 2, 3, 1, 2]
    assert len(server.requests) == 4
    assert Rating.objects.filter(analysis__provider="openai", level=5).count() == 6


def test_a_single_answer_that_is_too_long_is_written_down_as_such(
    long_session, report, stub_openai, monkeypatch
):
    stub_openai(obedient())
    monkeypatch.setattr(OpenAILanguageModel, "answer", too_long)
    run(long_session, report)
    failed = AnalysisRun.objects.get(provider="openai")
    assert failed.failure_code == "context_too_long"
    assert AnalysisRun.objects.get(provider="deterministic").ratings.count() == 6


def test_parts_are_known_again_each_by_itself(long_session, report, stub_openai, settings):
    settings.OPENAI_CONTEXT_TOKENS = 2200
    server = stub_openai(obedient())
    run(long_session, report)
    asked = len(server.requests)
    AnalysisRun.objects.all().delete()
    run(long_session, report)
    assert len(server.requests) == asked


def test_all_parts_are_handed_in_before_any_is_waited_for(long_session, settings):
    settings.OPENAI_CONTEXT_TOKENS = 2200
    handed_in = []

    def ask(prompt, _sizes):
        handed_in.append(prompt.part)
        raise Pending(timedelta(seconds=10 * len(handed_in)))

    with pytest.raises(Pending) as raised:
        second_opinion.rate_session(load_material(long_session), OpenAILanguageModel(), ask)
    assert len(set(handed_in)) == len(handed_in) > 1
    assert raised.value.after == timedelta(seconds=10)


def test_a_prompt_for_all_has_no_part():
    assert build([], []).part == ""

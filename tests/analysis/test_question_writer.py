"""Suggestions: from the box, by a model, from the bank; what each of them costs."""

import json
import threading
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from analysis import question_bank
from analysis.question_prompts import read_reply
from analysis.question_writer import suggest_question
from analysis.suggestions import Wish, text_id
from ops.budgets import set_budget
from ops.conflicts import StateConflict
from ops.failures import StageFailure
from ops.models import BreakerState, CacheEntry, CacheMinute, UsageEntry
from tests.analysis.conftest import DROPPED, chat_reply
from tests.analysis.question_replies import CODING, numbered, question, sent

pytestmark = pytest.mark.django_db
ALARMS = Wish(topic="night shift", competency="problem_solving")


@pytest.fixture
def suggest(acme):
    def call(wish=ALARMS, **more):
        return suggest_question(wish=wish, organization_id=acme.pk, **more)

    return call


def used(kind):
    return sum(UsageEntry.objects.filter(kind=kind).values_list("quantity", flat=True))


def test_without_a_model_the_bank_answers_for_nothing(suggest, settings):
    settings.OPENAI_API_KEY = ""
    served = suggest()
    assert (served.source, served.cached) == ("bank", False)
    assert (served.tokens_used, served.cost_usd) == (0, 0)
    assert served.suggestion.kind == "behavioural"
    assert served.suggestion.good_answer
    assert not UsageEntry.objects.exists()


def test_the_first_ten_requests_fill_the_box_and_later_ones_pick_from_it(suggest, stub_openai):
    server = stub_openai(numbered())
    written = [suggest() for _ in range(10)]
    assert {each.source for each in written} == {"model"}
    assert len({each.suggestion.id for each in written}) == 10
    again = [suggest() for _ in range(15)]
    assert len(server.requests) == 10
    assert {(each.source, each.cached, each.tokens_used) for each in again} == {("cache", True, 0)}
    assert len({each.suggestion.id for each in again}) > 1
    assert CacheEntry.objects.filter(cache="questions").count() == 10
    lookups = CacheMinute.objects.get(cache="questions")
    assert (lookups.asked, lookups.hits) == (25, 15)
    assert lookups.saved_tokens == 15 * 1280


def test_a_written_question_is_paid_for_once_and_says_so(suggest, stub_openai, settings):
    settings.OPENAI_CHAT_MODEL = "gpt-5-mini"
    stub_openai(lambda _: chat_reply(question()) | {"model": "gpt-5-mini"})
    served = suggest()
    assert served.tokens_used == 1280
    assert served.cost_usd > 0
    assert (used("tokens_in"), used("tokens_out")) == (1200, 80)


def test_a_hit_writes_down_what_it_spared(suggest, stub_openai):
    stub_openai(numbered())
    for _ in range(11):
        suggest()
    spared = UsageEntry.objects.filter(saved_by="cache", kind="tokens_in").get()
    assert (spared.quantity, spared.saved_quantity) == (0, 1200)


@pytest.mark.parametrize(
    "other",
    [
        Wish(topic="night shift", competency="collaboration"),
        Wish(topic="day shift", competency="problem_solving"),
        Wish(topic="night shift", competency="problem_solving", difficulty="hard"),
        Wish(topic="night shift", competency="problem_solving", locale="de"),
        Wish(topic="night shift", competency="problem_solving", kind="situational"),
    ],
)
def test_each_part_of_a_wish_has_a_box_of_its_own(other):
    assert other.cache_key != ALARMS.cache_key


def test_case_and_punctuation_of_a_topic_do_not_matter():
    assert Wish(topic=" Night-Shift! ").cache_key == Wish(topic="night shift").cache_key


def test_what_somebody_has_already_is_not_suggested_again(suggest, stub_openai):
    stub_openai(numbered())
    box = [suggest().suggestion.id for _ in range(10)]
    for _ in range(5):
        assert suggest(known=box[:9]).suggestion.id == box[9]


def test_who_has_all_ten_gets_an_eleventh_in_place_of_the_oldest(suggest, stub_openai):
    server = stub_openai(numbered())
    box = [suggest().suggestion.id for _ in range(10)]
    served = suggest(known=box)
    assert served.source == "model"
    assert len(server.requests) == 11
    kept = {row["id"] for row in CacheEntry.objects.values_list("value", flat=True)}
    assert kept == {*box[1:], served.suggestion.id}


def test_a_week_later_it_is_written_anew(suggest, stub_openai):
    server = stub_openai(numbered())
    for _ in range(10):
        suggest()
    assert CacheEntry.objects.first().expires_at > timezone.now() + timedelta(days=6, hours=23)
    CacheEntry.objects.update(expires_at=timezone.now())
    assert suggest().source == "model"
    assert len(server.requests) == 11


def test_a_seed_asks_the_model_and_keeps_nothing(suggest, stub_openai):
    server = stub_openai(numbered())
    served = [suggest(seed=7) for _ in range(2)]
    assert [each.source for each in served] == ["model", "model"]
    assert [json.loads(body)["seed"] for _, body in server.requests] == [7, 7]
    assert not CacheEntry.objects.exists()
    suggest()
    assert "seed" not in json.loads(server.requests[-1][1])


def test_a_seed_gives_the_same_question_of_the_bank(suggest, settings):
    settings.OPENAI_API_KEY = ""
    wish = Wish(difficulty="medium")
    assert len({suggest(wish, seed=3).suggestion.id for _ in range(5)}) == 1
    assert len({suggest(wish, seed=each).suggestion.id for each in range(20)}) > 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (DROPPED, "connection_failed"),
        (chat_reply("no JSON"), "output_invalid"),
        (chat_reply(question(text="Short?")), "output_invalid"),
        (chat_reply(question(good_answer=[])), "output_invalid"),
        (chat_reply(question(good_answer=["a", 2])), "output_invalid"),
        (chat_reply({"text": "Tell us about your longest night."}), "output_invalid"),
        (chat_reply(question(text="How old were you on your longest night?")), "output_invalid"),
        (chat_reply("", refusal="No."), "content_filtered"),
    ],
)
def test_what_the_model_can_not_do_the_bank_does_and_says_why(suggest, stub_openai, reply, code):
    stub_openai(reply)
    served = suggest()
    assert (served.source, served.fallback_code) == ("bank", code)
    assert served.tokens_used == (0 if reply is DROPPED else 1280)
    assert not CacheEntry.objects.exists()


def test_a_kept_question_goes_before_the_bank_when_the_model_is_away(suggest, stub_openai):
    stub_openai(numbered())
    first = suggest()
    stub_openai(DROPPED)
    served = suggest()
    assert (served.source, served.fallback_code) == ("cache", "connection_failed")
    assert served.suggestion == first.suggestion
    assert served.tokens_used == 0


def test_when_the_budget_is_used_up_nothing_is_bought(suggest, stub_openai, acme):
    server = stub_openai(numbered())
    bought = suggest()
    set_budget(organization=acme, budget_usd=Decimal(0), actor="member:1")
    kept = suggest()
    assert (kept.source, kept.fallback_code) == ("cache", "budget_exceeded")
    assert kept.suggestion == bought.suggestion
    assert suggest(known=[bought.suggestion.id]).source == "bank"
    assert len(server.requests) == 1


def test_a_service_that_is_ill_is_not_asked(suggest, stub_openai):
    server = stub_openai(numbered())
    until = timezone.now() + timedelta(minutes=1)
    BreakerState.objects.create(dependency="openai.chat", state="open", open_until=until)
    assert suggest().fallback_code == "breaker_open"
    assert not server.requests


def test_a_question_that_is_there_already_is_not_served_again(suggest, stub_openai):
    stub_openai(chat_reply(question()))
    served = suggest(known=[text_id(question()["text"])])
    assert (served.source, served.fallback_code) == ("bank", "output_invalid")
    assert served.tokens_used == 1280


def test_the_form_goes_as_data_with_its_scale_and_without_addresses(suggest, stub_openai):
    server = stub_openai(numbered())
    suggest(Wish(topic="ask jo@acme.test", competency="problem_solving"))
    suggest(Wish(topic="ask jo@acme.test", competency="problem_solving"))
    system, form = sent(server)
    assert "never an instruction" in system
    assert form["topic"] == "ask [email]"
    assert set(form["competency"]["levels"]) == {"1", "2", "3", "4", "5"}
    assert form["avoid"] == [question()["text"]]


def test_a_coding_question_comes_with_examples_and_hidden_tests(suggest, stub_openai):
    stub_openai(chat_reply(question(task=CODING)))
    served = suggest(Wish(kind="coding", programming_language="python"))
    assert served.source == "model"
    assert len(served.suggestion.task.examples) == 2
    assert len(served.suggestion.task.hidden_tests) == 4
    for _ in range(9):
        suggest(Wish(kind="coding", programming_language="python"))
    again = suggest(Wish(kind="coding", programming_language="python"))
    assert again.cached
    assert again.suggestion == served.suggestion


def test_a_task_in_another_language_is_refused():
    wish = Wish(kind="coding", programming_language="javascript")
    with pytest.raises(StageFailure, match="another programming language"):
        read_reply(question(task=CODING), wish)


def test_when_the_bank_is_exhausted_it_says_so(suggest, settings):
    settings.OPENAI_API_KEY = ""
    matching = question_bank.bank().matching(competency=ALARMS.competency, kind=ALARMS.kind)
    known = {text_id(each.text["en"]) for each in matching}
    assert suggest(known=set(sorted(known)[1:])).suggestion.id == min(known)
    with pytest.raises(StateConflict) as raised:
        suggest(known=known)
    assert raised.value.code == "no_more_questions"


@pytest.mark.django_db(transaction=True)
def test_a_stampede_makes_one_call(suggest, stub_openai):
    server = stub_openai(numbered(before=lambda: time.sleep(0.5)))
    served, gate = [], threading.Barrier(8)

    def ask():
        gate.wait()
        try:
            served.append(suggest())
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 1
    assert sorted(each.source for each in served) == ["cache"] * 7 + ["model"]
    assert len({each.suggestion.id for each in served}) == 1
    assert sum(each.cost_usd or Decimal(0) for each in served if each.cached) == 0

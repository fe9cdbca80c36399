"""POST /api/v1/questions/generate."""

import pytest
from django.utils import timezone

from analysis.suggestions import text_id
from interviews.models import InterviewQuestion
from ops.models import CacheEntry
from ops.services import create_api_key
from tests import factories
from tests.analysis.question_replies import CODING, chat_reply, numbered, question

pytestmark = pytest.mark.django_db
URL = "/api/v1/questions/generate"


@pytest.fixture
def generate(alice, signed_in):
    client = signed_in(alice)

    def post(user=None, headers=None, **body):
        asker = client if user is None else signed_in(user)
        return asker.post(URL, body, content_type="application/json", headers=headers)

    return post


def test_a_question_comes_with_what_a_good_answer_shows_and_its_cost(generate, settings):
    settings.OPENAI_API_KEY = ""
    answer = generate(topic="night", competency="problem_solving", difficulty="easy")
    assert answer.status_code == 200
    told = answer.json()
    assert told["text"].strip()
    assert told["good_answer"]
    assert (told["source"], told["cached"], told["fallback"]) == ("bank", False, None)
    assert (told["tokens_used"], told["cost_usd"]) == (0, "0.000000")
    assert told["id"] == text_id(told["text"])


def test_everything_has_a_default(generate):
    assert generate().json()["kind"] == "behavioural"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "riddle"}, "kind"),
        ({"difficulty": "deadly"}, "difficulty"),
        ({"locale": "tlh"}, "locale"),
        ({"kind": "coding"}, "programming_language"),
        ({"programming_language": "cobol"}, "programming_language"),
        ({"competency": "charm"}, "competency"),
        ({"topic": "x" * 101}, "topic"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**31}, "seed"),
        ({"exclude": ["not-an-id"]}, "exclude.0"),
        ({"exclude": ["0" * 16] * 201}, "exclude"),
        ({"candidate_id": "carol"}, "candidate_id"),
        ({"dificulty": "easy"}, "dificulty"),
    ],
)
def test_wrong_input_is_a_400_that_names_the_field(generate, body, field):
    answer = generate(**body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_a_model_writes_and_the_answer_says_which(generate, stub_openai):
    stub_openai(numbered())
    told = generate(topic="night").json()
    assert (told["source"], told["model"], told["tokens_used"]) == ("model", "stub-model-1", 1280)
    assert told["cost_usd"] is None  # nobody knows what a stub costs


def test_what_a_model_wrote_is_looked_at_by_simple_rules(generate, stub_openai):
    stub_openai(chat_reply(question(text="Did you see it? And what did you do about the alarm?")))
    assert generate(topic="night").json()["doubts"] == ["double_barrelled", "closed"]


def test_a_fallback_says_why_in_words(generate, stub_openai):
    stub_openai(chat_reply("no JSON"))
    told = generate().json()
    assert told["source"] == "bank"
    assert told["fallback"]["code"] == "output_invalid"
    assert told["fallback"]["message"]
    assert told["tokens_used"] == 1280


def test_a_coding_question_carries_examples_and_hidden_tests(generate, stub_openai):
    stub_openai(chat_reply(question(task=CODING)))
    task = generate(kind="coding", programming_language="python").json()["task"]
    assert task["examples"][0] == {"input": "[[1, 2]]", "output": "3", "explanation": "1 + 2"}
    assert len(task["hidden_tests"]) == 4


def test_nothing_is_repeated_within_an_interview(generate, interview, stub_openai):
    stub_openai(numbered())
    first = [generate(topic="night").json() for _ in range(10)]
    taken = interview.versions.get().questions.first()
    for told in first[:9]:
        taken.pk, taken.order, taken.text = None, taken.order + 10, told["text"].upper()
        taken.save(force_insert=True)
    for _ in range(4):
        again = generate(topic="night", interview_key=interview.key).json()
        assert again["id"] == first[9]["id"]


def test_nothing_is_repeated_for_a_candidate(generate, session, stub_openai):
    stub_openai(numbered())
    first = [generate(topic="night").json() for _ in range(10)]
    questions = InterviewQuestion.objects.filter(version=session.version)
    for told, asked in zip(first[:2], questions, strict=True):
        InterviewQuestion.objects.filter(pk=asked.pk).update(text=told["text"])
    again = {
        generate(topic="night", candidate_id=str(session.candidate_id)).json()["id"]
        for _ in range(30)
    }
    assert again
    assert again <= {told["id"] for told in first[2:]}


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_the_bank_has_coding_questions_with_their_tests(generate, settings, language):
    settings.OPENAI_API_KEY = ""
    told = generate(kind="coding", programming_language=language, difficulty="easy").json()
    assert (told["source"], told["task"]["language"]) == ("bank", language)
    assert told["programming_language"] == language
    assert len(told["task"]["hidden_tests"]) >= 4
    assert told["doubts"] == []


def test_what_was_seen_is_not_shown_again(generate, settings):
    settings.OPENAI_API_KEY = ""
    seen = []
    for _ in range(4):
        told = generate(competency="collaboration", exclude=seen).json()
        assert told["id"] not in seen
        seen.append(told["id"])


def test_a_foreign_interview_and_a_foreign_candidate_are_not_there(generate, charlie, session):
    interview = session.version.interview
    assert generate(charlie, interview_key=interview.key).status_code == 404
    assert generate(charlie, candidate_id=str(session.candidate_id)).status_code == 404
    assert generate(candidate_id=str(session.candidate_id)).status_code == 200


def test_the_same_key_is_carried_out_once(generate, stub_openai):
    server = stub_openai(numbered())
    answers = [generate(topic="night", headers={"Idempotency-Key": "g-1"}) for _ in range(3)]
    assert len(server.requests) == 1
    assert len({answer.content for answer in answers}) == 1
    assert answers[1]["Idempotency-Replayed"] == "true"
    other = generate(topic="day", headers={"Idempotency-Key": "g-1"})
    assert other.status_code == 422
    assert CacheEntry.objects.count() == 1


def test_reviewers_and_keys_without_the_scope_get_nothing(generate, rita, alice, client):
    assert generate(rita).status_code == 404
    for scope, status in (("interviews:write", 200), ("results:read", 403)):
        _, key = create_api_key(user=alice, name=scope, scopes=[scope], now=timezone.now())
        bearer = {"Authorization": f"Bearer {key}"}
        answer = client.post(URL, {}, content_type="application/json", headers=bearer)
        assert answer.status_code == status


def test_an_exhausted_bank_is_a_409_with_a_sentence(generate, settings):
    settings.OPENAI_API_KEY = ""
    wish = {"competency": "problem_solving", "kind": "situational", "locale": "de"}
    seen = []
    answer = generate(**wish)
    while answer.status_code == 200 and len(seen) < 100:
        seen.append(answer.json()["id"])
        answer = generate(**wish, exclude=seen)
    assert answer.status_code == 409
    assert answer.json()["code"] == "no_more_questions"


def test_what_one_organization_paid_for_serves_another_with_the_same_wish(generate, stub_openai):
    server = stub_openai(numbered())
    for _ in range(10):
        generate(topic="night")
    rival = factories.make_organization("Rival 2")
    member = factories.make_member(rival, "dora@rival.test", "owner")
    told = generate(member, topic="night").json()
    assert told["source"] == "cache"
    assert len(server.requests) == 10
    assert CacheEntry.objects.filter(organization=None).count() == 10

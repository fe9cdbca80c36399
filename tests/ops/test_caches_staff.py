"""Staff look at caches and clear them: counted, confirmed, with a reason, in the trail."""

from datetime import timedelta

import pytest

from ops import cache_table, caches
from ops.caches import About, Cache, Made
from ops.models import AuditEntry, CacheEntry

pytestmark = pytest.mark.django_db
REST = "/api/admin/caches"
PAGE = "/admin/caches/"
CLEAR = "/admin/caches/clear/"
SECRET = "What she said about her last job"


@pytest.fixture
def filled(monkeypatch):
    """Two caches: questions by difficulty and language, and one of what is personal."""
    monkeypatch.setattr(cache_table, "_caches", {})
    facts = {"saves": "a call", "ttl": timedelta(days=7), "max_entries": 100}
    questions = caches.declare(
        Cache(name="questions", keeps="Questions", dimensions=("difficulty", "language"), **facts)
    )
    caches.declare(Cache(name="urls", keeps="URLs", place="memory", **facts))
    caches.declare(Cache(name="words", keeps="Words", **facts))
    for difficulty in ("easy", "hard"):
        for language in ("en", "python"):
            key = caches.key_of(questions, difficulty, language)
            about = About(difficulty=difficulty, language=language, label="behavioural")
            caches.put(questions, key, Made(value={"text": SECRET}, tokens=700), about=about)
    caches.get(questions, key)
    caches.get(questions, "unknown")
    return questions


def post(client, **body):
    return client.post(REST, {"reason": "a wrong prompt", **body}, content_type="application/json")


def left():
    return set(CacheEntry.objects.values_list("difficulty", "language"))


# --- REST ------------------------------------------------------------------------------------


def test_rest_tells_keys_entries_hit_rate_and_savings(filled, sam, signed_in):
    answer = signed_in(sam).get(REST).json()
    assert answer["cache"] == {
        "total_keys": 4,
        "total_entries": 4,
        "by_difficulty": {"easy": 2, "hard": 2},
        "by_language": {"en": 2, "python": 2},
        "hit_rate": 0.5,
        "saved_tokens": 700,
        "saved_usd": "0.000000000000",
    }
    row = next(row for row in answer["caches"] if row["name"] == "questions")
    assert (row["lookups"], row["hits"], row["ttl_s"]) == (2, 1, 7 * 86400)
    assert len(answer["keys"]) == 4
    hard = signed_in(sam).get(f"{REST}?difficulty=hard&language=en").json()["keys"]
    assert [(key["difficulty"], key["language"]) for key in hard] == [("hard", "en")]


def test_what_is_kept_is_told_to_nobody(filled, sam, signed_in):
    client = signed_in(sam)
    entry = CacheEntry.objects.first()
    for url in (REST, PAGE, f"/admin/ops/cacheentry/{entry.pk}/change/", "/admin/ops/cacheentry/"):
        response = client.get(url)
        assert response.status_code == 200
        assert SECRET not in response.content.decode()


@pytest.mark.parametrize(
    ("body", "gone", "stay"),
    [
        ({"all": True}, 4, set()),
        ({"difficulty": "easy"}, 2, {("hard", "en"), ("hard", "python")}),
        (
            {"difficulty": "easy", "language": "en"},
            1,
            {("easy", "python"), ("hard", "en"), ("hard", "python")},
        ),
        ({"language": "python", "cache": "questions"}, 2, {("easy", "en"), ("hard", "en")}),
    ],
)
def test_rest_clears_what_is_named_and_nothing_else(filled, sam, signed_in, body, gone, stay):
    client = signed_in(sam)
    assert post(client, **body, dry_run=True).json() == {
        "cleared": 0,
        "matching": gone,
        "dry_run": True,
    }
    assert len(left()) == 4
    assert post(client, **body).json()["cleared"] == gone
    assert left() == stay
    [entry] = AuditEntry.objects.filter(action="cache.cleared")
    assert (entry.detail["entries"], entry.detail["reason"]) == (gone, "a wrong prompt")
    assert entry.actor == f"member:{sam.pk}"


def test_rest_clears_one_key(filled, sam, signed_in):
    key = caches.key_of(filled, "easy", "en")
    assert post(signed_in(sam), key=key).json()["cleared"] == 1
    assert ("easy", "en") not in left()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"all": True, "difficulty": "easy"},
        {"key": "'; drop table"},
        {"cache": "x" * 31},
        {"mood": "good", "all": True},
    ],
)
def test_rest_refuses_what_is_unclear(filled, sam, signed_in, body):
    assert post(signed_in(sam), **body).status_code == 400
    assert len(left()) == 4


@pytest.mark.parametrize("body", [{"cache": "nothing"}, {"cache": "words", "difficulty": "easy"}])
def test_rest_says_what_a_cache_is_not_kept_by(filled, sam, signed_in, body):
    answer = post(signed_in(sam), **body)
    assert answer.status_code == 409
    assert answer.json()["code"] in {"unknown_cache", "not_by_that"}


# --- the admin -------------------------------------------------------------------------------


def test_the_page_shows_caches_keys_and_the_hit_rate(filled, sam, signed_in):
    text = signed_in(sam).get(PAGE).content.decode()
    assert "4 entries of 4 keys; 700 tokens" in text
    assert "50 %" in text
    assert "nobody asked" in text
    assert 'aria-label="Hit rate of the last 24 hours. questions 50%"' in text
    assert text.count("behavioural") == 4
    only = signed_in(sam).get(f"{PAGE}?difficulty=hard").content.decode()
    assert only.count("behavioural") == 2


def test_clearing_asks_with_the_count_before_it_does(filled, sam, signed_in):
    client = signed_in(sam)
    asked = client.post(CLEAR, {"cache": "questions", "difficulty": "hard"})
    assert "2 entries match." in asked.content.decode()
    assert len(left()) == 4
    without_reason = client.post(CLEAR, {"difficulty": "hard", "confirm": "yes", "reason": ""})
    assert without_reason.status_code == 200
    assert len(left()) == 4
    done = client.post(
        CLEAR, {"difficulty": "hard", "confirm": "yes", "reason": "a wrong prompt"}, follow=True
    )
    assert "2 entries were cleared." in done.content.decode()
    assert left() == {("easy", "en"), ("easy", "python")}
    assert AuditEntry.objects.filter(action="cache.cleared").count() == 1


def test_everything_is_named_as_such(filled, sam, signed_in):
    text = signed_in(sam).post(CLEAR, {}).content.decode()
    assert "Everything in every cache." in text


def test_only_staff_come_here_and_only_by_post(filled, alice, sam, signed_in):
    assert signed_in(alice).post(CLEAR, {"confirm": "yes", "reason": "none"}).status_code == 404
    assert signed_in(alice).get(PAGE).status_code == 404
    assert signed_in(sam).get(CLEAR).status_code == 405
    assert len(left()) == 4

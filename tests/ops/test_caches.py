"""Caches: what is kept is found until it is too old, counted, and cleared by what it is about."""

import threading
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone

from ops import cache_stats, cache_table, caches, flights
from ops.caches import About, Cache, Made
from ops.failures import StageFailure
from ops.models import CacheEntry, CacheFlight, CacheMinute
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def declare(monkeypatch):
    """declare(**facts) -> a cache that only this test knows."""
    monkeypatch.setattr(cache_table, "_caches", {})

    def declare(**facts):
        told = {"name": "tried", "keeps": "numbers", "saves": "a call", "max_entries": 100}
        return caches.declare(Cache(**{**told, "ttl": timedelta(hours=1), **facts}))

    return declare


@pytest.fixture
def cache(declare):
    return declare(dimensions=("difficulty", "language"))


def keep(cache, *parts, value=1, **about):
    key = caches.key_of(cache, *parts)
    made = Made(value=value, tokens=900, cost_usd=Decimal("0.002"))
    caches.put(cache, key, made, about=About(**about))
    return key


def test_what_is_kept_is_found_and_each_hit_saves_what_making_it_took(cache):
    assert caches.get(cache, caches.key_of(cache, "a")) is None
    key = keep(cache, "a", value={"text": "Why?"})
    assert caches.get(cache, key).value == {"text": "Why?"}
    assert caches.get(cache, key).value == {"text": "Why?"}
    [facts] = cache_stats.caches_report().caches
    assert (facts.asked, facts.hits, facts.saved_tokens) == (3, 2, 1800)
    assert facts.saved_usd == Decimal("0.004")
    assert facts.hit_share == pytest.approx(2 / 3)
    assert CacheEntry.objects.get().hits == 2


def test_bytes_are_kept_as_bytes(cache):
    key = caches.key_of(cache, "vector")
    caches.put(cache, key, Made(blob=b"\x00\xff\x80"))
    assert caches.get(cache, key).blob == b"\x00\xff\x80"
    assert CacheEntry.objects.get().size_bytes == 3


def test_many_are_looked_up_at_once(cache, django_assert_max_num_queries):
    keys = [keep(cache, n, value=n) for n in range(20)]
    with django_assert_max_num_queries(6):
        found = caches.get_many(cache, [*keys, "unknown"])
    assert [found[key].value for key in keys] == list(range(20))
    [facts] = cache_stats.caches_report().caches
    assert (facts.asked, facts.hits) == (21, 20)


def test_what_is_too_old_is_not_found_and_then_removed(cache):
    key = keep(cache, "a")
    CacheEntry.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert caches.get(cache, key) is None
    assert caches.forget_expired(timezone.now()) == 1


def test_another_version_of_what_is_kept_has_other_keys(declare):
    first = caches.key_of(declare(), "a")
    assert caches.key_of(declare(version=2), "a") != first
    assert caches.key_of(declare(name="other"), "a") != first


def test_the_same_key_kept_again_replaces_and_variants_stand_beside_each_other(cache):
    key = keep(cache, "a", value=1)
    keep(cache, "a", value=2)
    caches.put(cache, key, Made(value=3), variant=1)
    assert [each.value for each in caches.variants(cache, key)] == [2, 3]


def test_the_least_used_make_room(declare):
    cache = declare(max_entries=3)
    keys = [keep(cache, n) for n in range(3)]
    caches.get(cache, keys[0])
    keep(cache, "new")
    assert CacheEntry.objects.count() == 3
    assert caches.get(cache, keys[0]) is not None
    assert caches.get(cache, keys[1]) is None
    assert caches.get(cache, caches.key_of(cache, "new")) is not None


def test_what_is_personal_is_found_in_its_own_organization_only(declare, acme):
    cache = declare(is_personal=True)
    rival = factories.make_organization("Rival")
    ours = caches.key_of(cache, "same audio", organization_id=acme.id)
    caches.put(cache, ours, Made(value="words"), about=About(organization_id=acme.id))
    theirs = caches.key_of(cache, "same audio", organization_id=rival.id)
    assert caches.get(cache, theirs) is None
    assert caches.get(cache, ours).value == "words"


def test_what_is_personal_needs_an_owner(declare):
    cache = declare(is_personal=True)
    with pytest.raises(ValueError, match="say whose it is"):
        caches.key_of(cache, "a")
    with pytest.raises(ValueError, match="say whose it is"):
        caches.put(cache, "k", Made(value=1))


def test_a_cache_can_only_be_cleared_by_dimensions_that_there_are(declare):
    with pytest.raises(ValueError, match="dimensions"):
        declare(dimensions=("mood",))


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"difficulty": "easy"}, {"hard en", "hard de"}),
        ({"language": "de"}, {"easy en", "hard en"}),
        ({"difficulty": "hard", "language": "de"}, {"easy en", "easy de", "hard en"}),
        ({"cache": "tried"}, set()),
        ({"cache": "another"}, {"easy en", "easy de", "hard en", "hard de"}),
        ({}, set()),
    ],
)
def test_a_cache_is_cleared_by_what_it_is_about(cache, filters, left):
    for difficulty in ("easy", "hard"):
        for language in ("en", "de"):
            label = f"{difficulty} {language}"
            keep(cache, label, label=label, difficulty=difficulty, language=language)
    gone = caches.entries(**filters).count()
    assert caches.clear(**filters) == gone == 4 - len(left)
    assert set(CacheEntry.objects.values_list("label", flat=True)) == left


def test_one_key_is_cleared_with_its_variants(cache):
    key, other = keep(cache, "a"), keep(cache, "b")
    caches.put(cache, key, Made(value=2), variant=1)
    assert caches.clear(key=key) == 2
    assert caches.get(cache, other) is not None


def test_clearing_a_cache_in_memory_changes_its_epoch(declare):
    cache = declare(name="urls", place="memory")
    assert caches.epoch(cache) == 0
    caches.clear(difficulty="easy")
    assert caches.epoch(cache) == 0
    caches.clear(cache="urls")
    caches.clear()
    assert caches.epoch(cache) == 2


def test_an_erased_subject_is_in_no_cache(cache, acme):
    carol, other = uuid.uuid4(), uuid.uuid4()
    keep(cache, "a", subject_id=carol, organization_id=acme.id)
    keep(cache, "b", subject_id=other, organization_id=acme.id)
    assert caches.forget_subject(subject_id=carol) == 1
    assert CacheEntry.objects.get().subject_id == other


def test_old_minutes_are_summed_up_and_no_saving_is_forgotten(cache):
    key = keep(cache, "a")
    caches.get(cache, key)
    CacheMinute.objects.update(at=timezone.now() - timedelta(days=3))
    caches.get(cache, key)
    before = cache_stats.caches_report().caches
    cache_stats.sum_up(timezone.now())
    assert cache_stats.caches_report().caches == before
    assert CacheMinute.objects.filter(at__year=1970).get().hits == 1
    cache_stats.sum_up(timezone.now())
    assert cache_stats.caches_report().caches == before


def test_the_samples_count_the_lookups_of_their_minute(cache):
    caches.get(cache, keep(cache, "a"))
    now = timezone.now()
    count = cache_stats.lookups_of(cache.name)
    assert count(now - timedelta(minutes=2), now + timedelta(minutes=1)).asked == 1
    assert count(now - timedelta(minutes=9), now - timedelta(minutes=3)).asked == 0


def test_keys_are_listed_with_their_variants_together(cache):
    key = keep(cache, "a", label="easy question", difficulty="easy")
    caches.put(
        cache, key, Made(value=2), about=About(label="easy question", difficulty="easy"), variant=1
    )
    caches.get(cache, key)
    [facts] = cache_stats.cache_keys(cache=cache.name)
    assert (facts.key, facts.variants, facts.hits, facts.label) == (key, 2, 1, "easy question")


# --- one call for all ----------------------------------------------------------------------


def crowd(size, work):
    """Run `work` in that many threads at once; return what each returned or raised."""
    start, results = threading.Barrier(size), []

    def one():
        try:
            start.wait()
            results.append(work())
        except Exception as error:  # noqa: BLE001 - handed to the test
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_a_stampede_makes_one_call(cache):
    calls, key = [], caches.key_of(cache, "a")

    def make():
        calls.append(1)
        threading.Event().wait(0.3)
        return Made(value=7, tokens=100)

    results = crowd(12, lambda: caches.get_or_make(cache, key, make))
    assert [found.value for found, _ in results] == [7] * 12
    assert len(calls) == 1
    assert sorted(is_known for _, is_known in results) == [False, *[True] * 11]
    [facts] = cache_stats.caches_report().caches
    assert (facts.asked, facts.hits, facts.saved_tokens) == (12, 11, 1100)
    assert not CacheFlight.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_stampede_on_what_fails_makes_one_call_and_all_hear_why(cache):
    calls, key = [], caches.key_of(cache, "a")

    def make():
        calls.append(1)
        threading.Event().wait(0.5)
        raise StageFailure("rate_limited", "slow down")

    results = crowd(8, lambda: caches.get_or_make(cache, key, make))
    assert {error.code for error in results} == {"rate_limited"}
    assert len(calls) == 1


def test_after_a_failure_the_next_one_tries_again(cache):
    key = caches.key_of(cache, "a")

    def fail():
        raise StageFailure("rate_limited", "slow down")

    with pytest.raises(StageFailure):
        caches.get_or_make(cache, key, fail)
    found, is_known = caches.get_or_make(cache, key, lambda: Made(value=7))
    assert (found.value, is_known) == (7, False)


def test_a_maker_that_died_is_replaced_when_its_lease_is_over(cache):
    key = caches.key_of(cache, "a")
    past = timezone.now() - timedelta(seconds=1)
    CacheFlight.objects.create(name=f"{cache.name}:{key}", token=uuid.uuid4(), until=past)
    found, _ = caches.get_or_make(cache, key, lambda: Made(value=7))
    assert found.value == 7


def test_whoever_waits_too_long_is_told(cache):
    later = timezone.now() + timedelta(minutes=5)
    CacheFlight.objects.create(name="slow", token=uuid.uuid4(), until=later)
    with pytest.raises(StageFailure, match="waited"):
        flights.fly("slow", look=lambda: None, make=lambda: 1, patience_s=0.1)


def test_forced_it_is_made_anew(cache):
    key = keep(cache, "a", value=1)
    found, is_known = caches.get_or_make(cache, key, lambda: Made(value=2), is_forced=True)
    assert (found.value, is_known) == (2, False)
    assert caches.get(cache, key).value == 2

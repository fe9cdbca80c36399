"""Vectors of anchors and questions: computed once for all workers, never kept of answers."""

import numpy as np
import pytest

from analysis import embeddings
from analysis.embeddings import vectors_of
from analysis.engines.base import Availability, Embedder
from analysis.first_reading import read_session
from analysis.material import load_material
from ops import caches
from ops.models import CacheEntry, CacheMinute
from tests.analysis.sessions import responses, submit, type_in

pytestmark = pytest.mark.django_db
TYPED = (
    "I asked my colleague to explain what worried him, because I did not see the reason. "
    "We agreed to test both designs for two weeks and to count the bugs."
)


class CountingEmbedder(Embedder):
    """A vector per text; remembers what it was given."""

    name = "counting"

    def __init__(self, model="one"):
        self._model = model
        self.given = []

    @property
    def model(self):
        return self._model

    def availability(self):
        return Availability(ok=True)

    def embed(self, texts, kind):
        self.given += [(text, kind) for text in texts]
        rows = [[len(text), len(kind), len(self._model)] for text in texts]
        found = np.array(rows, dtype=np.float32).reshape(-1, 3)
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1)


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch):
    """forget() is what a new worker process begins with."""

    def forget():
        monkeypatch.setattr(embeddings, "_memory", {})

    forget()
    return forget


def test_a_text_is_computed_once_for_all_processes(fresh_process):
    embedder = CountingEmbedder()
    first = vectors_of(embedder, ["a level", "another level"], "query")
    fresh_process()
    again = vectors_of(embedder, ["another level", "a level"], "query")
    assert (again == first[::-1]).all()
    assert len(embedder.given) == 2
    lookups = CacheMinute.objects.get(cache="embeddings")
    assert (lookups.asked, lookups.hits) == (4, 2)


def test_a_process_asks_the_rows_once(django_assert_num_queries):
    embedder = CountingEmbedder()
    vectors_of(embedder, ["a level"], "query")
    with django_assert_num_queries(0):
        vectors_of(embedder, ["a level", "a level"], "query")
    assert len(embedder.given) == 1


def test_another_model_kind_or_text_is_another_entry():
    one, two = CountingEmbedder("one"), CountingEmbedder("second")
    for embedder, text, kind in (
        (one, "a level", "query"),
        (one, "a level", "passage"),
        (one, "a Level", "query"),
        (two, "a level", "query"),
    ):
        vectors_of(embedder, [text], kind)
    assert CacheEntry.objects.filter(cache="embeddings").count() == 4


def test_cleared_entries_are_computed_anew(fresh_process):
    embedder = CountingEmbedder()
    vectors_of(embedder, ["a level"], "query")
    caches.clear(cache="embeddings")
    fresh_process()
    vectors_of(embedder, ["a level"], "query")
    assert len(embedder.given) == 2


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(embeddings, "MOST_IN_MEMORY", 3)
    embedder = CountingEmbedder()
    for number in range(10):
        vectors_of(embedder, [f"level {number}"], "query")
    assert len(embeddings._memory) <= 3


def test_a_second_session_computes_only_what_was_said(session, fresh_process):
    embedder = CountingEmbedder()
    type_in(responses(session)[1], TYPED)
    submit(session)
    material = load_material(session)
    read_session(material, embedder)
    fresh_process()
    embedder.given.clear()
    read_session(material, embedder)
    assert embedder.given
    assert all(text in TYPED for text, _ in embedder.given)


def test_nothing_that_was_said_is_kept(session):
    type_in(responses(session)[1], TYPED)
    submit(session)
    embedder = CountingEmbedder()
    read_session(load_material(session), embedder)
    kept = CacheEntry.objects.filter(cache="embeddings")
    texts = {text for text, _ in embedder.given if text not in TYPED}
    assert kept.count() == len(texts)
    assert not any("colleague" in entry.label for entry in kept)

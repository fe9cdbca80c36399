"""Keywords: candidates without stop words, chosen for weight and variety."""

import numpy as np

from analysis import keywords
from analysis.keywords import Candidate

TEXT = (
    "The router lost the signal. I moved the router and the router kept the signal. "
    "Then the supplier changed the night update."
)


def test_candidates_are_runs_without_stop_words_heaviest_first():
    found = keywords.candidates(TEXT, "en")
    texts = [c.text for c in found]
    assert texts[0] == "router"
    assert "night update" in texts
    assert not any({"the", "i", "and", "then"} & set(t.split()) for t in texts)


def test_candidates_do_not_reach_across_sentences():
    assert "signal moved" not in [c.text for c in keywords.candidates(TEXT, "en")]


def test_near_doubles_and_phrases_with_a_chosen_word_are_left_out():
    found = [
        Candidate("router", 3),
        Candidate("routers", 2.9),
        Candidate("router cable", 2),
        Candidate("supplier", 1),
    ]
    vectors = np.array([[1, 0], [0.999, 0.04], [0.9, 0.43], [0, 1]], dtype=np.float32)
    chosen = keywords.choose(found, vectors, np.array([1, 0], dtype=np.float32), count=2)
    assert [k.text for k in chosen] == ["router", "supplier"]
    assert chosen[0].weight == 1.0


def test_nothing_to_choose_from_gives_nothing():
    empty = np.empty((0, 2), dtype=np.float32)
    assert keywords.choose([], empty, np.ones(2, dtype=np.float32)) == []
    assert keywords.candidates("And then it was so.", "en") == []


def test_identical_vectors_do_not_divide_by_zero():
    found = [Candidate("alpha", 1), Candidate("beta", 1)]
    same = np.ones((2, 2), dtype=np.float32)
    assert len(keywords.choose(found, same, np.ones(2, dtype=np.float32))) == 2


def test_only_languages_with_a_stop_word_list_have_keywords():
    assert keywords.has_stop_words("de")
    assert not keywords.has_stop_words("pl")

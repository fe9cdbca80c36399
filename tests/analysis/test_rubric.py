"""The deterministic reading on hand-written answers: order, evidence, and when it says nothing."""

import itertools

import pytest

from analysis import engines, rubric
from analysis.text_metrics import sentences
from tests.analysis.answers import CASES

ORDER = ("good", "middling", "poor", "off")


def read(case, text, language="en"):
    embedder = engines.embedder()
    found = sentences(text)
    answer = rubric.Answer(
        text=text,
        sentences=found,
        sentence_vectors=embedder.embed([s.text for s in found], "passage"),
        whole_vector=embedder.embed([text], "passage")[0],
        language=language,
    )
    scale = rubric.Scale(
        anchor_vectors=embedder.embed(case.anchors, "query"),
        question_vector=embedder.embed([case.question], "query")[0],
        background_vectors=embedder.embed(rubric.BACKGROUND, "passage"),
    )
    return rubric.read(answer, scale)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.competency)
def test_better_answers_are_placed_above_worse_ones(case):
    readings = [read(case, getattr(case, kind)) for kind in ORDER]
    shares = [r.features["share"] if r.level else -1.0 for r in readings]
    assert all(better > worse for better, worse in itertools.pairwise(shares))
    assert readings[0].level >= 3
    assert readings[0].level > readings[2].level
    assert readings[2].level <= 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.competency)
def test_an_answer_off_the_question_gets_no_level(case):
    reading = read(case, case.off)
    assert reading.level is None
    assert reading.evidence == ()
    assert reading.rationale == "The answer does not speak of what was asked."


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.competency)
def test_every_level_stands_on_sentences_of_the_answer(case):
    reading = read(case, case.good)
    assert 1 <= len(reading.evidence) <= rubric.MAX_EVIDENCE
    for sentence in reading.evidence:
        assert case.good[sentence.start_char : sentence.end_char] == sentence.text


def test_a_short_answer_gets_no_level():
    reading = read(CASES[0], "I compared the logs and fixed it.")
    assert reading.level is None
    assert reading.rationale == "The answer has fewer than 15 words."


def test_an_answer_in_another_language_gets_no_level_but_its_nearest_sentences():
    german = (
        "Letztes Jahr waren unsere Rechnungen falsch und niemand wusste warum. Ich habe die "
        "Protokolle verglichen und zwei mögliche Ursachen geprüft. Danach war der Fehler behoben."
    )
    reading = read(CASES[0], german, "de")
    assert reading.level is None
    assert "English only" in reading.rationale
    assert reading.evidence


def test_the_same_answer_is_always_read_the_same():
    assert read(CASES[0], CASES[0].good) == read(CASES[0], CASES[0].good)


@pytest.mark.parametrize(
    ("sentence", "is_action"),
    [
        ("I compared the logs.", True),
        ("Then I quickly wrote a test.", True),
        ("I would call her the same day.", True),
        ("I think it is important.", False),
        ("I don't know.", False),
        ("People would decide.", False),
    ],
)
def test_own_actions_are_told_from_states_and_opinions(sentence, is_action):
    assert rubric.is_action(sentence) is is_action


def test_hedging_takes_specificity_away():
    plain = dict.fromkeys(("actions", "results", "figures", "reasons", "lessons"), 1)
    assert rubric.specificity(plain | {"hedges": 2}) < rubric.specificity(plain | {"hedges": 0})
    assert rubric.specificity(dict.fromkeys(plain, 9) | {"hedges": 0}) == pytest.approx(1)
    assert rubric.specificity(dict.fromkeys(plain, 0) | {"hedges": 9}) == 0

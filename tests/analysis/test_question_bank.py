"""The built-in bank: enough of everything, well-formed in three languages, and its code runs."""

import itertools
import json
import re
import shutil
import subprocess
from collections import Counter

import pytest

from analysis.question_bank import (
    DIFFICULTIES,
    FOLDER,
    KINDS,
    LEVELS,
    LOCALES,
    PROGRAMMING_LANGUAGES,
    bank,
    bank_locale,
    read_bank,
)
from analysis.question_bank.rules import findings
from interviews.models import Competency, Question
from interviews.models.design import LEVELS as RUBRIC_LEVELS
from tests.house.tree import ROOT

BANK = bank()
QUESTIONS = BANK.questions
SPOKEN = [each for each in QUESTIONS if each.kind != "coding"]
CODING = [each for each in QUESTIONS if each.kind == "coding"]
PAIRS = list(itertools.product(QUESTIONS, LOCALES))
MIN_COMPETENCIES, MIN_PER_COMPETENCY, MIN_QUESTIONS, MIN_CODING = 12, 10, 120, 12
# A rating scale that grades adjectives says nothing that two people would see alike.
ADJECTIVES = {
    "en": r"excellent|very good|good answer|poor|outstanding|adequate|mediocre|satisfactory|weak",
    "de": r"ausgezeichnet|sehr gut|hervorragend|mangelhaft|mittelmäßig|befriedigend|schwach",
    "es": r"excelente|muy buen[oa]|sobresaliente|deficiente|mediocre|satisfactori[oa]|pobre",
}


def named(value):
    return getattr(value, "id", getattr(value, "key", str(value)))


def every_text():
    """Yield each text of the bank with its language and where it stands."""
    for competency in BANK.competencies:
        groups = (competency.name, competency.definition, *competency.behaviours)
        for words in (*groups, *competency.anchors):
            yield from ((competency.key, locale, text) for locale, text in words.items())
    for question in QUESTIONS:
        for words in (question.text, question.shows):
            yield from ((question.id, locale, text) for locale, text in words.items())


def test_the_bank_speaks_of_the_same_things_as_interviews_do():
    assert set(KINDS) == set(Question.Kind.values) - {"practice"}
    assert list(DIFFICULTIES) == Question.Difficulty.values
    assert LEVELS == RUBRIC_LEVELS


def test_there_is_enough_of_everything():
    assert len(BANK.competencies) >= MIN_COMPETENCIES
    assert len(QUESTIONS) >= MIN_QUESTIONS
    assert len(CODING) >= MIN_CODING
    per_competency = Counter(each.competency for each in QUESTIONS)
    assert set(per_competency) == {each.key for each in BANK.competencies}
    assert min(per_competency.values()) >= MIN_PER_COMPETENCY


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_questions_of_every_difficulty(kind):
    counts = Counter(each.difficulty for each in QUESTIONS if each.kind == kind)
    assert set(counts) == set(DIFFICULTIES)


@pytest.mark.parametrize("competency", BANK.competencies, ids=named)
def test_every_competency_is_asked_in_several_ways(competency):
    own = BANK.matching(competency=competency.key)
    assert len({each.kind for each in own}) >= 4
    assert {each.difficulty for each in own} == set(DIFFICULTIES)
    asked = Counter(each.kind for each in own)
    assert asked["behavioural"] >= 3
    assert asked["situational"] >= 2


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_questions_say_the_same(locale):
    texts = [re.sub(r"\W+", " ", each.text[locale]).lower() for each in QUESTIONS]
    assert len(set(texts)) == len(texts)
    notes = [each.shows[locale] for each in QUESTIONS]
    assert len(set(notes)) == len(notes)


def test_the_three_texts_of_a_question_differ():
    for question in QUESTIONS:
        assert len(set(question.text.values())) == len(LOCALES), question.id


@pytest.mark.parametrize(("question", "locale"), PAIRS, ids=named)
def test_a_question_asks_one_lawful_open_thing(question, locale):
    found = findings(question.text[locale], locale)
    if question.kind == "coding":  # read, not heard
        found = tuple(each for each in found if each.code != "too_long")
    assert found == ()


@pytest.mark.parametrize("question", SPOKEN, ids=named)
def test_a_question_is_neither_a_stub_nor_a_story(question):
    for locale in LOCALES:
        assert 10 <= len(question.text[locale].split()) <= 75, locale
        assert len(question.shows[locale].split()) >= 8, locale


@pytest.mark.parametrize("question", BANK.matching(kind="behavioural"), ids=named)
def test_a_behavioural_question_asks_for_what_happened(question):
    assert re.search(
        r"\b(did|was|were|had|made|told|came|took|brought|\w+ed)\b", question.text["en"]
    )
    assert "would you" not in question.text["en"]


@pytest.mark.parametrize("question", BANK.matching(kind="situational"), ids=named)
def test_a_situational_question_gives_a_situation_first(question):
    for locale in LOCALES:
        assert len(re.findall(r"[.!?](?: |$)", question.text[locale])) >= 2, locale


@pytest.mark.parametrize("competency", BANK.competencies, ids=named)
def test_a_scale_describes_what_is_seen_at_each_level(competency):
    assert len(competency.anchors) == len(LEVELS)
    for locale in LOCALES:
        texts = [anchor[locale] for anchor in competency.anchors]
        assert len(set(texts)) == len(texts)
        assert all(len(text.split()) >= 8 for text in texts)
        assert not [t for t in texts if re.search(rf"\b({ADJECTIVES[locale]})\b", t.lower())]


def test_names_fit_into_the_database_and_are_unique():
    longest = Competency._meta.get_field("name").max_length
    for locale in LOCALES:
        names = [each.name[locale] for each in BANK.competencies]
        assert len(set(names)) == len(names)
        assert max(map(len, names)) <= longest


def test_no_text_has_straight_quotes_double_spaces_or_a_foreign_question_mark():
    for where, locale, text in every_text():
        assert '"' not in text, where
        assert "  " not in text, where
        assert text.count("¿") == (text.count("?") if locale == "es" else 0), where


def test_german_addresses_formally_and_spanish_too():
    for where, locale, text in every_text():
        if locale == "de":
            assert not re.search(r"\b(du|dich|dir|dein\w*)\b", text), where
        if locale == "es":
            assert not re.search(r"\b(tú|tu|tus|contigo|cuéntanos|háblanos)\b", text.lower()), where


def test_topics_are_lower_case_words_to_search_by():
    for question, locale in PAIRS:
        topics = question.topics[locale]
        assert len(set(topics)) == len(topics), question.id
        assert all(topic == topic.lower() for topic in topics), question.id
        assert len(", ".join(topics)) <= Question._meta.get_field("topic").max_length, question.id


def test_questions_are_found_by_what_they_are():
    question = QUESTIONS[0]
    assert BANK.question(question.id) is question
    assert BANK.question("none-such") is None
    assert BANK.competency(question.competency).key == question.competency
    assert BANK.competency("none_such") is None
    assert BANK.matching() == QUESTIONS
    for found in BANK.matching(kind="situational", difficulty="hard", competency="collaboration"):
        assert (found.kind, found.difficulty) == ("situational", "hard")
        assert found.competency == "collaboration"
    assert BANK.matching(kind="behavioural", programming_language="python") == ()
    assert BANK.matching(programming_language="python") == tuple(CODING)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("de-AT", "de"), ("es_MX", "es"), ("EN", "en"), ("fr", None), ("", None)],
)
def test_a_locale_is_served_in_its_language(locale, expected):
    assert bank_locale(locale) == expected


@pytest.mark.parametrize("question", CODING, ids=named)
def test_the_python_solution_passes_every_case(question):
    task = question.coding
    names: dict = {}
    exec(task.solutions["python"], names)  # noqa: S102 - our own solutions
    for case in (*task.examples, *task.hidden):
        args = json.loads(json.dumps(case.args))
        assert names[task.functions["python"]](*args) == case.expected, case.name


@pytest.mark.parametrize("question", CODING, ids=named)
def test_the_javascript_solution_passes_every_case(question):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    task = question.coding
    cases = (*task.examples, *task.hidden)
    program = (
        f"{task.solutions['javascript']}\n"
        f"const cases = {json.dumps([case.args for case in cases])};\n"
        "console.log(JSON.stringify(cases.map((args) => "
        f"{task.functions['javascript']}(...args))));"
    )
    ran = subprocess.run([node, "-e", program], capture_output=True, timeout=30, check=True)
    assert json.loads(ran.stdout) == json.loads(json.dumps([case.expected for case in cases]))


@pytest.mark.parametrize("question", CODING, ids=named)
def test_a_starter_is_a_beginning_that_fails(question):
    task = question.coding
    for language in PROGRAMMING_LANGUAGES:
        assert task.starters[language] != task.solutions[language]
    names: dict = {}
    exec(task.starters["python"], names)  # noqa: S102 - our own starters
    function = names[task.functions["python"]]
    cases = (*task.examples, *task.hidden)
    assert any(function(*json.loads(json.dumps(each.args))) != each.expected for each in cases)


def test_the_documentation_counts_as_the_bank_does():
    page = (ROOT / "docs/question-bank.md").read_text()
    rows = re.findall(r"^\| ([A-Z].+?) \| (\d+) \|", page, flags=re.MULTILINE)
    assert {name: int(count) for name, count in rows} == {
        each.name["en"]: len(BANK.matching(competency=each.key)) for each in BANK.competencies
    }
    kinds, difficulties = (
        Counter(getattr(q, of) for q in QUESTIONS) for of in ("kind", "difficulty")
    )
    counted = [f"{kinds[each]} {each}" for each in KINDS]
    graded = [f"{difficulties[each]} {each}" for each in DIFFICULTIES]
    assert f"{len(QUESTIONS)} questions: {', '.join(counted)}; {', '.join(graded)}." in page


def test_the_example_of_the_documentation_is_read(tmp_path):
    page = (ROOT / "docs/question-bank.md").read_text()
    (example,) = re.findall(r"```toml\n(.+?)```", page, flags=re.DOTALL)
    (tmp_path / "own.toml").write_text(example, encoding="utf-8")
    question = read_bank([FOLDER, tmp_path]).question("own-night-shift-plan")
    assert question.competency == "planning"
    assert [findings(question.text[locale], locale) for locale in LOCALES] == [(), (), ()]

"""A file of the bank that can't be used is refused by name, entry and reason."""

import pytest

from analysis.question_bank import LOCALES, BankError, read_bank


def words(text):
    return "".join(f'{locale} = "{text} {locale}"\n' for locale in LOCALES)


def listed(name, count, extra=""):
    return "".join(
        f"[[{name}]]\n{extra.format(i)}\n{words(f'{name} {i}')}" for i in range(1, count + 1)
    )


TOPICS = 'topics = {en = ["a", "b"], de = ["a", "b"], es = ["a", "b"]}'
QUESTION = f"""
[[questions]]
id = "own-first"
kind = "behavioural"
difficulty = "easy"
{TOPICS}
[questions.text]
{words("Tell us.")}
[questions.shows]
{words("Shows.")}
"""
COMPETENCY = f"""
key = "own"
[name]
{words("Own")}
[definition]
{words("What it is")}
{listed("behaviours", 4)}
{listed("anchors", 5, "level = {0}")}
"""
SOURCES = 'python = "def add(a, b): ..."\njavascript = "function add(a, b) {}"\n'
CODING = QUESTION.replace("behavioural", "coding") + (
    '[questions.coding]\nfunctions = {python = "add", javascript = "add"}\n'
    f"[questions.coding.starters]\n{SOURCES}[questions.coding.solutions]\n{SOURCES}"
    + "".join(
        f'[[questions.coding.{kind}]]\nname = "{kind} {i}"\nargs = [{i}, {start}]\nexpected = 1\n'
        for kind, count, start in (("examples", 3, 1), ("hidden", 5, 2))
        for i in range(count)
    )
)
BROKEN = (
    (QUESTION.replace("own-first", "Own First"), "question Own First: id 'Own First' does not"),
    (QUESTION.replace("behavioural", "riddle"), "question own-first: kind is 'riddle', but must"),
    (QUESTION.replace("easy", "trivial"), "difficulty is 'trivial', but must be one of easy,"),
    (QUESTION.replace('id = "own-first"', ""), "own.toml, questions 1: has no id"),
    (QUESTION.replace('es = "Tell us. es"', ""), "question own-first, text: has no es"),
    (QUESTION.replace('"Shows. de"', '" "'), "shows: de must be a text without spaces around"),
    (QUESTION.replace('"Tell us. en"', f'"{"x" * 421}"'), "en has 421 characters, at most 420"),
    (QUESTION.replace('es = ["a", "b"]', 'es = ["a"]'), "topics: es needs 2 to 6 words"),
    (QUESTION.replace(TOPICS, TOPICS + "\nauthor = 1"), "question own-first: does not know author"),
    (QUESTION + QUESTION, "question own-first: there is more than one"),
    (QUESTION.replace("behavioural", "coding"), "have a coding table"),
    (CODING.replace("hidden 0", "hidden 1"), "case hidden 1: there is more than one"),
    (CODING.replace("args = [2, 2]", "args = [2, 1]"), "arguments (2, 1): there is more than one"),
    (CODING.replace("args = [2, 2]", "args = [2]"), "must have the same number of arguments"),
    (CODING.replace("function add", "function sum"), "must be source text with add in it"),
    (CODING.split("[[questions.coding.hidden]]")[0], "coding: has no hidden"),
    ("questions = [", "own.toml: "),
)


def read(tmp_path, text):
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return read_bank([tmp_path])


def test_a_file_of_ones_own_is_read_beside_others(tmp_path):
    (tmp_path / "more.toml").write_text(
        'competency = "own"\n' + CODING.replace("own-first", "own-code"), encoding="utf-8"
    )
    bank = read(tmp_path, COMPETENCY + QUESTION)
    assert [each.key for each in bank.competencies] == ["own"]
    assert bank.competencies[0].anchors[4]["de"] == "anchors 5 de"
    assert [each.id for each in bank.questions] == ["own-code", "own-first"]
    assert bank.questions[0].programming_languages == ("python", "javascript")
    assert bank.questions[0].coding.hidden[4].args == (4, 2)
    assert bank.questions[1].text["es"] == "Tell us. es"
    assert bank.questions[1].programming_languages == ()


@pytest.mark.parametrize(("questions", "message"), BROKEN)
def test_a_broken_question_is_named_with_what_is_wrong(tmp_path, questions, message):
    with pytest.raises(BankError) as caught:
        read(tmp_path, COMPETENCY + questions)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("find", "replacement", "message"),
    [
        ("level = 3", "level = 4", "own.toml: needs one anchor for each level from 1 to 5"),
        ("[[behaviours]]", "[[deeds]]", "own.toml: does not know deeds"),
        ('key = "own"', 'key = "Own"', "own.toml: key 'Own' does not look like"),
        ('key = "own"', 'competency = "own"', "own.toml: does not know anchors"),
        ('"Own en"', f'"{"x" * 101}"', "own.toml, name: en has 101 characters"),
        ('"Own en"', "7", "own.toml, name: en must be a text"),
    ],
)
def test_a_broken_competency_is_named_with_what_is_wrong(tmp_path, find, replacement, message):
    with pytest.raises(BankError) as caught:
        read(tmp_path, COMPETENCY.replace(find, replacement) + QUESTION)
    assert message in str(caught.value)


def test_questions_need_a_competency_that_some_file_describes(tmp_path):
    with pytest.raises(BankError, match=r"no file describes the competency 'own'"):
        read(tmp_path, 'competency = "own"\n' + QUESTION)


def test_two_files_cannot_describe_the_same_competency(tmp_path):
    (tmp_path / "again.toml").write_text(COMPETENCY, encoding="utf-8")
    with pytest.raises(BankError, match="competency own: there is more than one"):
        read(tmp_path, COMPETENCY + QUESTION)

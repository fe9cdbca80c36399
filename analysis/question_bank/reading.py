"""Reads the bank's TOML files and says which entry of which file is wrong. Pure.

A file describes one competency (`key`, `name`, ...) with its questions, or adds questions to the
competency that another file describes (`competency = "its_key"`).
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from analysis.question_bank.shapes import (
    DIFFICULTIES,
    KINDS,
    LEVELS,
    LOCALES,
    PROGRAMMING_LANGUAGES,
    Bank,
    BankQuestion,
    CodeCase,
    CodingTask,
    LibraryCompetency,
)

KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
QUESTION_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
LONGEST_NAME = 100  # characters; a competency's name has no more room in the database
LONGEST_TEXT, LONGEST_STATEMENT = 420, 900  # a question that is heard, a coding task that is read
LONGEST_NOTE = 400
FEWEST_BEHAVIOURS, MOST_BEHAVIOURS = 4, 6
FEWEST_TOPICS, MOST_TOPICS = 2, 6
FEWEST_EXAMPLES, FEWEST_HIDDEN = 3, 5

COMPETENCY_KEYS = {"key", "name", "definition", "behaviours", "anchors", "questions"}
QUESTION_KEYS = {"id", "kind", "difficulty", "topics", "text", "shows", "coding"}
CODING_KEYS = {"functions", "starters", "solutions", "examples", "hidden"}


class BankError(ValueError):
    """A file of the bank that can't be used, and why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A table of a file, and where it stands."""

    where: str  # "problem_solving.toml, question problem-solving-night-fault"
    values: Mapping[str, Any]

    def refuse(self, what: str) -> NoReturn:
        raise BankError(f"{self.where}: {what}")

    def require_only(self, allowed: Iterable[str]) -> None:
        if unknown := sorted(self.values.keys() - set(allowed)):
            self.refuse(f"does not know {', '.join(unknown)}")

    def get(self, key: str) -> Any:
        if key not in self.values:
            self.refuse(f"has no {key}")
        return self.values[key]

    def text(self, key: str, *, longest: int = LONGEST_NOTE) -> str:
        text = self.get(key)
        if not isinstance(text, str) or not text.strip() or text != text.strip():
            self.refuse(f"{key} must be a text without spaces around it")
        if len(text) > longest:
            self.refuse(f"{key} has {len(text)} characters, at most {longest} are allowed")
        return text

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.get(key)
        if value not in allowed:
            self.refuse(f"{key} is {value!r}, but must be one of {', '.join(allowed)}")
        return str(value)

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        value = self.text(key)
        if not pattern.fullmatch(value):
            self.refuse(f"{key} {value!r} does not look like {pattern.pattern}")
        return value

    def table(self, key: str) -> "Entry":
        value = self.get(key)
        if not isinstance(value, dict):
            self.refuse(f"{key} must be a table")
        return Entry(f"{self.where}, {key}", value)

    def tables(self, key: str) -> list["Entry"]:
        value = self.get(key)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.refuse(f"{key} must be a list of tables")
        return [Entry(f"{self.where}, {key} {i}", each) for i, each in enumerate(value, start=1)]

    def localised(self, key: str, *, longest: int = LONGEST_NOTE) -> dict[str, str]:
        return self.table(key).in_each(LOCALES, longest=longest)

    def in_each(self, names: tuple[str, ...], *, longest: int = LONGEST_NOTE) -> dict[str, str]:
        """Return a text for each of these names, and allow no other name."""
        self.require_only(names)
        return {name: self.text(name, longest=longest) for name in names}


def read_bank(folders: Iterable[Path]) -> Bank:
    """Read every .toml file of these folders.

    Raises: BankError for the first entry that can't be used.
    """
    files = [
        Entry(path.name, parsed(path))
        for folder in folders
        for path in sorted(folder.glob("*.toml"))
    ]
    competencies = tuple(read_competency(file) for file in files if "key" in file.values)
    require_once("competency", [each.key for each in competencies])
    known = {each.key for each in competencies}
    questions = tuple(question for file in files for question in read_questions(file, known))
    require_once("question", [each.id for each in questions])
    return Bank(competencies=competencies, questions=questions)


def parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BankError(f"{path.name}: {error}") from error


def require_once(what: str, names: list[str]) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise BankError(f"{what} {', '.join(twice)}: there is more than one")


def read_competency(file: Entry) -> LibraryCompetency:
    file.require_only(COMPETENCY_KEYS)
    behaviours = file.tables("behaviours")
    if not FEWEST_BEHAVIOURS <= len(behaviours) <= MOST_BEHAVIOURS:
        file.refuse(f"needs {FEWEST_BEHAVIOURS} to {MOST_BEHAVIOURS} behaviours")
    anchors = file.tables("anchors")
    if tuple(anchor.get("level") for anchor in anchors) != LEVELS:
        file.refuse("needs one anchor for each level from 1 to 5, in this order")
    return LibraryCompetency(
        key=file.matching("key", KEY),
        name=file.localised("name", longest=LONGEST_NAME),
        definition=file.localised("definition"),
        behaviours=tuple(each.in_each(LOCALES) for each in behaviours),
        anchors=tuple(read_anchor(anchor) for anchor in anchors),
    )


def read_anchor(anchor: Entry) -> dict[str, str]:
    texts = {name: value for name, value in anchor.values.items() if name != "level"}
    return Entry(anchor.where, texts).in_each(LOCALES)


def read_questions(file: Entry, known: set[str]) -> Iterator[BankQuestion]:
    if "key" not in file.values:
        file.require_only({"competency", "questions"})
    competency = file.values.get("key") or file.get("competency")
    if competency not in known:
        file.refuse(f"no file describes the competency {competency!r}")
    if "questions" not in file.values:
        return
    for entry in file.tables("questions"):
        name = entry.values.get("id")
        where = f"{file.where}, question {name}" if name else entry.where
        yield read_question(Entry(where, entry.values), competency)


def read_question(entry: Entry, competency: str) -> BankQuestion:
    entry.require_only(QUESTION_KEYS)
    question_id = entry.matching("id", QUESTION_ID)
    kind = entry.one_of("kind", KINDS)
    if (kind == "coding") != ("coding" in entry.values):
        entry.refuse("questions of the kind coding, and no others, have a coding table")
    longest = LONGEST_STATEMENT if kind == "coding" else LONGEST_TEXT
    return BankQuestion(
        id=question_id,
        competency=competency,
        kind=kind,
        difficulty=entry.one_of("difficulty", DIFFICULTIES),
        topics=read_topics(entry.table("topics")),
        text=entry.localised("text", longest=longest),
        shows=entry.localised("shows"),
        coding=read_task(entry.table("coding")) if kind == "coding" else None,
    )


def read_topics(entry: Entry) -> dict[str, tuple[str, ...]]:
    entry.require_only(LOCALES)
    topics = {}
    for locale in LOCALES:
        found = entry.get(locale)
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            entry.refuse(f"{locale} must be a list of words")
        if not FEWEST_TOPICS <= len(found) <= MOST_TOPICS or not all(found):
            entry.refuse(f"{locale} needs {FEWEST_TOPICS} to {MOST_TOPICS} words")
        topics[locale] = tuple(found)
    return topics


def read_task(entry: Entry) -> CodingTask:
    entry.require_only(CODING_KEYS)
    functions = entry.table("functions").in_each(PROGRAMMING_LANGUAGES)
    task = CodingTask(
        functions=functions,
        starters=read_sources(entry.table("starters"), functions),
        solutions=read_sources(entry.table("solutions"), functions),
        examples=read_cases(entry, "examples", FEWEST_EXAMPLES),
        hidden=read_cases(entry, "hidden", FEWEST_HIDDEN),
    )
    cases = (*task.examples, *task.hidden)
    require_once(f"{entry.where}: case", [case.name for case in cases])
    require_once(f"{entry.where}: arguments", [repr(case.args) for case in cases])
    if len({len(case.args) for case in cases}) != 1:
        entry.refuse("every case must have the same number of arguments")
    return task


def read_sources(entry: Entry, functions: Mapping[str, str]) -> dict[str, str]:
    entry.require_only(PROGRAMMING_LANGUAGES)
    sources = {language: entry.get(language) for language in PROGRAMMING_LANGUAGES}
    for language, source in sources.items():
        if not isinstance(source, str) or functions[language] not in source:
            entry.refuse(f"{language} must be source text with {functions[language]} in it")
    return sources


def read_cases(entry: Entry, key: str, fewest: int) -> tuple[CodeCase, ...]:
    cases = entry.tables(key)
    if len(cases) < fewest:
        entry.refuse(f"needs at least {fewest} {key}")
    return tuple(read_case(each) for each in cases)


def read_case(entry: Entry) -> CodeCase:
    entry.require_only({"name", "args", "expected"})
    args = entry.get("args")
    if not isinstance(args, list):
        entry.refuse("args must be a list")
    return CodeCase(name=entry.text("name"), args=tuple(args), expected=entry.get("expected"))

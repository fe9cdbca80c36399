"""What the question bank holds: competencies, questions and coding tasks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LOCALES = ("en", "de", "es")
KINDS = ("behavioural", "situational", "knowledge", "text", "coding")
DIFFICULTIES = ("easy", "medium", "hard")
PROGRAMMING_LANGUAGES = ("python", "javascript")
LEVELS = (1, 2, 3, 4, 5)

Words = Mapping[str, str]  # locale -> text, for each of LOCALES


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryCompetency:
    """A competency with what it looks like at work and at each of the five levels."""

    key: str
    name: Words
    definition: Words
    behaviours: tuple[Words, ...]
    anchors: tuple[Words, ...]  # of levels 1 to 5, in this order


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCase:
    """One call of a candidate's function, and what it must return."""

    name: str
    args: tuple[Any, ...]  # JSON values
    expected: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingTask:
    """A function to write. The mappings go from each of PROGRAMMING_LANGUAGES to source text."""

    functions: Mapping[str, str]  # names
    starters: Mapping[str, str]  # what the editor shows first
    solutions: Mapping[str, str]  # never for candidates: these pass every case below
    examples: tuple[CodeCase, ...]  # for candidates
    hidden: tuple[CodeCase, ...]  # not for candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class BankQuestion:
    """A structured question; its id never changes, though its words may."""

    id: str
    competency: str  # the key of a LibraryCompetency
    kind: str
    difficulty: str
    topics: Mapping[str, tuple[str, ...]]  # locale -> words to find it by
    text: Words
    shows: Words  # what a good answer shows: for interviewers, not for candidates
    coding: CodingTask | None = None

    @property
    def programming_languages(self) -> tuple[str, ...]:
        """What it can be solved in; nothing for any other kind."""
        return tuple(self.coding.functions) if self.coding else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Everything, in the order of the files."""

    competencies: tuple[LibraryCompetency, ...]
    questions: tuple[BankQuestion, ...]

    def competency(self, key: str) -> LibraryCompetency | None:
        """Return the competency of this key, if there is one."""
        return next((each for each in self.competencies if each.key == key), None)

    def question(self, question_id: str) -> BankQuestion | None:
        """Return the question of this id, if there is one."""
        return next((each for each in self.questions if each.id == question_id), None)

    def matching(
        self,
        *,
        competency: str = "",
        kind: str = "",
        difficulty: str = "",
        programming_language: str = "",
    ) -> tuple[BankQuestion, ...]:
        """Return the questions that fit all that is said; what is left empty fits everything."""
        return tuple(
            each
            for each in self.questions
            if competency in ("", each.competency)
            and kind in ("", each.kind)
            and difficulty in ("", each.difficulty)
            and (not programming_language or programming_language in each.programming_languages)
        )


def bank_locale(locale: str) -> str | None:
    """Return the language in which the bank has texts for this locale: de for de-AT."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in LOCALES else None

"""Suggestions from the built-in question bank: what comes nearest to a wish. Pure."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random

from analysis import question_bank
from analysis.coding_tasks import CodingTask, Example, HiddenTest
from analysis.question_bank import Bank, BankQuestion
from analysis.suggestions import TIMES, Suggestion, Wish, text_id, words_of

FALLBACK_LOCALE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """A bank question as a suggestion; `relaxed` names the parts of the wish it does not keep."""

    suggestion: Suggestion
    relaxed: tuple[str, ...] = ()


def pick(bank: Bank, wish: Wish, *, known: Collection[str], rng: Random) -> Picked | None:
    """Return a question that is not known yet, at random among the nearest; None if none is left.

    Kind, competency and programming language are kept; a topic that no question has, a difficulty
    of which none is left and a language the bank does not speak are not, and that is said.
    """
    locale = question_bank.bank_locale(wish.locale)
    relaxed = () if locale else ("locale",)
    locale = locale or FALLBACK_LOCALE
    asked = {"competency": wish.competency, "kind": wish.kind}
    if wish.kind == "coding":
        asked["programming_language"] = wish.programming_language
    for difficulty, given_up in ((wish.difficulty, ()), ("", ("difficulty",))):
        found = [
            question
            for question in bank.matching(difficulty=difficulty, **asked)
            if text_id(question.text[locale]) not in known
        ]
        if found:
            near, is_on_topic = _nearest(found, wish.topic, locale)
            missed = () if is_on_topic else ("topic",)
            suggestion = as_suggestion(rng.choice(near), locale, wish.programming_language)
            return Picked(suggestion=suggestion, relaxed=(*relaxed, *given_up, *missed))
    return None


def as_suggestion(question: BankQuestion, locale: str, programming_language: str) -> Suggestion:
    """Return a bank question in one language; a coding one for one programming language."""
    language = ""
    if question.coding is not None:
        language = programming_language or question.programming_languages[0]
    think_time_s, answer_limit_s = TIMES[question.kind]
    return Suggestion(
        text=question.text[locale],
        kind=question.kind,
        difficulty=question.difficulty,
        locale=locale,
        good_answer=(question.shows[locale],),
        programming_language=language,
        topic=", ".join(question.topics[locale]),
        competency=question.competency,
        think_time_s=think_time_s,
        answer_limit_s=answer_limit_s,
        task=_task(question, language) if language else None,
    )


def _nearest(
    questions: Sequence[BankQuestion], topic: str, locale: str
) -> tuple[list[BankQuestion], bool]:
    """Return those that share most words with the topic, and whether any word is shared."""
    wanted = words_of(topic)
    if not wanted:
        return list(questions), True
    shared = {each.id: len(wanted & _words(each, locale)) for each in questions}
    most = max(shared.values())
    return [each for each in questions if shared[each.id] == most], most > 0


def _words(question: BankQuestion, locale: str) -> set[str]:
    return words_of(" ".join((question.text[locale], *question.topics[locale])))


def _task(question: BankQuestion, language: str) -> CodingTask:
    coding = question.coding
    if coding is None:
        raise ValueError(f"{question.id} is no coding question")
    return CodingTask(
        language=language,
        function=coding.functions[language],
        starter_code=coding.starters[language],
        examples=tuple(
            Example(input=_as_json(list(each.args)), output=_as_json(each.expected))
            for each in coding.examples
        ),
        hidden_tests=tuple(
            HiddenTest(
                name=each.name, input=_as_json(list(each.args)), output=_as_json(each.expected)
            )
            for each in coding.hidden
        ),
        reference_solution=coding.solutions[language],
    )


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

"""How a language model is asked for a question, and how its reply is read: nothing on trust."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.template.loader import render_to_string

from analysis import coding_tasks, prompts
from analysis.question_bank import LibraryCompetency, bank_locale, rules
from analysis.suggestions import (
    LEAST_POINTS,
    MOST_POINT_CHARS,
    MOST_POINTS,
    MOST_QUESTION_CHARS,
    TIMES,
    Suggestion,
    Wish,
)
from ops.failures import StageFailure

TEMPLATE = "analysis/prompts/write_question.txt"
VERSION = "1"
BOUNDARY_BYTES = 16
MOST_FOLLOW_UPS = 3
LEAST_QUESTION_CHARS = 20


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request for one question."""

    instructions: str
    data: str
    schema: Mapping[str, Any]


def build(wish: Wish, competency: LibraryCompetency | None, avoid: Sequence[str]) -> Prompt:
    """Return the request for a question like `wish`, unlike the texts of `avoid`."""
    boundary = secrets.token_hex(BOUNDARY_BYTES)
    is_coding = wish.kind == "coding"
    asked = {
        "kind": wish.kind,
        "difficulty": wish.difficulty,
        "locale": wish.locale,
        "programming_language": wish.programming_language or None,
        "topic": prompts.mask(wish.topic, ()).text,
        "competency": None if competency is None else _described(competency, wish.locale),
        "avoid": list(avoid),
    }
    data = json.dumps(asked, ensure_ascii=False)
    return Prompt(
        instructions=render_to_string(TEMPLATE, {"boundary": boundary, "is_coding": is_coding}),
        data=f"{boundary}\n{data}\n{boundary}",
        schema=_schema(is_coding=is_coding),
    )


def template_hash() -> str:
    """Return the sha256 of the instructions, the boundary left open."""
    text = render_to_string(TEMPLATE, {"boundary": "", "is_coding": True})
    return hashlib.sha256(text.encode()).hexdigest()


def read_reply(content: Mapping[str, Any], wish: Wish) -> Suggestion:
    """Return the question that the model wrote, checked as if there had been no schema.

    Raises StageFailure: output_invalid.
    """
    try:
        return _suggestion(content, wish)
    except (KeyError, TypeError, ValueError) as error:
        raise StageFailure("output_invalid", f"the question is malformed: {error}") from error


def _suggestion(content: Mapping[str, Any], wish: Wish) -> Suggestion:
    think_time_s, answer_limit_s = TIMES[wish.kind]
    written = Suggestion(
        text=_line(content["text"], LEAST_QUESTION_CHARS, MOST_QUESTION_CHARS),
        kind=wish.kind,
        difficulty=wish.difficulty,
        locale=wish.locale,
        good_answer=_points(content["good_answer"], LEAST_POINTS, MOST_POINTS),
        follow_ups=_points(content["follow_ups"], 0, MOST_FOLLOW_UPS),
        topic=wish.topic,
        competency=wish.competency,
        think_time_s=think_time_s,
        answer_limit_s=answer_limit_s,
    )
    if any(each.code == "unlawful" for each in rules.findings(written.text, wish.locale)):
        raise ValueError("it asks for what no employer may ask")
    if wish.kind != "coding":
        return written
    task = coding_tasks.read(content["task"])
    if task.language != wish.programming_language:
        raise ValueError("the task is in another programming language")
    return replace(written, programming_language=task.language, task=task)


def _points(value: Any, least: int, most: int) -> tuple[str, ...]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise ValueError(f"{least} to {most} points are needed")
    return tuple(_line(each, 1, MOST_POINT_CHARS) for each in value)


def _line(value: Any, least: int, most: int) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is none")
    text = value.strip()
    if not least <= len(text) <= most or "\x00" in text:
        raise ValueError(f"a text has not {least} to {most} characters")
    return text


def _described(competency: LibraryCompetency, locale: str) -> dict[str, Any]:
    spoken = bank_locale(locale) or "en"
    return {
        "name": competency.name[spoken],
        "definition": competency.definition[spoken],
        "levels": {
            str(level): anchor[spoken] for level, anchor in enumerate(competency.anchors, start=1)
        },
    }


def _schema(*, is_coding: bool) -> dict[str, Any]:
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    members: dict[str, Any] = {"text": text, "good_answer": texts, "follow_ups": texts}
    if is_coding:
        members["task"] = coding_tasks.schema()
    return coding_tasks.strict(members)

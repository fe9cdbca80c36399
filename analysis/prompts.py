"""What a language model is told and how its reply is read: masking, the prompt, the schema."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from analysis.evidence import CharSpan
from analysis.keywords import STOP_WORDS
from analysis.text_metrics import sentences
from interviews.models.design import LEVELS
from ops.failures import StageFailure

VERSION = "1"
TEMPLATE = "analysis/prompts/rate_session.txt"
BOUNDARY_BYTES = 16
MAX_RATIONALE_CHARS = 1000
MAX_QUOTES = 3
MIN_NAME_CHARS = 2

EMAIL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[\w.+-]+ (?:at|@) [\w-]+(?: ?(?:dot|\.) ?[a-z]{2,})+\b",  # as it is spoken
    re.IGNORECASE,
)
PHONE = re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().\-/]{0,2}\d){6,14}(?!\w)")
ADDRESSED_TO_RATER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|rule|prompt|rubric|above|previous)"
    r"|\b(?:give|award|assign|grant)\b.{0,30}\b(?:score|level|rating|mark|five|5|points?)\b"
    r"|\b(?:score|rate|grade)\b.{0,25}\b(?:me|this|my|answer|candidate)\b"
    r"|\b(?:system prompt|language model|AI (?:model|assistant|rater|grader))\b"
    r"|\byou (?:are|must|should|have to) .{0,34}\b(?:rater?|score|grader?|model|assistant)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of masked text and the stretch of the original that it stands for."""

    masked: CharSpan
    original: CharSpan
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without what a language model must not see, and the way back."""

    text: str
    pieces: tuple[Piece, ...]

    def to_original(self, span: CharSpan) -> CharSpan:
        """Return the original's characters for a span of the masked text."""
        first = next(p for p in self.pieces if span.start < p.masked.end)
        last = next(p for p in self.pieces if span.end <= p.masked.end)
        start, end = first.original.start, last.original.end
        if not first.is_replaced:
            start += span.start - first.masked.start
        if not last.is_replaced:
            end -= last.masked.end - span.end
        return CharSpan(start, end)


@dataclass(frozen=True, slots=True)
class PromptCompetency:
    """A competency as the model sees it."""

    id: str
    name: str
    definition: str
    levels: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class PromptAnswer:
    """An answer as the model sees it: masked, and which competencies to rate in it."""

    id: str
    question: str
    text: str
    competency_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request for one session."""

    instructions: str
    data: str
    schema: Mapping[str, Any]
    expected: frozenset[tuple[str, str]]  # (answer id, competency id)
    part: str = ""  # the answers' ids, where it is not for all of a session

    @property
    def size_bytes(self) -> int:
        """All that the model reads, as UTF-8; the schema is read, too."""
        texts = (self.instructions, self.data, json.dumps(self.schema))
        return sum(len(text.encode()) for text in texts)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The model's rating, its quotes not yet verified."""

    answer_id: str
    competency_id: str
    level: int | None
    rationale: str
    quotes: tuple[str, ...]


def mask(text: str, names: Iterable[str], unclear: Sequence[CharSpan] = ()) -> Masked:
    """Replace names, e-mail addresses, phone numbers and unclear stretches by marks."""
    found = [(span, "[unclear]") for span in unclear]
    found += [(_span(m), "[email]") for m in EMAIL.finditer(text)]
    found += [(_span(m), "[phone]") for m in PHONE.finditer(text)]
    found += [(_span(m), "[name]") for p in _name_patterns(names) for m in p.finditer(text)]
    found.sort(key=lambda item: (item[0].start, -item[0].end))
    masked, pieces, at = "", [], 0
    for span, mark in [*found, (CharSpan(len(text), len(text)), "")]:
        if span.start < at:
            continue  # inside what was replaced already
        kept = text[at : span.start]
        for new, end, is_replaced in ((kept, span.start, False), (mark, span.end, True)):
            if new:
                place = CharSpan(len(masked), len(masked) + len(new))
                pieces.append(Piece(place, CharSpan(at, end), is_replaced))
                masked += new
            at = end
    return Masked(masked, tuple(pieces))


def addressed_to_rater(text: str) -> list[CharSpan]:
    """Return the sentences that talk to whoever rates, instead of answering.

    They are flagged and can't be evidence; the answer itself is rated like any other.
    """
    return [
        CharSpan(s.start_char, s.end_char)
        for s in sentences(text)
        if ADDRESSED_TO_RATER.search(s.text)
    ]


def build(competencies: Sequence[PromptCompetency], answers: Sequence[PromptAnswer]) -> Prompt:
    """Return the one request that rates all answers of a session."""
    boundary = secrets.token_hex(BOUNDARY_BYTES)
    payload = {
        "competencies": [
            {
                "id": c.id,
                "name": c.name,
                "definition": c.definition,
                "levels": {str(level): text for level, text in c.levels.items()},
            }
            for c in competencies
        ],
        "answers": [
            {"id": a.id, "question": a.question, "rate": list(a.competency_ids), "said": a.text}
            for a in answers
        ],
    }
    data = json.dumps(payload, ensure_ascii=False)
    return Prompt(
        instructions=render_to_string(TEMPLATE, {"boundary": boundary}),
        data=f"{boundary}\n{data}\n{boundary}",
        schema=_schema([a.id for a in answers], [c.id for c in competencies]),
        expected=frozenset((a.id, c) for a in answers for c in a.competency_ids),
    )


def template_hash() -> str:
    """Return the sha256 of the instructions, the boundary left open."""
    return hashlib.sha256(render_to_string(TEMPLATE, {"boundary": ""}).encode()).hexdigest()


def read_reply(content: Mapping[str, Any], prompt: Prompt) -> list[Judgement]:
    """Return the model's ratings; what the schema promised is checked again here.

    Raises StageFailure: output_invalid.
    """
    try:
        judgements = [_judgement(row) for row in content["ratings"]]
    except (KeyError, TypeError, ValueError) as error:
        raise StageFailure("output_invalid", f"a rating is malformed: {error}") from error
    pairs = [(j.answer_id, j.competency_id) for j in judgements]
    if len(set(pairs)) != len(pairs) or not set(pairs) <= prompt.expected:
        raise StageFailure("output_invalid", "a rating is double or was not asked for")
    return judgements


def _judgement(row: Mapping[str, Any]) -> Judgement:
    level, quotes = row["level"], row["quotes"]
    if level is not None and (type(level) is not int or level not in LEVELS):
        raise ValueError("level is not 1 to 5 or null")
    if not isinstance(quotes, list) or not all(isinstance(q, str) for q in quotes):
        raise ValueError("quotes is not a list of texts")
    return Judgement(
        answer_id=str(row["answer"]),
        competency_id=str(row["competency"]),
        level=level,
        rationale=str(row["rationale"])[:MAX_RATIONALE_CHARS],
        quotes=tuple(quotes[:MAX_QUOTES]),
    )


def _schema(answer_ids: Sequence[str], competency_ids: Sequence[str]) -> dict[str, Any]:
    rating = {
        "answer": {"type": "string", "enum": list(answer_ids)},
        "competency": {"type": "string", "enum": list(competency_ids)},
        "rationale": {"type": "string"},
        "quotes": {"type": "array", "items": {"type": "string"}},
        "level": {
            "anyOf": [
                {"type": "integer", "minimum": LEVELS[0], "maximum": LEVELS[-1]},
                {"type": "null"},
            ]
        },
    }
    return {
        "type": "object",
        "properties": {"ratings": {"type": "array", "items": _strict(rating)}},
        "required": ["ratings"],
        "additionalProperties": False,
    }


def _strict(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _name_patterns(names: Iterable[str]) -> list[re.Pattern[str]]:
    """Return one pattern per part of a name; 'Will' or 'May' only when written as a name."""
    parts = {part for name in names for part in re.findall(r"[^\W\d_]+", name)}
    return [
        re.compile(
            rf"\b{re.escape(part)}\b",
            re.NOFLAG if part.casefold() in STOP_WORDS["en"] else re.IGNORECASE,
        )
        for part in sorted(parts)
        if len(part) >= MIN_NAME_CHARS
    ]


def _span(match: re.Match[str]) -> CharSpan:
    return CharSpan(*match.span())

"""What is asked of question generation, and what it gives: a suggestion a person may take. Pure."""

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from analysis import coding_tasks
from analysis.coding_tasks import CodingTask
from analysis.question_bank import rules

KINDS = ("behavioural", "situational", "knowledge", "coding", "text")
SOURCES = ("bank", "model", "cache")
DIFFICULTIES = ("easy", "medium", "hard")
MOST_TOPIC_CHARS = 100
MOST_QUESTION_CHARS = 1200
MOST_POINT_CHARS = 400
LEAST_POINTS, MOST_POINTS = 2, 6
ID_LETTERS = 16
TIMES = {  # kind -> seconds to think and to answer; the first two are PRODUCT's for every question
    "behavioural": (60, 120),
    "situational": (60, 120),
    "knowledge": (60, 120),
    "text": (60, 600),
    "coding": (60, 1200),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a question should be like."""

    kind: str = "behavioural"
    difficulty: str = "medium"
    locale: str = "en"
    programming_language: str = ""  # of coding questions
    topic: str = ""
    competency: str = ""  # key of a library competency

    @property
    def cache_key(self) -> str:
        """Name the box of variants: difficulty / programming language.locale / topic / kind."""
        topic = _folded(f"{self.topic}\n{self.competency}")
        named = hashlib.sha256(topic.encode()).hexdigest()[:ID_LETTERS]
        language = f"{self.programming_language or 'any'}.{self.locale}"
        return f"{self.difficulty}/{language}/{named}/{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question with what a good answer to it shows."""

    text: str
    kind: str
    difficulty: str
    locale: str
    good_answer: tuple[str, ...]
    follow_ups: tuple[str, ...] = ()
    programming_language: str = ""
    topic: str = ""
    competency: str = ""
    think_time_s: int = 60
    answer_limit_s: int = 120
    task: CodingTask | None = None

    @property
    def id(self) -> str:
        """Name the question by its words, so that whoever has it already can be spared it."""
        return text_id(self.text)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Name what is worth a second look: double_barrelled, closed, too_long."""
        found = dict.fromkeys(each.code for each in rules.findings(self.text, self.locale))
        return tuple(c for c in found if not (self.kind == "coding" and c == "too_long"))

    def as_data(self) -> dict[str, Any]:
        """Return JSON data that `suggestion` reads."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A suggestion and where it is from; `tokens_used` is 0 and `cost_usd` nothing on a hit."""

    suggestion: Suggestion
    source: str  # of SOURCES
    cached: bool = False
    tokens_used: int = 0
    cost_usd: Decimal | None = Decimal(0)  # None: nobody knows the price
    provider: str = ""
    model: str = ""
    relaxed: tuple[str, ...] = ()  # parts of the wish that nothing was left for
    fallback_code: str = ""  # why the preferred engine was passed over, of ops/failures


def suggestion(data: Mapping[str, Any]) -> Suggestion:
    """Read what `as_data` wrote. Raises KeyError, TypeError, ValueError."""
    known = {field.name: data[field.name] for field in fields(Suggestion) if field.name in data}
    known["good_answer"] = tuple(known["good_answer"])
    known["follow_ups"] = tuple(known.get("follow_ups", ()))
    task = known.get("task")
    return Suggestion(**{**known, "task": None if task is None else coding_tasks.read(task)})


def text_id(text: str) -> str:
    """Name a text by its words alone: case, spaces and punctuation do not count."""
    return hashlib.sha256(_folded(text).encode()).hexdigest()[:ID_LETTERS]


def fresh(suggestions: Collection[Suggestion], known: Collection[str]) -> list[Suggestion]:
    """Return those whose id is not known."""
    return [each for each in suggestions if each.id not in known]


def words_of(text: str) -> set[str]:
    """Return the words of a text, in small letters."""
    return set(_folded(text).split())


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c if unicodedata.category(c)[0] in "LNMS" else " " for c in letters)
    return " ".join(kept.split())

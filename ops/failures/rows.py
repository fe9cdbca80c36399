"""What a row of the table of failures is made of, and how specifically a rule fits. Pure."""

import re
from dataclasses import dataclass


class StageFailure(Exception):  # noqa: N818 - it names an outcome, with a code of the table
    """Say which failure of the table this is.

    `retry_after_s`: what the other side asked to wait, if it did.
    """

    def __init__(self, code: str, detail: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an exception tells about itself."""

    types: tuple[str, ...]  # dotted names of its classes, nearest first
    codes: frozenset[str] = frozenset()
    status: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to recognise a failure: everything it names must hold."""

    types: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    text: str = ""  # regular expression, case ignored

    def score(self, facts: Facts) -> float:
        """Return how specifically this rule holds, 0 if it does not.

        A provider's code says more than a class, a class more than a status, a status more than
        words; two of them say more than one; a near class more than a distant one.
        """
        score = 0.0
        if self.codes:
            if facts.codes.isdisjoint(self.codes):
                return 0
            score += 8
        if self.types:
            near = [place for place, name in enumerate(facts.types) if name in self.types]
            if not near:
                return 0
            score += 4 + 0.5 / (1 + near[0])
        if self.statuses:
            if facts.status not in self.statuses:
                return 0
            score += 2
        if self.text:
            if not re.search(self.text, facts.text, re.IGNORECASE):
                return 0
            score += 1
        return score


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A real error as plain data; a test proves that it finds its own row."""

    type: str = "builtins.Exception"
    code: str = ""
    status: int | None = None
    text: str = ""

    @property
    def facts(self) -> Facts:
        codes = frozenset({self.code} - {""})
        return Facts(types=(self.type,), codes=codes, status=self.status, text=self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One row: what people are told and what the machine does."""

    code: str
    message: str
    suggestion: str
    policy: str  # name in ops.retry.POLICIES
    next_engine: bool = False  # another engine may succeed at once
    alert: bool = False  # waits for a person: nothing heals it by itself
    to_reviewers: str = ""  # what to do for who reads the answer; `suggestion` is for who sent it
    rules: tuple[Rule, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def is_permanent(self) -> bool:
        """Whether trying again, unchanged, cannot help."""
        return self.policy == "never"

    @property
    def is_in_the_answer(self) -> bool:
        """Whether it lies in what was sent, so that nobody but its sender could mend it."""
        return bool(self.to_reviewers)

    @property
    def advice(self) -> str:
        """What somebody who reads or processes the answer may do."""
        return self.to_reviewers or self.suggestion

    @property
    def is_crash(self) -> bool:
        """Whether it counts against the crash budget instead of the attempts."""
        return self.policy == "crash"

"""The box of variants of a wish: at most ten questions that were paid for once.

The first ten requests fill it, one call each; later ones pick from it at random. Whoever asks while
a call is on its way gets that call's question. So calls = min(requests, variants), and a stampede
makes one call.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from analysis.caches import QUESTIONS
from analysis.engines.base import Answer
from analysis.suggestions import Suggestion, Wish, suggestion
from ops import caches, flights
from ops.caches import About, Found, Made

MOST_VARIANTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A kept question with what writing it took."""

    id: str  # the suggestion's
    found: Found

    @property
    def suggestion(self) -> Suggestion:
        """Read the question: of ten that are there one is wanted."""
        return suggestion(self.found.value["suggestion"])

    @property
    def mark(self) -> tuple[int, object]:
        """Tell it from what lay in its place before."""
        return self.found.variant, self.found.created_at


class Box:
    """The variants of one wish as they were when it was opened."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.key = caches.key_of(QUESTIONS, wish.cache_key)
        self.variants = self._look()

    def is_full(self) -> bool:
        """Whether no more is written as long as something in it is new to who asks."""
        return len(self.variants) >= MOST_VARIANTS

    def pick(self, known: Collection[str], rng: Random) -> Variant | None:
        """Return a variant at random that is not known; None if there is none."""
        fresh = [each for each in self.variants if each.id not in known]
        return rng.choice(fresh) if fresh else None

    def fill(
        self, write: Callable[[], Made], known: Collection[str], *, patience_s: float
    ) -> tuple[Variant, bool]:
        """Return (a variant that was not here, whether this call wrote it).

        Raises what `write` raises, or the failure of the call that was waited for.
        """
        before = {each.mark for each in self.variants}

        def newest() -> Variant | None:
            arrived = [each for each in self._look() if each.mark not in before]
            return next((each for each in arrived if each.id not in known), None)

        return flights.fly(
            f"{QUESTIONS.name}:{self.key}",
            look=newest,
            make=lambda: self._keep(write()),
            lease_s=patience_s,
            patience_s=patience_s,
        )

    def texts(self) -> list[str]:
        """Return the questions that are there."""
        return [str(each.found.value["suggestion"]["text"]) for each in self.variants]

    def _keep(self, made: Made) -> Variant:
        wish = self.wish
        language = f"{wish.programming_language}.{wish.locale}".strip(".")
        found = caches.put(
            QUESTIONS,
            self.key,
            made,
            about=About(label=wish.cache_key, difficulty=wish.difficulty, language=language),
            variant=self._place(),
        )
        return _variant(found)

    def _place(self) -> int:
        """Return a free number; that of the oldest where none is."""
        present = {each.found.variant: each.found.created_at for each in self._look()}
        free = [number for number in range(MOST_VARIANTS) if number not in present]
        return free[0] if free else min(present, key=lambda number: present[number])

    def _look(self) -> list[Variant]:
        return [_variant(found) for found in caches.variants(QUESTIONS, self.key)]


def note_hit(variant: Variant) -> None:
    """Count a lookup that spared a call."""
    caches.note(QUESTIONS, asked=1, hits=[variant.found])


def note_miss() -> None:
    """Count a lookup that did not."""
    caches.note(QUESTIONS, asked=1, hits=[])


def as_made(written: Suggestion, reply: Answer, *, provider: str, cost_usd: Decimal | None) -> Made:
    """Return what a model wrote as it is kept, with what it took."""
    tokens = {"tokens_in": reply.tokens_in, "tokens_out": reply.tokens_out}
    return Made(
        value={
            "id": written.id,
            "suggestion": written.as_data(),
            "provider": provider,
            "model": reply.model,
            **tokens,
        },
        tokens=sum(each or 0 for each in tokens.values()),
        cost_usd=cost_usd,
    )


def _variant(found: Found) -> Variant:
    return Variant(id=found.value["id"], found=found)

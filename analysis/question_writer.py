"""Suggest a question: from the box of kept ones, by a language model, or from the bank."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from random import Random, SystemRandom
from typing import Any
from uuid import UUID

from django.conf import settings

from analysis import bank_suggestions, engines, question_bank, question_prompts, spending
from analysis.engines.base import Answer, LanguageModel
from analysis.question_box import Box, Variant, as_made, note_hit, note_miss
from analysis.suggestions import Served, Suggestion, Wish, suggestion
from ops import breakers
from ops.caches import Made
from ops.conflicts import StateConflict
from ops.failures import StageFailure, classify

log = logging.getLogger(__name__)
_dice = SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Who asks for what, what she has already, and what was spent on it so far."""

    wish: Wish
    known: Collection[str]  # ids of suggestions
    payer: spending.Sponsor
    replies: list[Answer] = field(default_factory=list)  # useless ones are paid for, too


def suggest_question(
    *,
    wish: Wish,
    organization_id: UUID,
    known: Collection[str] = (),
    seed: int | None = None,
    rng: Random = _dice,
) -> Served:
    """Return a question like `wish` that is none of those whose ids are `known`.

    With a `seed` nothing is kept or looked up: the bank gives the same question for the same seed,
    a model does its best. What a model could not do the bank does, and the answer says why.
    Call it outside any transaction.

    Raises: StateConflict when the bank has no other question.
    """
    asked = _Asked(wish=wish, known=known, payer=spending.Sponsor(organization_id=organization_id))
    dice = rng if seed is None else Random(f"{seed} {wish.cache_key}")
    ready = [each for each in engines.language_models() if each.availability().ok]
    box = Box(wish) if seed is None and ready else None
    kept = box.pick(known, rng) if box and box.is_full() else None
    if kept is not None:
        return _hit(asked, kept)
    may_ask, resting = spending.budget_choice(ready, organization_id)
    if not may_ask:
        return _without_asking(asked, box, dice, "budget_exceeded" if resting else "")
    engine = may_ask[0]
    try:
        return _anew(asked, engine, seed) if box is None else _into_box(asked, engine, box)
    except Exception as error:
        failure = classify(error)
        trace = error if failure.code == "unknown" else None
        log.warning("No question by %s: %s", engine.name, failure.code, exc_info=trace)
        served = _without_asking(asked, box, dice, failure.code)
        return replace(served, **_spent(asked, engine))


def _without_asking(asked: _Asked, box: Box | None, dice: Random, why: str) -> Served:
    """Give a question that was paid for before, else the bank's."""
    kept = box.pick(asked.known, dice) if box else None
    served = _from_bank(asked, dice) if kept is None else _hit(asked, kept)
    return replace(served, fallback_code=why)


def _into_box(asked: _Asked, engine: LanguageModel, box: Box) -> Served:
    """Add to a box that is not full, or has nothing new for who asks: one call, however many."""
    write = partial(_write, asked, engine, box.texts(), None)
    variant, is_written = box.fill(write, asked.known, patience_s=2 * settings.QUESTION_TIMEOUT_S)
    if not is_written:
        return _hit(asked, variant)
    note_miss()
    return _fresh(asked, engine, variant.suggestion)


def _anew(asked: _Asked, engine: LanguageModel, seed: int | None) -> Served:
    made = _write(asked, engine, [], seed)
    return _fresh(asked, engine, suggestion(made.value["suggestion"]))


def _write(asked: _Asked, engine: LanguageModel, avoid: list[str], seed: int | None) -> Made:
    """Have the model write a question. Raises its errors; StageFailure."""
    wish = asked.wish
    competency = question_bank.bank().competency(wish.competency)
    prompt = question_prompts.build(wish, competency, avoid)
    with breakers.guard(engine.dependency):
        reply = engine.answer(
            instructions=prompt.instructions,
            data=prompt.data,
            schema=prompt.schema,
            seed=seed,
            timeout_s=settings.QUESTION_TIMEOUT_S,
        )
    asked.replies.append(reply)
    spending.count_reply(asked.payer, engine.name, reply)
    written = question_prompts.read_reply(reply.content(), wish)
    cost_usd = spending.cost_usd(engine.name, reply)
    return as_made(written, reply, provider=engine.name, cost_usd=cost_usd)


def _fresh(asked: _Asked, engine: LanguageModel, written: Suggestion) -> Served:
    if written.id in asked.known:
        raise StageFailure("output_invalid", "the model wrote a question that is there already")
    return Served(
        suggestion=written,
        source="model",
        provider=engine.name,
        model=asked.replies[-1].model,
        **_spent(asked, engine),
    )


def _hit(asked: _Asked, kept: Variant) -> Served:
    note_hit(kept)
    value = kept.found.value
    spending.count_known_reply(
        asked.payer, value["provider"], value["model"], value["tokens_in"], value["tokens_out"]
    )
    return Served(
        suggestion=kept.suggestion,
        source="cache",
        cached=True,
        provider=value["provider"],
        model=value["model"],
    )


def _from_bank(asked: _Asked, rng: Random) -> Served:
    picked = bank_suggestions.pick(question_bank.bank(), asked.wish, known=asked.known, rng=rng)
    if picked is None:
        raise StateConflict(
            "no_more_questions",
            "There is no other question like this. Choose another kind, competency or difficulty.",
        )
    return Served(
        suggestion=picked.suggestion, source="bank", provider="bank", relaxed=picked.relaxed
    )


def _spent(asked: _Asked, engine: LanguageModel) -> dict[str, Any]:
    """Return what this request took, replies that were of no use included."""
    costs = [spending.cost_usd(engine.name, reply) for reply in asked.replies]
    known = [cost for cost in costs if cost is not None]
    tokens = sum((r.tokens_in or 0) + (r.tokens_out or 0) for r in asked.replies)
    is_known = len(known) == len(costs)
    return {"tokens_used": tokens, "cost_usd": sum(known, Decimal(0)) if is_known else None}

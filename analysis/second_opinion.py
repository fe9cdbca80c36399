"""The language model's ratings of a session: one call, every quote looked up in the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from analysis import prompts
from analysis.engines.base import Answer, LanguageModel
from analysis.evaluation import RatingDraft, RunDraft
from analysis.evidence import CharSpan, find_quote
from analysis.material import AnswerMaterial, SessionMaterial, Yardstick
from analysis.model_batches import Pending
from analysis.prompts import Judgement, Masked, Prompt, PromptAnswer, PromptCompetency
from analysis.rubric import MIN_WORDS
from analysis.spending import cost_usd
from analysis.text_metrics import words
from ops.failures import classify

UNSUPPORTED = "Insufficient evidence: no quote of the model's stands word for word in the answer."
NOT_RATED = "The model gave no rating."
TOO_SHORT = f"The answer has fewer than {MIN_WORDS} words."
BYTES_PER_TOKEN = 3  # an estimate on the safe side: English has about four
Ask = Callable[[Prompt, list[int]], Answer]


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer as it was sent, and the way back from it."""

    answer: AnswerMaterial
    masked: Masked
    suspicious: list[CharSpan]  # in the masked text: sentences addressed to the rater


def input_hash(material: SessionMaterial, engine: LanguageModel) -> str:
    """Return the hash of all that decides the ratings, as far as a model is decided."""
    return material.input_hash(engine.name, engine.model, prompts.template_hash())


def is_worth_asking(material: SessionMaterial) -> bool:
    """Say whether there is any answer to rate."""
    return any(not _why_not(answer) for answer in material.answers)


def rate_session(
    material: SessionMaterial,
    engine: LanguageModel,
    ask: Ask,
) -> RunDraft:
    """Ask the model once for the whole session, in parts only where the context demands it.

    `ask` is given the prompt, and the sizes that prompts for one answer each would have.

    Raises the engine's errors; StageFailure: content_filtered, output_invalid.
    """
    asked = {
        f"A{number}": _masked(answer, material.names)
        for number, answer in enumerate(material.answers, start=1)
        if not _why_not(answer)
    }
    yardsticks = _yardsticks(material)
    replies = _ask_in_parts(asked, yardsticks, ask)
    judgements = [each for _, found in replies for each in found]
    by_pair = {(j.answer_id, j.competency_id): j for j in judgements}
    ratings, dropped = [], 0
    for number, answer in enumerate(material.answers, start=1):
        for key, yardstick in yardsticks.items():
            if yardstick in answer.yardsticks:
                judgement = by_pair.get((f"A{number}", key))
                draft, lost = _rating(answer, yardstick, asked.get(f"A{number}"), judgement)
                ratings.append(draft)
                dropped += lost
    flagged = [str(a.answer.response_id) for a in asked.values() if a.suspicious]
    return RunDraft(
        provider=engine.name,
        input_hash=input_hash(material, engine),
        prompt_version=prompts.VERSION,
        prompt_hash=prompts.template_hash(),
        **_taken(engine, [reply for reply, _ in replies], flagged),
        dropped_evidence=dropped,
        ratings=ratings,
    )


def _ask_in_parts(
    asked: Mapping[str, _Asked], yardsticks: dict[str, Yardstick], ask: Ask
) -> list[tuple[Answer, list[Judgement]]]:
    """Return the reply to each part of the session: to one, unless the context demands more.

    Raises what `ask` raises; a batch that has not ended only after all parts are handed in.
    """
    replies, pending = [], []
    for part in _parts(asked, yardsticks):
        try:
            replies += _ask_part(part, yardsticks, ask, is_whole=len(part) == len(asked))
        except Pending as one:
            pending.append(one)
    if pending:
        raise min(pending, key=lambda each: each.after)
    return replies


def _parts(
    asked: Mapping[str, _Asked], yardsticks: dict[str, Yardstick]
) -> list[dict[str, _Asked]]:
    """Put as many answers into each part as the context takes, by an estimate of tokens."""
    parts: list[dict[str, _Asked]] = [{}]
    for key, item in asked.items():
        larger = {**parts[-1], key: item}
        size = _prompt(larger, yardsticks).size_bytes
        if parts[-1] and size > settings.OPENAI_CONTEXT_TOKENS * BYTES_PER_TOKEN:
            parts.append({key: item})
        else:
            parts[-1] = larger
    return parts


def _ask_part(
    part: Mapping[str, _Asked], yardsticks: dict[str, Yardstick], ask: Ask, *, is_whole: bool
) -> list[tuple[Answer, list[Judgement]]]:
    """Ask for a part; in two halves where it is longer than the model can read at once."""
    prompt = _prompt(part, yardsticks)
    if not is_whole:
        prompt = replace(prompt, part=" ".join(part))
    try:
        reply = ask(prompt, _sizes_of_one_by_one(part, yardsticks))
    except Exception as error:
        if len(part) == 1 or classify(error).code != "context_too_long":
            raise
        keys = list(part)
        halves = keys[: len(keys) // 2], keys[len(keys) // 2 :]
        return [
            answer
            for half in halves
            for answer in _ask_part(
                {key: part[key] for key in half}, yardsticks, ask, is_whole=False
            )
        ]
    return [(reply, prompts.read_reply(reply.content(), prompt))]


def _prompt(part: Mapping[str, _Asked], yardsticks: dict[str, Yardstick]) -> Prompt:
    """Return the prompt for some answers, with the scales that they need."""
    answers = [item.answer for item in part.values()]
    own = {k: y for k, y in yardsticks.items() if any(y in a.yardsticks for a in answers)}
    return prompts.build(
        [_competency(key, yardstick) for key, yardstick in own.items()],
        [_answer(key, item, own) for key, item in part.items()],
    )


def _taken(engine: LanguageModel, replies: list[Answer], flagged: list[str]) -> dict[str, Any]:
    """Return what the replies say and took, together."""
    costs = [cost_usd(engine.name, reply) for reply in replies]
    raw: dict[str, Any] = {"addressed_to_rater": flagged}
    if len(replies) == 1:
        raw["reply"] = replies[0].text
    else:
        raw["replies"] = [reply.text for reply in replies]
    return {
        "model": replies[0].model,
        "tokens_in": _sum([reply.tokens_in for reply in replies]),
        "tokens_out": _sum([reply.tokens_out for reply in replies]),
        "cost_usd": _sum(costs),
        "raw_output": raw,
    }


def _sum(values: list[Any]) -> Any:
    """Return the sum; None if one of them is not known."""
    return None if None in values else sum(values[1:], values[0])


def _sizes_of_one_by_one(part: Mapping[str, _Asked], yardsticks: dict[str, Yardstick]) -> list[int]:
    """Return the size of each prompt if every answer had one of its own, with its scales alone."""
    return [_prompt({key: item}, yardsticks).size_bytes for key, item in part.items()]


def _why_not(answer: AnswerMaterial) -> str:
    if answer.reason:
        return answer.reason
    return TOO_SHORT if len(words(answer.text)) < MIN_WORDS else ""


def _masked(answer: AnswerMaterial, names: Any) -> _Asked:
    masked = prompts.mask(answer.text, names, answer.unclear)
    return _Asked(answer, masked, prompts.addressed_to_rater(masked.text))


def _yardsticks(material: SessionMaterial) -> dict[str, Yardstick]:
    """Name each scale of the session once, however many questions it is pinned to."""
    found = {y.rubric_id: y for answer in material.answers for y in answer.yardsticks}
    return {f"C{number}": y for number, y in enumerate(found.values(), start=1)}


def _competency(key: str, yardstick: Yardstick) -> PromptCompetency:
    return PromptCompetency(key, yardstick.name, yardstick.definition, yardstick.levels)


def _answer(key: str, item: _Asked, yardsticks: dict[str, Yardstick]) -> PromptAnswer:
    question = prompts.mask(item.answer.question, ()).text
    wanted = [k for k, yardstick in yardsticks.items() if yardstick in item.answer.yardsticks]
    return PromptAnswer(key, question, item.masked.text, wanted)


def _rating(
    answer: AnswerMaterial,
    yardstick: Yardstick,
    asked: _Asked | None,
    judgement: Judgement | None,
) -> tuple[RatingDraft, int]:
    """Return the rating with the evidence that holds, and how many quotes did not."""
    if asked is None or judgement is None:
        return RatingDraft(answer, yardstick, None, _why_not(answer) or NOT_RATED), 0
    spans = [_place(quote, asked) for quote in judgement.quotes]
    evidence = list(dict.fromkeys(span for span in spans if span is not None))
    dropped = spans.count(None)
    if judgement.level is None:
        return RatingDraft(answer, yardstick, None, judgement.rationale, evidence), dropped
    if not evidence:
        return RatingDraft(answer, yardstick, None, UNSUPPORTED), dropped
    return RatingDraft(answer, yardstick, judgement.level, judgement.rationale, evidence), dropped


def _place(quote: str, asked: _Asked) -> CharSpan | None:
    """Return the quote's place in the original answer; None if it is no evidence."""
    span = find_quote(quote, asked.masked.text)
    if span is None or any(s.start < span.end and span.start < s.end for s in asked.suspicious):
        return None
    return asked.masked.to_original(span)

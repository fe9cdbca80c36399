"""The language model's ratings of a session: one call, every quote looked up in the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis import prompts
from analysis.engines.base import Answer, LanguageModel
from analysis.evaluation import RatingDraft, RunDraft
from analysis.evidence import CharSpan, find_quote
from analysis.material import AnswerMaterial, SessionMaterial, Yardstick
from analysis.prompts import Judgement, Masked, Prompt, PromptAnswer, PromptCompetency
from analysis.rubric import MIN_WORDS
from analysis.spending import cost_usd
from analysis.text_metrics import words

UNSUPPORTED = "Insufficient evidence: no quote of the model's stands word for word in the answer."
NOT_RATED = "The model gave no rating."
TOO_SHORT = f"The answer has fewer than {MIN_WORDS} words."


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
    ask: Callable[[Prompt, list[int]], Answer],
) -> RunDraft:
    """Ask the model once for the whole session.

    `ask` is given the prompt, and the sizes that prompts for one answer each would have.

    Raises the engine's errors; StageFailure: content_filtered, output_invalid.
    """
    asked = {
        f"A{number}": _masked(answer, material.names)
        for number, answer in enumerate(material.answers, start=1)
        if not _why_not(answer)
    }
    yardsticks = _yardsticks(material)
    prompt = prompts.build(
        [_competency(key, yardstick) for key, yardstick in yardsticks.items()],
        [_answer(key, item, yardsticks) for key, item in asked.items()],
    )
    reply = ask(prompt, _sizes_of_one_by_one(asked, yardsticks))
    judgements = prompts.read_reply(reply.content(), prompt)
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
        model=reply.model,
        input_hash=input_hash(material, engine),
        prompt_version=prompts.VERSION,
        prompt_hash=prompts.template_hash(),
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost_usd=cost_usd(engine.name, reply),
        raw_output={"reply": reply.text, "addressed_to_rater": flagged},
        dropped_evidence=dropped,
        ratings=ratings,
    )


def _sizes_of_one_by_one(asked: dict[str, _Asked], yardsticks: dict[str, Yardstick]) -> list[int]:
    """Return the size of each prompt if every answer had one of its own, with its scales alone."""
    sizes = []
    for key, item in asked.items():
        own = {k: y for k, y in yardsticks.items() if y in item.answer.yardsticks}
        scales = [_competency(k, yardstick) for k, yardstick in own.items()]
        sizes.append(prompts.build(scales, [_answer(key, item, own)]).size_bytes)
    return sizes


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

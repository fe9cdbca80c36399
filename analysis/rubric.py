"""A deterministic reading of an answer against its rubric, with the sentences that carry it. Pure.

Embeddings come in as arrays of unit vectors (multilingual-e5-small: cosine of unrelated texts about
0.73, of related ones 0.80 and more). The constants were set on hand-written answers: that shows
feasibility, not validity, and docs/evaluation.md says so wherever a level is shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.text_metrics import Sentence, words

Vectors = NDArray[np.float32]

VERSION = "1"
LANGUAGES = frozenset({"en"})  # the word lists below are English
MIN_WORDS = 15
# What any answer is compared with to see whether it speaks of the question at all.
BACKGROUND = (
    "What is the weather like today?",
    "My favourite food is pasta.",
    "We went on holiday to the sea.",
    "The cat sleeps on the sofa.",
    "I watched a film with my sister.",
    "The train leaves at eight o'clock.",
    "The football match ended in a draw.",
    "The house has a red door and a garden.",
)
MIN_RELEVANCE = 0.045  # nearest sentences to the question, above the background
RELEVANT_SENTENCES = 3
CONTRAST_RANGE = (-0.04, 0.04)  # similarity to anchors 4 and 5 minus to 1 and 2
CONTRAST_WEIGHT, SPECIFICITY_WEIGHT = 0.3, 0.7
MAX_EVIDENCE = 2
MIN_EVIDENCE_WORDS = 4
SPECIFIC_BONUS = 0.01  # in cosine: among near equals, prefer the sentence that says something

ADVERBS = r"(?:(?:also|then|first|always|just|\w+ly)\s+)?"
ACTION = re.compile(rf"\b(?:I|we)\s+{ADVERBS}(?:(?:would|will|could|can|have)\s+{ADVERBS})?(\w+)")
# Verbs that follow "I" without telling of an action.
STATES = re.compile(
    r"am|was|were|be|been|have|had|do|did|don|didn|think|thought|guess|mean|know|knew|like|liked|"
    r"feel|felt|believe|suppose|want|wanted|hope|need|love|prefer|can|could|would|will|should|may|"
    r"might|must|not|never|try|live|lived|seem|say|said|usually|really|once",
    re.IGNORECASE,
)
RESULT = re.compile(
    r"\b(?:as a result|in the end|since then|so that|went (?:from|down|up)|fell|dropped|rose|"
    r"reduced|decreased|increased|improved|saved|fixed|solved|delivered|restored|agreed|shipped|"
    r"(?:it|this|that) worked|stayed|instead of|on time|no longer|"
    r"down to|up to|(?:from|to) zero)\b",
    re.IGNORECASE,
)
FIGURE = re.compile(
    r"\b(?:\d[\d.,:]*%?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    r"fifteen|nineteen|twenty|thirty|forty|fifty|sixty|hundred|thousand|half|percent|zero)\b",
    re.IGNORECASE,
)
REASON = re.compile(
    r"\b(?:because|therefore|whether|compared?|considered|either|alternatives?|instead|so that|"
    r"in order to|which is why|reasons?|if|test(?:s|ed)?|measured?|cause[sd]?|weighed)\b",
    re.IGNORECASE,
)
LESSON = re.compile(
    r"\b(?:learn(?:ed|t)|since then|next time|afterwards|from then on|never again|"
    r"(?:does|do|has|have|did|will) not (?:happen|come back)|prevents?|(?:no|any) (?:\w+ )?longer|"
    r"set (?:up )?an? alarm|add(?:ed)? an? (?:\w+ )?(?:alarm|check|test|rule))\b",
    re.IGNORECASE,
)
HEDGE = re.compile(
    r"\b(?:maybe|I guess|I think|sort of|kind of|probably|don'?t know|somehow|whatever|"
    r"of course|usually|to be honest)\b",
    re.IGNORECASE,
)
SIGNALS = (  # (pattern, how many sentences make it full, weight); weights add up to 1
    ("actions", 5, 0.35),
    ("results", 2, 0.2),
    ("figures", 2, 0.15),
    ("reasons", 2, 0.15),
    ("lessons", 1, 0.15),
)
HEDGE_COST = 0.1


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its vectors: sentences (n, d), whole (d,)."""

    text: str
    sentences: Sequence[Sentence]
    sentence_vectors: Vectors
    whole_vector: Vectors
    language: str


@dataclass(frozen=True, slots=True)
class Scale:
    """What an answer is read against: anchors (5, d) from level 1, question (d,)."""

    anchor_vectors: Vectors
    question_vector: Vectors
    background_vectors: Vectors


@dataclass(frozen=True, slots=True)
class Reading:
    """A level 1..5 with the sentences behind it, or None and why."""

    level: int | None
    rationale: str
    evidence: tuple[Sentence, ...]
    features: dict[str, float]


def read(answer: Answer, scale: Scale) -> Reading:
    """Rate `answer` on `scale`; the same input always gives the same reading."""
    if len(words(answer.text)) < MIN_WORDS or not answer.sentences:
        return insufficient(f"The answer has fewer than {MIN_WORDS} words.")
    near = relevance(answer.sentence_vectors, scale)
    features = {"relevance": near}
    if near < MIN_RELEVANCE:
        return Reading(None, "The answer does not speak of what was asked.", (), features)
    if answer.language not in LANGUAGES:
        nearest = _nearest_to_question(answer, scale)
        why = (
            f"The automatic reading knows English only, not '{answer.language}'. The sentences "
            "shown are those nearest to the question."
        )
        return Reading(None, why, nearest, features)
    counts = signals(answer.sentences)
    lean = contrast(answer.whole_vector, scale.anchor_vectors)
    share = CONTRAST_WEIGHT * _between(lean, *CONTRAST_RANGE)
    share += SPECIFICITY_WEIGHT * specificity(counts)
    level = int(np.clip(round(1 + 4 * share), 1, 5))
    features |= {"contrast": lean, "share": share} | {k: float(v) for k, v in counts.items()}
    features = {name: round(value, 4) for name, value in features.items()}
    evidence = best_sentences(answer, scale, level)
    if not evidence:
        return Reading(None, "No sentence is long enough to be evidence.", (), features)
    return Reading(level, _rationale(counts, lean), evidence, features)


def insufficient(why: str) -> Reading:
    """Return a reading without a level."""
    return Reading(None, why, (), {})


def relevance(sentence_vectors: Vectors, scale: Scale) -> float:
    """Similarity of the nearest sentences to the question, above that of unrelated ones."""
    similarity = np.sort(sentence_vectors @ scale.question_vector)[-RELEVANT_SENTENCES:]
    background = scale.background_vectors @ scale.question_vector
    return float(similarity.mean() - background.mean())


def contrast(whole_vector: Vectors, anchor_vectors: Vectors) -> float:
    """How much nearer the answer is to the high anchors (4, 5) than to the low ones (1, 2)."""
    similarity = anchor_vectors @ whole_vector
    return float(similarity[3:].mean() - similarity[:2].mean())


def signals(sentences: Sequence[Sentence]) -> dict[str, int]:
    """Count the sentences that tell of own actions, results, figures, reasons, lessons; hedges."""
    texts = [s.text for s in sentences]
    counts = {
        name: sum(bool(pattern.search(text)) for text in texts)
        for name, pattern in (
            ("results", RESULT),
            ("figures", FIGURE),
            ("reasons", REASON),
            ("lessons", LESSON),
        )
    }
    hedges = sum(len(HEDGE.findall(text)) for text in texts)
    return {"actions": sum(map(is_action, texts))} | counts | {"hedges": hedges}


def specificity(counts: dict[str, int]) -> float:
    """Weigh the counted signals to 0..1."""
    full = sum(weight * min(1.0, counts[name] / enough) for name, enough, weight in SIGNALS)
    return max(0.0, full - HEDGE_COST * min(3, counts["hedges"]))


def is_action(sentence: str) -> bool:
    """Say whether somebody tells what they did or would do."""
    return any(not STATES.fullmatch(verb) for verb in ACTION.findall(sentence))


def best_sentences(answer: Answer, scale: Scale, level: int) -> tuple[Sentence, ...]:
    """Return the sentences nearest to the level's anchor, in the order they were said."""
    nearness = answer.sentence_vectors @ scale.anchor_vectors[level - 1]
    nearness += answer.sentence_vectors @ scale.question_vector
    for index, sentence in enumerate(answer.sentences):
        found = sum(bool(p.search(sentence.text)) for p in (RESULT, FIGURE, REASON, LESSON))
        nearness[index] += SPECIFIC_BONUS * (found + is_action(sentence.text))
    return _top(answer.sentences, nearness)


def _nearest_to_question(answer: Answer, scale: Scale) -> tuple[Sentence, ...]:
    return _top(answer.sentences, answer.sentence_vectors @ scale.question_vector)


def _top(sentences: Sequence[Sentence], nearness: Vectors) -> tuple[Sentence, ...]:
    ranked = [int(i) for i in np.argsort(-nearness, kind="stable")]
    long_enough = [i for i in ranked if len(words(sentences[i].text)) >= MIN_EVIDENCE_WORDS]
    return tuple(sentences[i] for i in sorted(long_enough[:MAX_EVIDENCE]))


def _between(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def _rationale(counts: dict[str, int], lean: float) -> str:
    found = [f"{counts[name]} with {name}" for name, _, _ in SIGNALS if counts[name]]
    told = ", ".join(found) or "none with an own action, a result, a figure, a reason or a lesson"
    hedges = f"; hedging words: {counts['hedges']}" if counts["hedges"] else ""
    side = "upper" if lean > 0 else "lower"
    return (
        f"Sentences: {told}{hedges}. The wording is nearer to the {side} levels of the rubric. "
        "A first reading by a fixed rule, not a validated score."
    )

"""The deterministic reading of a session: always made, with no model that invents words."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis import prompts, rubric
from analysis.embeddings import vectors_of
from analysis.engines.base import Embedder
from analysis.evaluation import RatingDraft, RunDraft
from analysis.evidence import CharSpan
from analysis.material import AnswerMaterial, SessionMaterial, Yardstick
from analysis.text_metrics import Sentence, sentences

PROVIDER = "deterministic"
MAX_CHUNK_WORDS = 200  # the embedder reads 512 tokens at a time


def input_hash(material: SessionMaterial, embedder: Embedder) -> str:
    """Return the hash of all that decides the reading."""
    return material.input_hash(PROVIDER, embedder.model, rubric.VERSION)


def read_session(material: SessionMaterial, embedder: Embedder) -> RunDraft:
    """Read every answer against each of its scales."""
    background = vectors_of(embedder, rubric.BACKGROUND, "passage")
    ratings, features = [], {}
    for answer in material.answers:
        prepared = None if answer.reason else _prepare(answer, embedder)
        question = vectors_of(embedder, [answer.question], "query")[0]
        for yardstick in answer.yardsticks:
            reading = rubric.insufficient(answer.reason)
            if prepared is not None:
                scale = rubric.Scale(_anchors(yardstick, embedder), question, background)
                reading = rubric.read(prepared, scale)
            spans = [CharSpan(s.start_char, s.end_char) for s in reading.evidence]
            ratings.append(RatingDraft(answer, yardstick, reading.level, reading.rationale, spans))
            features[f"{answer.response_id}/{yardstick.competency_id}"] = reading.features
    return RunDraft(
        provider=PROVIDER,
        model=f"{embedder.model}, rule {rubric.VERSION}",
        input_hash=input_hash(material, embedder),
        raw_output={"features": features},
        ratings=ratings,
    )


def _prepare(answer: AnswerMaterial, embedder: Embedder) -> rubric.Answer:
    """Leave out what may be invented or only talks to the rater; embed the rest."""
    excluded = [*answer.unclear, *prompts.addressed_to_rater(answer.text)]
    kept = [s for s in sentences(answer.text) if not any(_overlaps(s, e) for e in excluded)]
    texts = [sentence.text for sentence in kept]
    return rubric.Answer(
        text=" ".join(texts),
        sentences=kept,
        sentence_vectors=embedder.embed(texts, "passage"),
        whole_vector=_whole(texts, embedder),
        language=answer.language,
    )


def _whole(texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
    """Return one unit vector for the answer: the mean of its chunks."""
    chunks, current, size = [], [], 0
    for text in texts:
        current.append(text)
        size += len(text.split())
        if size >= MAX_CHUNK_WORDS:
            chunks.append(" ".join(current))
            current, size = [], 0
    if current or not chunks:
        chunks.append(" ".join(current))
    mean = embedder.embed(chunks, "passage").mean(axis=0)
    unit: NDArray[np.float32] = mean / np.linalg.norm(mean)
    return unit


def _anchors(yardstick: Yardstick, embedder: Embedder) -> NDArray[np.float32]:
    texts = [yardstick.levels[level] for level in sorted(yardstick.levels)]
    return vectors_of(embedder, texts, "query")


def _overlaps(sentence: Sentence, span: CharSpan) -> bool:
    return sentence.start_char < span.end and span.start < sentence.end_char

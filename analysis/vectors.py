"""Vectors of texts that are the same for every candidate: kept by text and model.

Only questions, anchors and the rubric's background come here, never an answer.
"""

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.caches import VECTORS
from analysis.engines.base import Embedder
from ops import caches
from ops.caches import About, Made

Kind = Literal["query", "passage"]
Vector = NDArray[np.float32]


def vectors_of(embedder: Embedder, texts: Iterable[str], kind: Kind) -> dict[str, Vector]:
    """Return the unit vector of each text; what is not kept is computed, and kept then."""
    wanted = list(dict.fromkeys(texts))
    keys = {text: caches.key_of(VECTORS, embedder.model, kind, text) for text in wanted}
    kept = caches.get_many(VECTORS, list(keys.values()))
    found = {
        text: np.frombuffer(blob, dtype=np.float32)
        for text in wanted
        if (entry := kept.get(keys[text])) and (blob := entry.blob)
    }
    missing = [text for text in wanted if text not in found]
    made = dict(zip(missing, embedder.embed(missing, kind), strict=True)) if missing else {}
    caches.put_many(
        VECTORS,
        {
            keys[text]: Made(blob=np.asarray(vector, dtype=np.float32).tobytes())
            for text, vector in made.items()
        },
        about=About(label=f"{embedder.model} {kind}"),
    )
    return {**found, **made}

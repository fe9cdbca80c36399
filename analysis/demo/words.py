"""Compare what was said with what was heard. Pure."""

import re
from collections.abc import Sequence

WORD = re.compile(r"[a-z0-9']+")
SPELLINGS = {"mr": "mister", "mrs": "missus", "dr": "doctor"}


def spoken_words(text: str) -> list[str]:
    """Return the words of `text` as they are spoken, without case and punctuation."""
    return [SPELLINGS.get(word, word) for word in WORD.findall(text.lower().replace("\u2019", "'"))]


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return the fewest substitutions, insertions and omissions that turn one into the other."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, start=1):
            cost = diagonal + (word != other)
            diagonal = row[j]
            row[j] = min(cost, row[j] + 1, row[j - 1] + 1)
    return row[-1]

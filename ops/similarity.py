"""Which error messages say the same thing about different rows. Pure."""

import re
from hashlib import sha256

LONGEST_CHARS = 200
# What differs between two reports of one cause, the most specific first.
VARIABLE = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\bCND-[0-9A-Z]{4}-[0-9A-Z]{4}\b"), "<reference>"),
    (re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:/[\w.@%+~-]+){2,}/?"), "<path>"),
    (re.compile(r"\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", re.IGNORECASE), "<hex>"),
    (re.compile(r"\b\d+(?:[.,:]\d+)*"), "<n>"),
    (re.compile(r"\s+"), " "),
)


def shape_of(message: str) -> str:
    """Return a message without what differs from row to row: ids, paths, numbers."""
    for pattern, mark in VARIABLE:
        message = pattern.sub(mark, message)
    return message.strip()[:LONGEST_CHARS]


def similarity_key(code: str, shape: str) -> str:
    """Return what letters share whose failures read alike, wherever in the code they arose."""
    return sha256(f"{code}|{shape}".encode()).hexdigest()[:32]

"""Word error rate, counted the plain way."""

import re


def plain(text):
    text = text.casefold().replace("mr.", "mister").replace("-", " ")
    return re.sub(r"[^\w\s']", " ", text).split()


def errors(said, heard):
    """Return the least number of words to change, add or leave out (Levenshtein)."""
    said, heard = plain(said), plain(heard)
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]

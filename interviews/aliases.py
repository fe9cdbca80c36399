"""Names that reviewers see instead of a candidate's own. Pure."""

import secrets
from collections.abc import Collection

BIRDS = (
    "Avocet", "Bittern", "Bunting", "Crane", "Curlew", "Dipper", "Dunlin", "Egret", "Falcon",
    "Finch", "Gannet", "Grebe", "Heron", "Ibis", "Jackdaw", "Kestrel", "Kite", "Lapwing", "Lark",
    "Linnet", "Martin", "Merlin", "Nuthatch", "Oriole", "Osprey", "Petrel", "Pipit", "Plover",
    "Puffin", "Quail", "Raven", "Redstart", "Robin", "Sandpiper", "Siskin", "Skylark", "Snipe",
    "Starling", "Swift", "Tern", "Thrush", "Turnstone", "Wagtail", "Warbler", "Wheatear", "Wren",
)  # fmt: skip
DRAWS_PER_LENGTH = 40  # then one more digit, so a large organization never waits for luck


def new_alias(taken: Collection[str]) -> str:
    """Return an alias such as "Heron 42" that is not in `taken`."""
    digits = 2
    while True:
        for _ in range(DRAWS_PER_LENGTH):
            low = 10 ** (digits - 1)
            alias = f"{secrets.choice(BIRDS)} {low + secrets.randbelow(9 * low)}"
            if alias not in taken:
                return alias
        digits += 1

"""docs/routes.md: every address of the product, with what it says of itself.

`python -m tests.house.routes` (part of `make schema`) writes it; test_words.py compares.
"""

import os
import re

import yaml
from django.urls import URLResolver, get_resolver

from tests.house.matrix import RULED
from tests.house.tree import ROOT

PAGE = ROOT / "docs/routes.md"
SNAPSHOT = ROOT / "tests/house/schema.yml"
HEAD = """\
# Routes

Every address, made from the code by `make schema`. REST is explained in [rest.md](rest.md) and, to
the last field, at `/docs`; who may ask for what is in `tests/house/matrix.py`. Below `/accounts/`
are the pages of sign-up, sign-in, passwords, addresses and second factors (django-allauth), below
`/admin/` those of staff ([operations.md](operations.md)).
"""
PARTS = (  # title, what its addresses begin with; the first that fits
    ("REST for candidates", ("/api/v1/candidate/",)),
    ("REST", ("/api/", "/health")),
    ("Pages of a candidate", ("/i/", "/interview/")),
    ("Pages of members", ("/",)),
)


def patterns(resolver=None, prefix=""):
    """(path, pattern) of every address that Django knows."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, path)
        else:
            yield path, pattern


def own_patterns():
    return [(path, pattern) for path, pattern in patterns() if not path.startswith(RULED)]


def address_of(path):
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{path}")


def in_order(patterns):
    found = [(address_of(path), pattern) for path, pattern in patterns]
    return sorted(found, key=lambda each: each[0])


def rows_of(address, pattern, documented):
    """A row per method where the OpenAPI document has them, else one in the words of the view."""
    if address in documented:
        said = {
            f"{method.upper()} {address}": operation["description"]
            for method, operation in documented[address].items()
        }
    else:
        view = getattr(pattern.callback, "view_class", None) or pattern.callback
        said = {address: view.__doc__ or ""}
    for asked, text in said.items():
        first = " ".join(text.split("\n\n")[0].split())
        yield f"| `{asked}` | {first} |"


def part_of(address):
    return next(title for title, starts in PARTS if address.startswith(starts))


def written(patterns):
    """The page, from (path, pattern) of each address."""
    documented = yaml.safe_load(SNAPSHOT.read_text())["paths"]
    rows = {title: [] for title, _ in PARTS}
    for address, pattern in in_order(patterns):
        rows[part_of(address)] += rows_of(address, pattern, documented)
    tables = (
        f"\n## {title}\n\n| address | what it is |\n|---|---|\n" + "\n".join(lines) + "\n"
        for title, lines in reversed(rows.items())
    )
    return HEAD + "".join(tables)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    PAGE.write_text(written(own_patterns()))

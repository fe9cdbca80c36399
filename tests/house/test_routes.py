"""Every address of the product is in the documentation, with what it is."""

import re

from tests.house.routes import PAGE, address_of, own_patterns

ROW = re.compile(r"^\| `(?:[A-Z]+ )?(/\S*)` \| (.*) \|$", re.MULTILINE)
HINT = "If these routes are meant: make schema"


def test_the_routes_page_names_every_address_and_no_other():
    named = {address for address, _ in ROW.findall(PAGE.read_text())}
    there = {address_of(path) for path, _ in own_patterns()}
    assert not there - named, HINT
    assert not named - there, HINT


def test_every_address_says_what_it_is():
    rows = ROW.findall(PAGE.read_text())
    assert len(rows) > 100
    assert not [address for address, said in rows if not said]

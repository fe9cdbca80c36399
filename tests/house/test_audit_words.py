"""Every action that the code writes in the audit trail has a name that people understand."""

import ast
import re

import pytest
from django.test import Client

from ops.deeds import WORDS, in_words
from tests.house.tree import python_files

ACTION = re.compile(r"[a-z_]+\.[a-z_]*[a-z]")
WRITERS = {"record", "_audit", "note"}


def written_actions():
    """Constants that are handed to a writer of the trail, by place or as `action=`."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in WRITERS:
                continue
            for part in (*node.args, *(k.value for k in node.keywords if k.arg == "action")):
                for constant in ast.walk(part):
                    value = getattr(constant, "value", None)
                    if isinstance(value, str) and ACTION.fullmatch(value):
                        yield value


def test_every_action_of_the_code_has_words():
    found = set(written_actions())
    assert len(found) > 25, "the search no longer finds what the code writes"
    assert found - set(WORDS) == set()


@pytest.mark.django_db
def test_the_page_says_what_was_done_in_words(alice):
    from ops import audit  # noqa: PLC0415 - only here

    audit.record(
        organization_id=alice.membership.organization_id,
        actor="candidate:1",
        action="session.withdrawn",
        subject_kind="session",
        subject_id="1",
    )
    client = Client()
    client.force_login(alice)
    page = client.get("/organization/audit/").content.decode()
    assert "withdrew from the interview" in page
    assert "the candidate" in page


def test_what_has_no_words_is_called_as_it_is_stored():
    assert in_words("job.opened") == "job.opened"

"""docs/storage.md shows the policies, the purposes and the number of attacks that the code has."""

import json
import re

from recordings.bucket_rules import application_policy, operator_policy
from recordings.bucket_settings import KEPT
from recordings.objects import QUARANTINE
from recordings.purposes import BUILT_IN
from tests.house.tree import doc
from tests.recordings import attacks_get, attacks_multipart, attacks_put  # noqa: F401 - the table
from tests.recordings.attacks import ATTACKS

BUCKET = "candor-recordings"


def shown(name):
    """The JSON below a mark of the page."""
    found = re.search(rf"<!-- {name} -->\n```json\n(.*?)```", doc("storage.md"), re.DOTALL)
    return json.loads(found.group(1))


def test_the_policies_are_those_of_the_code():
    assert shown("application policy") == application_policy(BUCKET, [KEPT, QUARANTINE])
    assert shown("operator policy") == operator_policy(BUCKET)


def test_each_purpose_is_shown_with_its_times():
    for purpose in BUILT_IN:
        row = re.search(rf"^\| `{purpose.name}` \|(.*)\|$", doc("storage.md"), re.MULTILINE)
        _, shown_as, lives, same = (cell.strip() for cell in row.group(1).split("|"))
        assert shown_as == purpose.disposition
        assert seconds(lives) == purpose.lifetime_s
        assert seconds(same) == purpose.cache_s


def seconds(text):
    number, unit = text.split()
    return int(number) * {"min": 60, "h": 3600}[unit]


def test_the_attacks_are_counted():
    counted = {kind: sum(a.on == kind for a in ATTACKS) for kind in ("GET", "PUT", "multipart")}
    by_kind = "({GET} on GET, {PUT} on PUT, {multipart} on uploads in parts)".format(**counted)
    assert f"tries {len(ATTACKS)} things" in doc("storage.md")
    assert by_kind in doc("storage.md")

"""What docs/rest.md says a program may type is typed here, against a server of its own."""

import json
import re
import subprocess

import pytest

from analysis.demo.server import fresh_server
from tests.house.tree import doc

LONGEST_S = 240


def way(heading):
    """The commands under a heading, as one script."""
    section = doc("rest.md").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL))


def alias():
    return re.search(r"^alias candor=.*$", doc("rest.md"), re.MULTILINE).group(0)


def strict(script):
    """The same commands, but an answer that is a problem ends them."""
    return script.replace("curl ", "curl --fail ")


@pytest.mark.slow
def test_the_whole_way_by_curl_ends_at_ratings_with_their_evidence():
    with fresh_server() as server:
        member = json.loads(server.manage("seed_demo", "--bare"))["email"]
        key = server.manage("create_api_key", member).strip()
        script = f"{alias()}\n{way('From an interview to its results')}"
        script = "shopt -s expand_aliases\nset -euo pipefail\n" + strict(script)
        done = subprocess.run(
            ["bash", "-s"],
            input=script,
            env={"PATH": "/usr/bin:/bin", "CANDOR": server.url, "KEY": key},
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    assert '"quote"' in done.stdout
    assert '"reviewed": 0' in done.stdout

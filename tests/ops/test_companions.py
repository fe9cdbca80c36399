"""Programs that works need run as long as the supervisor, and no longer."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.utils import timezone

from ops.clusters import Companion
from ops.processes import facts_of
from ops.supervisor import Supervisor
from tests.ops.plant import ROOT

SLEEP = ["/usr/bin/env", "sleep", "300"]


def is_gone(pid):
    facts = facts_of(pid)
    return facts is None or facts.state in "ZX"


def until(condition):
    give_up = time.monotonic() + 10
    while not condition() and time.monotonic() < give_up:
        time.sleep(0.05)
    assert condition()


@pytest.fixture
def companion():
    child = Companion("sleeper", SLEEP)
    child.start()
    yield child
    child.kill()


def test_a_companion_takes_its_process_over(companion):
    until(lambda: Path(f"/proc/{companion.pid}/comm").read_text().strip() == "sleep")
    assert companion.trouble(timezone.now()) is None
    companion.ask_to_stop()
    assert not companion.has_ended()  # works end first
    companion.kill()
    assert companion.has_ended()


def test_a_companion_that_ended_has_to_be_started_again(companion):
    os.kill(companion.pid, signal.SIGKILL)
    until(companion.has_ended)
    assert "exited" in companion.trouble(timezone.now())


def test_a_companion_dies_with_who_started_it():
    script = (
        "import os, django; django.setup()\n"
        "from ops.clusters import Companion\n"
        f"child = Companion('sleeper', {SLEEP!r}); child.start()\n"
        "print(child.pid, flush=True); os._exit(0)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    pid = int(ended.stdout.split()[-1])
    until(lambda: is_gone(pid))


def test_only_who_serves_the_web_brings_the_companions_along(settings):
    settings.COMPANIONS = [("sleeper", SLEEP)]
    serving = Supervisor(["short"], with_web=True)
    assert [child.name for child in serving.children] == ["sleeper", "cluster short", "web"]
    assert [child.name for child in Supervisor(["short"]).children] == ["cluster short"]

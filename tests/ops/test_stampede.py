"""Many processes miss the same value at once: one of them makes it."""

import subprocess
import sys

import pytest
from django.db import connection

from ops.models import CacheEntry, CacheFlight, CacheMinute
from tests.house.tree import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PROCESSES = 5
MAKER = """
import os, sys, time
from pathlib import Path
import django
from django.conf import settings
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from datetime import timedelta
from ops import caches
from ops.caches import Cache, Made
cache = caches.declare(
    Cache(name="tried", keeps="", saves="", ttl=timedelta(hours=1), max_entries=9)
)
calls = Path(sys.argv[2])
def make():
    (calls / str(os.getpid())).touch()
    time.sleep(1.5)
    return Made(value=7, tokens=100)
(calls.parent / f"ready-{os.getpid()}").touch()
while not (calls.parent / "go").exists():
    time.sleep(0.01)
print(caches.get_or_make(cache, caches.key_of(cache, "a"), make)[0].value)
"""


def test_a_stampede_of_processes_makes_one_call(tmp_path):
    """Under the database of the test, which its processes open for themselves."""
    name = str(connection.settings_dict["NAME"])
    assert "memory" not in name, "processes can share no database in memory"
    calls = tmp_path / "calls"
    calls.mkdir()
    command = [sys.executable, "-W", "ignore", "-c", MAKER, name, str(calls)]
    found = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    while len(list(tmp_path.glob("ready-*"))) < PROCESSES:
        assert all(each.poll() is None for each in found), "one of them did not start"
    (tmp_path / "go").touch()
    told = [each.communicate(timeout=60)[0].strip() for each in found]
    assert told == ["7"] * PROCESSES
    assert len(list(calls.iterdir())) == 1
    assert CacheEntry.objects.get().hits == PROCESSES - 1
    minutes = CacheMinute.objects.all()
    assert sum(row.asked for row in minutes) == PROCESSES
    assert sum(row.saved_tokens for row in minutes) == 100 * (PROCESSES - 1)
    assert not CacheFlight.objects.exists()

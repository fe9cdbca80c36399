"""A short storm on the database of this run; `make chaos` has the long ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import IS_POSTGRES

SEED = 11
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_after_six_kills_among_forty_jobs_every_promise_was_kept():
    kind = ["--postgres"] if IS_POSTGRES else []
    # One plan, so that a failure can be looked into; and no judgement of speed on a shared machine.
    steady = [f"--seed={SEED}", "--recovery=300", "--minutes=8"]
    ended = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "tests.chaos",
            "--sessions=4",
            "--kills=6",
            *steady,
            *kind,
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=580,
    )
    print(ended.stdout)  # noqa: T201 - the seed, and what happened
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "every promise was kept" in ended.stdout

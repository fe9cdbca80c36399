"""The demo's real pipeline, with its workers killed under it."""

import os
import signal
import time
from collections import Counter

import pytest

from analysis.demo.server import fresh_server
from tests.databases import OwnDatabase

pytestmark = pytest.mark.slow
WITHIN_S = 180
STAGES_PER_RECORDING = ("verify", "prepare", "transcribe", "measure_text")


def wait_for(read):
    give_up = time.monotonic() + WITHIN_S
    while time.monotonic() < give_up:
        if found := read():
            return found
        time.sleep(0.05)
    raise AssertionError("It did not happen in time.")


def kill_worker_of(database, stage):
    """SIGKILL whoever is running `stage`."""
    running = f"SELECT worker FROM ops_job WHERE state = 'running' AND stage = '{stage}'"  # noqa: S608 - our own word
    [(worker, *_)] = wait_for(lambda: database.rows(running)[:1])
    os.kill(int(worker.split(":")[1]), signal.SIGKILL)


@pytest.fixture
def database(tmp_path):
    found = OwnDatabase(tmp_path).create()
    yield found
    found.drop()


def test_a_session_whose_workers_are_killed_ends_ready_with_each_result_once(database):
    with fresh_server(seed=("seed_demo",), environment=database.environment):
        kill_worker_of(database, "prepare")
        kill_worker_of(database, "transcribe")
        ready = "SELECT 1 FROM interviews_session WHERE state = 'ready_for_review'"
        wait_for(lambda: database.rows(ready))

        ended = "SELECT outcome FROM ops_attempt"
        attempts = Counter(outcome for (outcome,) in database.rows(ended))
        per_job = (
            "SELECT stage, subject_id, count(*) FROM ops_job"
            " JOIN ops_attempt ON job_id = ops_job.id"
            " WHERE ops_attempt.outcome = 'completed' GROUP BY stage, subject_id"
        )
        completed = database.rows(per_job)
        transcripts = database.rows("SELECT recording_id, text FROM analysis_transcript")
        missing = database.rows("SELECT missing FROM interviews_session")
    assert attempts["lost"] == 2
    assert {count for *_, count in completed} == {1}
    of_stage = Counter(stage for stage, *_ in completed)
    assert of_stage == dict.fromkeys(STAGES_PER_RECORDING, 3) | {"evaluate": 1, "finalise": 1}
    assert len(transcripts) == 3
    assert all(len(text.split()) > 20 for _, text in transcripts)
    assert missing == [("[]",)]

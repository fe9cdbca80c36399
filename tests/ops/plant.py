"""A database of its own with real worker processes on it, for tests that kill them."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from ops import processes
from tests.databases import OwnDatabase

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import json, uuid
from ops import jobs
from ops.models import Organization
order = json.loads({order!r})
organization = Organization.objects.create(name="Acme")
for recordings in order["runs"]:
    run = jobs.open_run(organization_id=organization.id, subject_kind="session",
        subject_id=uuid.uuid4(), board="b", expected_recordings=len(recordings),
        options=order["options"])
    for recording in recordings:
        jobs.add_recording(run_id=run.id, subject_id=uuid.UUID(recording))
    jobs.seal(run_id=run.id, recordings=len(recordings))
"""


class Plant:
    """A database of its own, and the processes that work on it."""

    def __init__(self, folder, database=None):
        self.folder = folder
        self.database = database or OwnDatabase(folder)
        self.environment = {
            **os.environ,
            **self.database.environment,
            "DJANGO_SETTINGS_MODULE": "tests.ops.worker_settings",
            "WATCHDOG_STALE_S": "5",
            "PYTHONPATH": str(ROOT),
        }
        self.supervisor = self.log = None

    def manage(self, *arguments):
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        )

    def begin(self, recordings, *, runs=1, poisoned=0, **options):
        ids = [[str(uuid.uuid4()) for _ in range(recordings)] for _ in range(runs)]
        order = {"runs": ids, "options": {**options, "poison": ids[0][:poisoned]}}
        self.manage("shell", "-v0", "-c", BEGIN.format(order=json.dumps(order)))

    def start(self, *arguments):
        if self.log:
            self.log.close()
        self.log = (self.folder / "worker.log").open("a")
        self.supervisor = subprocess.Popen(
            [sys.executable, "manage.py", *(arguments or ("worker",))],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )

    def stop(self, sent=signal.SIGTERM):
        """End the supervisor; return its exit code."""
        self.supervisor.send_signal(sent)
        return self.supervisor.wait(60)

    def end(self):
        """Kill whatever is left."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        if self.supervisor:
            self.supervisor.wait(10)
            self.log.close()

    def rows(self, query):
        return self.database.rows(query)

    def one(self, query):
        return self.rows(query)[0][0]

    def running(self):
        """Pids of workers at work."""
        workers = self.rows("select worker from ops_job where state = 'running' order by id")
        return [int(worker.split(":")[1]) for (worker,) in workers]

    def wait_for(self, found, seconds=40):
        """Return what `found` finds once it finds something."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if value := found():
                return value
            time.sleep(0.05)
        raise AssertionError((self.folder / "worker.log").read_text()[-3000:])

    def wait_until_completed(self):
        self.wait_for(lambda: self.one("select state from ops_run") == "completed")

    def processes(self):
        """Pids of every process that has this plant's environment, our own test left out."""
        mark = f"DATA_DIR={self.folder}".encode()
        found = []
        for facts in processes.every_process():
            try:
                environment = Path(f"/proc/{facts.pid}/environ").read_bytes()
            except OSError:
                continue
            if mark in environment.split(b"\0") and facts.state != "Z":
                found.append(facts.pid)
        return found

    def wait_until_gone(self):
        until = time.monotonic() + 10
        while self.processes() and time.monotonic() < until:
            time.sleep(0.05)
        assert self.processes() == []

    def effects(self):
        return self.rows(
            "select action, count(*), count(distinct subject_id) from ops_auditentry"
            " where actor = 'lab' group by action order by action"
        )


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A database with every table, to be copied."""
    found = Plant(tmp_path_factory.mktemp("migrated"))
    found.database.create()
    found.manage("migrate", "-v0")
    yield found.database
    found.database.drop()


@pytest.fixture
def plant(tmp_path, migrated):
    found = Plant(tmp_path)
    found.database.create(like=migrated)
    yield found
    found.end()
    found.database.drop()

"""The workers under attack: a supervisor as a service manager runs it, and who is who below it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ops import processes
from ops.models import WorkerHeartbeat

ROOT = Path(__file__).resolve().parents[2]
STARTS_AGAIN_AFTER_S = 0.5


class Fleet:
    """`manage.py worker`, started again whenever it ends, as systemd would."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = {**environment, "CHAOS_FLEET": str(folder)}
        self.log = (folder / "worker.log").open("a")
        self.process = None
        self.ended_at = None

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "manage.py", "worker"],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )
        self.ended_at = None

    def keep_up(self):
        """Start the supervisor again a moment after it ended."""
        if self.process.poll() is None:
            return
        self.ended_at = self.ended_at or time.monotonic()
        if time.monotonic() - self.ended_at >= STARTS_AGAIN_AFTER_S:
            self.start()

    def roles(self):
        """Return role -> live pids, by what the heartbeats and the process tree say."""
        mains = [p.pid for p in processes.children_of(self.process.pid) if p.state not in "ZX"]
        beats = [
            beat
            for beat in WorkerHeartbeat.objects.all()
            if int(beat.key.rsplit(":", 1)[1]) in mains
        ]
        found = {
            "supervisor": [self.process.pid],
            "main": mains,
            "sentinel": [beat.sentinel_pid for beat in beats],
            "pusher": [beat.pusher_pid for beat in beats if beat.pusher_pid],
            "monitor": [beat.monitor_pid for beat in beats if beat.monitor_pid],
            "worker": [pid for beat in beats for pid in beat.worker_pids],
        }
        return {role: [pid for pid in pids if is_ours(pid)] for role, pids in found.items()}

    def everybody(self):
        """Pids of all that came of the supervisor, by a mark in their environment."""
        mark = f"CHAOS_FLEET={self.folder}".encode()
        found = []
        for facts in processes.every_process():
            try:
                environment = Path(f"/proc/{facts.pid}/environ").read_bytes()
            except OSError:
                continue
            is_own = facts.pid != os.getpid() and facts.state not in "ZX"
            if is_own and mark in environment.split(b"\0"):
                found.append(facts.pid)
        return found

    def stop(self, within_s):
        """SIGTERM; return (exit code, None if it had to be killed), and who was left over."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = None
        until = time.monotonic() + 10
        while (left := self.everybody()) and time.monotonic() < until:
            time.sleep(0.1)
        for pid in left:
            end(pid)
        self.log.close()
        return code, left


def is_ours(pid):
    facts = processes.facts_of(pid)
    return facts is not None and facts.state not in "ZX"


def end(pid):
    return send(pid, signal.SIGKILL)


def send(pid, what):
    """Send a signal; return whether there was anybody to get it."""
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return False
    return True

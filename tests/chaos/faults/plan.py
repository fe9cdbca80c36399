"""Which stage fails for whom, and a clock that jumps: files in the data folder tell all processes.

A fault that strikes a number of times counts its strikes in files, since its worker may die of it.
"""

import errno
import json
import os
import signal
import time
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

ZOMBIE_WORKS_S = 4.0


def folder():
    return Path(settings.DATA_DIR) / "chaos"


def write(faults):
    """`faults`: {"stage:subject id": {"kind": ..., "times": ...}}."""
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / "plan.json").write_text(json.dumps(faults))


@cache
def read():
    try:
        return json.loads((folder() / "plan.json").read_text())
    except FileNotFoundError:
        return {}


def strike(stage, subject_id):
    """Do to this attempt what the plan says."""
    fault = read().get(f"{stage}:{subject_id}")
    if fault and is_struck(stage, subject_id, fault.get("times", 1000)):
        KINDS[fault["kind"]](subject_id)


def is_struck(stage, subject_id, times):
    for number in range(times):
        try:
            (folder() / f"{stage}-{subject_id}-{number}").touch(exist_ok=False)
        except FileExistsError:
            continue
        return True
    return False


def note_call(stage, subject_id):
    """A stage begins its work: what would be paid for if it were somebody else's service."""
    with (folder() / "calls").open("a") as calls:
        calls.write(f"{stage}:{subject_id}\n")


def calls():
    return (folder() / "calls").read_text().split()


def poison(_):
    os.kill(os.getpid(), signal.SIGKILL)


def fill_disk(_):
    raise OSError(errno.ENOSPC, "No space left on device")


def drop_connection(_):
    raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")


def linger(subject_id):
    """Say who works here, and go on for a while: long enough to be stopped in it."""
    (folder() / f"zombie-{subject_id}").write_text(str(os.getpid()))
    time.sleep(ZOMBIE_WORKS_S)


KINDS = {
    "poison": poison,
    "disk_full": fill_disk,
    "flaky": drop_connection,
    "zombie": linger,
}


# --- the clock ----------------------------------------------------------------------------------
def set_clock(offset_s):
    (folder() / "clock").write_text(str(offset_s))


def jumping(now):
    """Return Django's clock, off by what the file says."""

    def moved():
        try:
            offset_s = float((folder() / "clock").read_text() or 0)
        except FileNotFoundError:
            offset_s = 0.0
        return now() + timedelta(seconds=offset_s)

    return moved


def let_the_clock_jump():
    timezone.now = jumping(timezone.now)

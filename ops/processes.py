"""Processes of this host: whose is alive, who dies with whom. Pure standard library.

A worker is written down as `host:pid:start`, with the process's start in clock ticks since boot,
so that another process that got the same number later is not taken for it.
"""

import ctypes
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
HOST = socket.gethostname().replace(":", "-")[:50]


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """One line of /proc/<pid>/stat (man 5 proc)."""

    pid: int
    state: str
    parent_pid: int
    group: int
    started_ticks: int


def facts_of(pid: int) -> ProcessFacts | None:
    """Return what the kernel says of a process, None if there is none (or no /proc)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()  # the name before it may contain anything
    return ProcessFacts(pid, fields[0], int(fields[1]), int(fields[2]), int(fields[19]))


def every_process() -> list[ProcessFacts]:
    """Return the facts of every process that can be seen."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [facts for pid in pids if (facts := facts_of(pid))]


def children_of(pid: int) -> list[ProcessFacts]:
    """Return the facts of a process's own children."""
    try:
        lists = [f.read_text() for f in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    if not lists:  # a kernel without CONFIG_PROC_CHILDREN
        return [facts for facts in every_process() if facts.parent_pid == pid]
    pids = (int(word) for text in lists for word in text.split())
    return [facts for child in pids if (facts := facts_of(child))]


def worker_name(pid: int) -> str:
    """Return the name under which process `pid` of this host claims jobs."""
    facts = facts_of(pid)
    return f"{HOST}:{pid}:{facts.started_ticks if facts else 0}"


def host_and_pid(worker: str) -> tuple[str, int]:
    """Return where a worker runs; ("", 0) for a name of another form."""
    host, _, rest = worker.partition(":")
    pid = rest.partition(":")[0]
    return (host, int(pid)) if pid.isdigit() else ("", 0)


def is_worker_alive(worker: str) -> bool:
    """Whether that worker of this host still runs."""
    _, pid = host_and_pid(worker)
    ticks = worker.rpartition(":")[2]
    if sys.platform != "linux":
        return _answers(pid)
    facts = facts_of(pid)
    return facts is not None and facts.state not in "ZX" and str(facts.started_ticks) == ticks


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent dies (Linux; elsewhere nothing).

    Ends this process at once if `parent_pid` is no longer its parent: it died in between.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def bind_forks() -> None:
    """Have every process that this one and its descendants fork die with who forked it."""
    forker = os.getpid()

    def before() -> None:
        nonlocal forker
        forker = os.getpid()

    os.register_at_fork(before=before, after_in_child=lambda: die_with_parent(forker))


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def kill_tree(pid: int) -> None:
    """Kill a child with its group if it leads one, else alone; gone already is fine."""
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return

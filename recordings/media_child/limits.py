"""The child's own cage, put on before any byte of media is read. Pure of Django."""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000  # linux/sched.h
CLONE_NEWNET = 0x40000000
MEMORY_BYTES = 1024**3
OPEN_FILES = 64


def die_with(parent_pid: int) -> None:
    """Have the kernel end this process when the worker's thread that started it ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before we asked
        os._exit(1)


def leave_network() -> str:
    """Move into an empty network namespace; say how, or "none" where it is not permitted."""
    if sys.platform != "linux":
        return "none"
    libc = ctypes.CDLL(None)
    if libc.unshare(CLONE_NEWNET) == 0:
        way = "network namespace"
    elif libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        way = "user and network namespace"
    else:
        way = "none"
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return way


def limit_resources(cpu_s: int, file_bytes: int) -> None:
    """Bound CPU seconds, address space, size of written files, open files; no core dumps."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

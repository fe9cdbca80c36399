"""`python -m recordings.media_child '<request as JSON>'`: cage, work, one answer, end."""

import errno
import json
import sys
from collections.abc import Callable
from typing import Any

from recordings.media_child import limits
from recordings.media_child.say import Progress, say

BY_ERRNO = {
    errno.ENOMEM: "out_of_memory",
    errno.ENOSPC: "disk_full",
    errno.EFBIG: "invalid_media",  # a rendition grew over its limit
    errno.ENOENT: "media_missing",
}

Command = Callable[[dict[str, Any], Progress], dict[str, Any]]


def main() -> int:
    """Do what the one argument asks and say the result or the failure code."""
    request = json.loads(sys.argv[1])
    limits.die_with(request["parent_pid"])
    isolation = limits.leave_network()
    limits.limit_resources(request["cpu_s"], request["file_bytes"])
    try:
        result = _command(request["command"])(request, Progress())
    except Exception as error:  # noqa: BLE001 - every end of a child is an answer with a code
        code, detail = _code(error)
        say(error={"code": code, "detail": detail})
        return 1
    say(result=result | {"isolation": isolation})
    return 0


def _command(name: str) -> Command:
    # Imported inside the cage: libraries start threads, which a new namespace must come before.
    from recordings.media_child.normalise import normalise  # noqa: PLC0415
    from recordings.media_child.probe import probe  # noqa: PLC0415

    return {"probe": probe, "normalise": normalise}[name]


def _code(error: Exception) -> tuple[str, str]:
    """Return the failure code of what went wrong, and a detail for the log."""
    from av.error import FFmpegError  # noqa: PLC0415, TID251 - after the cage, the media child

    from recordings.media_child.gate import RefusedError  # noqa: PLC0415

    detail = f"{type(error).__name__}: {error}"[:300]
    if isinstance(error, RefusedError):
        return error.code, str(error)
    if isinstance(error, MemoryError):
        return "out_of_memory", detail
    if isinstance(error, OSError) and error.errno in BY_ERRNO:
        return BY_ERRNO[error.errno], detail
    return "invalid_media" if isinstance(error, FFmpegError) else "unknown", detail


if __name__ == "__main__":
    sys.exit(main())

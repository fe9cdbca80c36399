"""The door to media: a limited child process decodes, this file starts and watches it."""

import json
import os
import select
import signal
import subprocess  # noqa: TID251 - the door itself
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings

from ops.failures import StageFailure

PROBE_WALL_S = 240
NORMALISE_WALL_S = 1740  # below the longest stage, so that the child's own end is seen first
CPU_PER_WALL = 2  # two threads
PROBE_FILE_BYTES = 1024  # a probe writes nothing
NORMALISE_FILE_BYTES = 1024**3
TICK_S = 0.5
STDERR_BYTES = 2000
LINE_BYTES = 256 * 1024

# What a client may call its file, and the demuxer whose bytes must then follow.
CONTENT_TYPES = {
    "audio/webm": "matroska",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "audio/mp4": "mov",
    "video/mp4": "mov",
    "audio/m4a": "mov",
    "audio/x-m4a": "mov",
    "video/quicktime": "mov",
    "audio/ogg": "ogg",
    "video/ogg": "ogg",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/x-flac": "flac",
}


class Watch(Protocol):
    """Who is told of progress and may stop the work; a stage's Report is one."""

    def progress(self, share: float) -> None: ...
    def check(self) -> None: ...
    def child(self, process: subprocess.Popen[bytes]) -> AbstractContextManager[None]: ...


class Unwatched:
    """Nobody looks: for tools and tests."""

    def progress(self, share: float) -> None:
        """Tell nobody."""

    def check(self) -> None:
        """Go on."""

    def child(self, process: subprocess.Popen[bytes]) -> AbstractContextManager[None]:  # noqa: ARG002
        return nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file holds. `duration_ms` was measured by decoding, `declared_ms` is a claim."""

    container: str
    audio_codec: str
    video_codec: str
    width: int | None
    height: int | None
    rotation: int | None  # degrees counter-clockwise that the player must turn the picture
    duration_ms: int
    declared_ms: int | None
    is_truncated: bool
    isolation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """The renditions' files and the measurements; null figures have their reason."""

    speech: Path
    playback: Path
    poster: Path | None
    duration_ms: int
    peaks: tuple[int, ...]  # up to 400, 0..100
    loudness_dbfs: float | None
    peak_dbfs: float | None
    clipped_share: float
    silent_share: float
    reasons: dict[str, str]


def probe(
    path: Path, *, content_type: str, wants_video: bool = True, watch: Watch | None = None
) -> Probe:
    """Decode the sound of `path` to its end and say what is in it.

    Raises:
        StageFailure: invalid_media, no_audio_track, media_too_long, media_missing, out_of_memory,
            stage_timeout.

    """
    request = _request("probe", path, content_type, PROBE_WALL_S, PROBE_FILE_BYTES)
    request["wants_video"] = wants_video
    return Probe(**_run(request, PROBE_WALL_S, watch or Unwatched()))


def normalise(  # noqa: PLR0913 - what the renditions depend on
    path: Path,
    folder: Path,
    *,
    content_type: str,
    expected_ms: int,
    size: tuple[int, int] | None,
    watch: Watch | None = None,
) -> Normalised:
    """Write the renditions of `path` into `folder`; `size` (upright) is null without a picture.

    Raises:
        StageFailure: as `probe`, and disk_full.

    """
    request = _request("normalise", path, content_type, NORMALISE_WALL_S, NORMALISE_FILE_BYTES)
    request |= {
        "folder": str(folder),
        "expected_ms": max(1, expected_ms),
        "size": size,
        "rate_hz": settings.SPEECH_RATE_HZ,
        "bitrate_kbps": settings.SPEECH_BITRATE_KBPS,
    }
    result = _run(request, NORMALISE_WALL_S, watch or Unwatched())
    if size is not None and not result["has_poster"]:
        result["reasons"]["poster"] = result["poster_reason"]
    return Normalised(
        speech=folder / "speech.ogg",
        playback=folder / "playback.mp4",
        poster=folder / "poster.jpg" if result["has_poster"] else None,
        duration_ms=result["duration_ms"],
        peaks=tuple(result["peaks"]),
        loudness_dbfs=result["loudness_dbfs"],
        peak_dbfs=result["peak_dbfs"],
        clipped_share=result["clipped_share"],
        silent_share=result["silent_share"],
        reasons=result["reasons"],
    )


def _request(
    command: str, path: Path, content_type: str, wall_s: int, file_bytes: int
) -> dict[str, Any]:
    if not path.is_file():
        raise StageFailure("media_missing", path.name)
    return {
        "command": command,
        "path": str(path.resolve()),
        "demuxer": CONTENT_TYPES[content_type],
        "max_s": settings.MAX_MEDIA_S,
        "parent_pid": os.getpid(),
        "cpu_s": wall_s * CPU_PER_WALL,
        "file_bytes": file_bytes,
    }


def _run(request: dict[str, Any], wall_s: float, watch: Watch) -> dict[str, Any]:
    """Start the child, pass its progress on, return its result or raise its failure."""
    with tempfile.TemporaryFile() as errors:
        process = _start(request, errors)
        try:
            with watch.child(process):
                answer = _listen(process, time.monotonic() + wall_s, watch)
            return _result(process, answer, errors)
        finally:
            _end(process)


def _start(request: dict[str, Any], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    # Without PATH, HOME or secrets; the two names keep libraries from reserving address space.
    environment = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    return subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
        # -B: a bytecode file cut off by the child's own size limit would break every later child.
        [sys.executable, "-B", "-s", "-E", "-m", "recordings.media_child", json.dumps(request)],
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )


def _listen(
    process: subprocess.Popen[bytes], deadline: float, watch: Watch
) -> dict[str, Any] | None:
    """Return the child's last word; None when it ended without one."""
    answer = None
    for line in _lines(process, deadline, watch):
        message = json.loads(line)
        if "progress" in message:
            watch.progress(message["progress"])
        else:
            answer = message
    return answer


def _lines(process: subprocess.Popen[bytes], deadline: float, watch: Watch) -> Iterator[bytes]:
    if process.stdout is None:
        raise ValueError("the child's output is a pipe")
    descriptor = process.stdout.fileno()
    rest = b""
    while True:
        watch.check()
        if time.monotonic() > deadline:
            raise StageFailure("stage_timeout", "the media child took too long")
        if not select.select([descriptor], [], [], TICK_S)[0]:
            continue
        data = os.read(descriptor, LINE_BYTES)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        if len(rest) > LINE_BYTES:
            raise StageFailure("invalid_media", "the media child talks without end")
        yield from lines


def _result(
    process: subprocess.Popen[bytes], answer: dict[str, Any] | None, errors: IO[bytes]
) -> dict[str, Any]:
    status = process.wait()
    if answer is None:
        raise StageFailure(_code_of_end(status), f"exit {status}: {_tail(errors)}")
    if "error" in answer:
        raise StageFailure(answer["error"]["code"], answer["error"]["detail"])
    result: dict[str, Any] = answer["result"]
    return result


def _code_of_end(status: int) -> str:
    """Return the failure code of a child that died without a word."""
    if status == -signal.SIGXCPU:
        return "stage_timeout"
    if status in (-signal.SIGKILL, -signal.SIGABRT):  # the kernel's or the allocator's last resort
        return "out_of_memory"
    return "invalid_media" if status < 0 else "unknown"  # crashed on these bytes; or our own fault


def _tail(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - STDERR_BYTES))
    return errors.read().decode(errors="replace").strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave no process of the child's session behind."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()

"""The cage: limits, no network, no surroundings, an end that always comes."""

import json
import os
import subprocess
import sys

import pytest

from ops.failures import StageFailure
from recordings import media
from tests.media import samples

pytestmark = pytest.mark.slow

CAGED = """
import json, os, socket, resource, sys
from recordings.media_child import limits
limits.die_with(os.getppid())
way = limits.leave_network()
limits.limit_resources(7, 1000)
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)
    reached = True
except OSError:
    reached = False
try:
    bytearray(2 * 1024**3)
    roomy = True
except MemoryError:
    roomy = False
limit = {n: resource.getrlimit(getattr(resource, "RLIMIT_" + n))[0]
         for n in ("CPU", "FSIZE", "NOFILE", "CORE", "AS")}
print(json.dumps({"way": way, "reached": reached, "roomy": roomy, "limit": limit}))
"""


def test_the_child_is_limited_and_alone(settings):
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", CAGED, port],
            cwd=settings.BASE_DIR, check=True, capture_output=True, timeout=30,
        )  # fmt: skip
    said = json.loads(done.stdout)
    assert said["limit"] == {"CPU": 7, "FSIZE": 1000, "NOFILE": 64, "CORE": 0, "AS": 1024**3}
    assert said["roomy"] is False
    assert said["reached"] is (said["way"] == "none")


def test_the_child_knows_no_secret_and_no_django(settings, monkeypatch, speech):
    monkeypatch.setenv("SECRET_KEY", "to be kept")
    seen = {}
    real = subprocess.Popen

    def start(arguments, **options):
        seen.update(options, arguments=arguments)
        return real(arguments, **options)

    monkeypatch.setattr(media.subprocess, "Popen", start)
    media.probe(speech, content_type="audio/wav")
    assert set(seen["env"]) == {"OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"}
    assert seen["start_new_session"] is True
    code = (
        "import sys, recordings.media_child.__main__, recordings.media_child.normalise,"
        " recordings.media_child.probe; print([m for m in sys.modules if 'django' in m])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, check=True, capture_output=True
    )
    assert done.stdout.strip() == b"[]"


def test_a_child_that_takes_too_long_is_ended(monkeypatch, speech, report):
    monkeypatch.setattr(media, "PROBE_WALL_S", 0)
    with pytest.raises(StageFailure) as caught:
        media.probe(speech, content_type="audio/wav", watch=report)
    assert caught.value.code == "stage_timeout"
    assert report.process.poll() is not None


def test_a_cancelled_job_ends_its_child(speech, report):
    class StoppedError(Exception):
        pass

    def check():
        raise StoppedError

    report.check = check
    with pytest.raises(StoppedError):
        media.probe(speech, content_type="audio/wav", watch=report)
    assert report.process.poll() is not None


def test_progress_is_told_while_it_works(tmp_path, report):
    path = samples.video(tmp_path, "busy.webm", seconds=6, size="1280x720")
    out = tmp_path / "out"
    out.mkdir()
    media.normalise(
        path, out, content_type="video/webm", expected_ms=6000, size=(1280, 720), watch=report
    )
    assert report.shares == sorted(report.shares)
    assert len(report.shares) > 1
    assert 0 <= report.shares[0] <= report.shares[-1] <= 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(-24, "stage_timeout"), (-9, "out_of_memory"), (-6, "out_of_memory"),
     (-11, "invalid_media"), (1, "unknown")],
)  # fmt: skip
def test_a_child_that_dies_without_a_word_has_a_code(status, code):
    assert media._code_of_end(status) == code


def test_a_full_disk_in_the_child_is_disk_full():
    import errno  # noqa: PLC0415

    from recordings.media_child.__main__ import _code  # noqa: PLC0415

    assert _code(OSError(errno.ENOSPC, "No space left on device"))[0] == "disk_full"
    assert _code(MemoryError())[0] == "out_of_memory"
    assert _code(OSError(errno.ENOENT, "gone"))[0] == "media_missing"
    assert _code(ValueError("ours"))[0] == "unknown"


def test_no_child_is_left(speech, report):
    media.probe(speech, content_type="audio/wav", watch=report)
    with pytest.raises(ProcessLookupError):
        os.killpg(report.process.pid, 0)

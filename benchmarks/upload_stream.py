"""A 200 MB PUT to local storage: memory of the web process, and speed beside `cp`.

Goals: under 16 MB more at the peak, under 250 MB in all; at least 0.7 times the speed of `cp`
with a flush to disk (the transfer also hashes every byte, twice copied over loopback).
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import (
    DATA_DIR,
    URL,
    cpu_s,
    interleaved,
    prepare,
    rss_bytes,
    tell_ratio,
    web,
)

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from django.test.utils import override_settings
from django.utils import timezone

from interviews.models import Response
from recordings.services import grant_upload, start_take
from tests import factories

SIZE_BYTES = 200 * 1024 * 1024
CHUNK = os.urandom(1024 * 1024)
ROUNDS = 3


def body() -> Iterator[bytes]:
    for _ in range(SIZE_BYTES // len(CHUNK)):
        yield CHUNK


def put_url(response: Response) -> tuple[str, dict[str, str]]:
    """Return where the take's bytes go in one PUT, as a browser learns it of a smaller file."""
    now = timezone.now()
    take = start_take(response=response, mode="audio", now=now)
    with override_settings(MULTIPART_FROM_BYTES=SIZE_BYTES):
        grant = grant_upload(
            take=take, size_bytes=SIZE_BYTES, content_type="audio/webm", sha256="", now=now
        )
    return f"{URL}{grant.url}", dict(grant.headers)


def peak_rss(pid: int, stop: threading.Event, found: list[int]) -> None:
    while not stop.wait(0.02):
        found.append(rss_bytes(pid))


def main() -> None:
    prepare()
    interview = factories.make_interview(factories.make_organization())
    sessions = iter([factories.make_session(interview, alias=f"H {n}") for n in range(ROUNDS)])
    source = Path(DATA_DIR) / "source.bin"
    source.write_bytes(b"".join(body()))
    found: list[int] = []
    with web() as pid:
        httpx.get(f"{URL}/health")
        before, stop = rss_bytes(pid), threading.Event()
        threading.Thread(target=peak_rss, args=(pid, stop, found), daemon=True).start()

        def ours() -> float:
            session = next(sessions)
            url, headers = put_url(session.responses.earliest("question__order"))
            started = time.perf_counter()
            headers["Content-Length"] = str(SIZE_BYTES)
            answer = httpx.put(url, content=body(), headers=headers, timeout=300)
            assert answer.is_success, answer.text
            return time.perf_counter() - started

        def peer() -> float:
            started = time.perf_counter()
            shutil.copyfile(source, source.with_suffix(".copy"))
            with source.with_suffix(".copy").open("rb") as copy:
                os.fsync(copy.fileno())
            return time.perf_counter() - started

        mine, theirs, spread = interleaved(ours, peer, rounds=ROUNDS)
        stop.set()
        used_s = cpu_s(pid)
    megabyte = 1024 * 1024
    grown = (max(found) - before) / megabyte
    print(f"web process {before / megabyte:.0f} MB before, {max(found) / megabyte:.0f} MB at most")
    print(f"goal < 16 MB more: {grown:.1f} MB, {'met' if grown < 16 else 'MISSED'}")
    print(f"goal < 250 MB: {'met' if max(found) < 250 * megabyte else 'MISSED'}")
    print(f"PUT {mine:.2f} s, cp {theirs:.2f} s; {used_s:.1f} CPU s of the web process in all")
    tell_ratio("speed beside cp (goal 0.7)", theirs / mine, spread)


if __name__ == "__main__":
    main()

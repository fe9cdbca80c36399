"""A Candor web process on data that vanishes, and the arithmetic of measuring.

Import this first: it points Django at a temporary folder before any model is loaded.
"""

import atexit
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import django

DATA_DIR = Path(tempfile.mkdtemp(prefix="candor-bench-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
WEIGHTS = os.environ.get("WHISPER_MODEL_DIR") or str(
    Path(os.environ.get("DATA_DIR", "data")).resolve() / "models" / "whisper-base"
)
os.environ |= {
    "DATA_DIR": str(DATA_DIR),
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "benchmark-" + "k" * 50,
    "WHISPER_MODEL_DIR": WEIGHTS,
    "OPENAI_API_KEY": "",
    # Servers that vanish too, or none: python -m tests.servers python -m benchmarks progress_e2e
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
    "REDIS_URL": os.environ.get("TEST_REDIS_URL", ""),
    "STORAGE": "local",
    "S3_BUCKET": "",
}
os.environ.pop("PRODUCTION", None)

from analysis.demo.server import free_port  # noqa: E402

PORT = free_port()
URL = f"http://127.0.0.1:{PORT}"
os.environ |= {"PORT": str(PORT), "PUBLIC_URL": URL, "BIND": "127.0.0.1"}
django.setup()

from django.core.management import call_command  # noqa: E402

MAX_SPREAD = 0.30


def prepare() -> None:
    """Make the empty database, and the static files that pages name."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def web(application: str = "config.asgi:application") -> Iterator[int]:
    """Serve the product as `manage.py serve` does, without workers; yield the process id.

    Raises: RuntimeError when it does not come up.
    """
    import httpx  # noqa: PLC0415

    command = [sys.executable, "-m", "uvicorn", application, "--port", str(PORT)]
    process = subprocess.Popen([*command, "--host", "127.0.0.1", "--log-level", "warning"])
    try:
        for _ in range(300):
            try:
                if httpx.get(f"{URL}/health", timeout=2).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        else:
            raise RuntimeError("The web process does not answer.")
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def rss_bytes(pid: int) -> int:
    """Return the resident memory of a process (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used, user and system (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def interleaved(
    ours: Callable[[], float], peer: Callable[[], float], rounds: int = 5
) -> tuple[float, float, float]:
    """Measure both in turns; return (median ours, median peer, spread of their ratio).

    The spread is the half range of the rounds' ratios over their median.
    """
    pairs = [(ours(), peer()) for _ in range(rounds)]
    ratios = [theirs / mine for mine, theirs in pairs]
    spread = (max(ratios) - min(ratios)) / 2 / statistics.median(ratios)
    return (
        statistics.median(mine for mine, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        spread,
    )


def tell_ratio(what: str, ratio: float, spread: float) -> None:
    """Print a ratio, or why there is none."""
    if spread > MAX_SPREAD:
        print(f"{what}: no ratio, the rounds differ by {spread:.0%} (over {MAX_SPREAD:.0%})")
    else:
        print(f"{what}: {ratio:.2f}x (spread {spread:.0%})")

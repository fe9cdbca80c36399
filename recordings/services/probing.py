"""Does the store do what it is there for? Asked from time to time, for the health page."""

import tempfile
import time
from datetime import datetime
from pathlib import Path

from django.conf import settings

from ops.failures import classify
from ops.probes import ProbeFacts, note_probe
from recordings.storage import Store, get_store

PROBE_KEY = "org/probe/rec/probe/probe.txt"


def probe_store(now: datetime) -> str:
    """Look for an object that is put there where it is missing; return the failure's code."""
    started = time.perf_counter()
    code = ""
    try:
        _look(get_store())
    except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
        code = classify(error).code
    note_probe(
        "storage",
        ProbeFacts(
            kind=settings.STORAGE,
            is_connected=not code,
            code=code,
            took_ms=round((time.perf_counter() - started) * 1000, 1),
            at=now,
        ),
    )
    return code


def _look(store: Store) -> None:
    try:
        store.head(PROBE_KEY)
    except FileNotFoundError:
        with tempfile.TemporaryDirectory(prefix="candor-probe-") as folder:
            path = Path(folder) / "probe"
            path.write_bytes(b"Candor looks here whether its storage works.")
            store.put_file(path, PROBE_KEY, content_type="text/plain")

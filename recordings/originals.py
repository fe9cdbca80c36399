"""The original of a recording as a file for a stage to work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.failures import StageFailure
from recordings.storage import get_store


@contextmanager
def stored_original(object_key: str) -> Iterator[Path]:
    """Give the stored file. Raises StageFailure media_missing when it is not there."""
    store = get_store()
    if not store.exists(object_key):
        raise StageFailure("media_missing")
    with store.local_path(object_key) as path:
        yield path

"""The original of a recording: as a file for a stage to work on, and out of quarantine."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ops.breakers import guard
from ops.failures import StageFailure
from recordings.models import Recording, Rendition
from recordings.objects import Fetched
from recordings.selectors import SourceFile
from recordings.storage import Store, admitted_key, store_for

ORIGINAL_DROPPED = "The original is no longer kept; what was made of it stays"


@contextmanager
def stored_original(source: SourceFile) -> Iterator[Fetched]:
    """Give the stored file. Raises StageFailure media_missing when it is not there."""
    store = store_for(source.storage_type, source.bucket)
    with ExitStack() as opened:
        try:
            with guard(store.dependency):
                fetching = store.fetch(source.object_key, size_bytes=source.size_bytes)
                original = opened.enter_context(fetching)
        except FileNotFoundError as error:
            raise StageFailure("media_missing") from error
        yield original


@contextmanager
def stored_rendition(recording: Recording, object_key: str) -> Iterator[Path]:
    """Give what was made of a recording as a file. Raises StageFailure media_missing."""
    store = store_for(recording.storage_type, recording.bucket)
    with ExitStack() as opened:
        try:
            with guard(store.dependency):
                path = opened.enter_context(store.local_path(object_key))
        except FileNotFoundError as error:
            raise StageFailure("media_missing") from error
        yield path


def admit_original(source: SourceFile, original: Fetched) -> str:
    """Copy what was found good out of quarantine; return its key. Twice is fine.

    The copy is of the version that was looked at, or there is none.
    """
    key = admitted_key(source.object_key)
    if key == source.object_key:
        return key
    store = store_for(source.storage_type, source.bucket)
    try:
        with guard(store.dependency):
            store.copy(source.object_key, key, etag=original.etag, content_type=source.content_type)
    except FileNotFoundError as error:
        raise StageFailure("media_missing") from error
    return key


def keep_rendition(source: SourceFile, path: Path, key: str, *, content_type: str) -> None:
    """Put a rendition where its original is."""
    store = store_for(source.storage_type, source.bucket)
    with guard(store.dependency):
        store.put_file(path, key, content_type=content_type)


def is_whole(store: Store, rendition: Rendition) -> bool:
    """Whether the object of a rendition is there, byte for byte as it was made: it is read.

    Raises: StageFailure when the store does not answer.
    """
    try:
        with guard(store.dependency), store.local_path(rendition.object_key) as path:
            return file_sha256(path) == rendition.sha256
    except FileNotFoundError:
        return False


def file_sha256(path: Path) -> str:
    """Return the hash, in hex, of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

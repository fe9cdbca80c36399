"""The one door to stored media: which store new objects go to, and where older ones are."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Never

from django.conf import settings

from recordings.local_store import Incoming, LocalStore
from recordings.objects import (
    ObjectFacts,
    Part,
    PutTerms,
    SignedRequest,
    Store,
    admitted_key,
    count_operations,
    original_key,
    rendition_key,
    upload_key,
)
from recordings.s3_store import S3Store

__all__ = [
    "Incoming",
    "LocalStore",
    "ObjectFacts",
    "Part",
    "PutTerms",
    "S3Store",
    "SignedRequest",
    "Store",
    "admitted_key",
    "count_operations",
    "forbidden_storage",
    "get_store",
    "installed_store",
    "local_store",
    "original_key",
    "rendition_key",
    "store_for",
    "upload_key",
]

_installed: list[Store] = []  # by tests; the last one counts
_installing = threading.Lock()


def get_store() -> Store:
    """Return the store that new objects go to. No call to it."""
    return store_for(settings.STORAGE, settings.S3_BUCKET)


def store_for(storage_type: str, bucket: str) -> Store:
    """Return the store of an object that is already somewhere. No call to it.

    Raises: KeyError for a kind of store that there is not.
    """
    return _installed[-1] if _installed else KINDS[storage_type](bucket)


def local_store() -> LocalStore:
    """Return the store whose bytes pass through us, whether or not new objects go there."""
    return LocalStore(Path(settings.MEDIA_DIR))


KINDS: dict[str, Callable[[str], Store]] = {
    LocalStore.kind: lambda _: local_store(),
    S3Store.kind: S3Store,
}


def _refuse(*_: object, **__: object) -> Never:
    raise AssertionError("this must not touch object storage")


# Raises on every call: proof that a read needs no storage.
ForbiddenStore: type[Store] = type(
    "ForbiddenStore",
    (Store,),
    {"kind": "forbidden", **dict.fromkeys(Store.__abstractmethods__, _refuse)},
)


@contextmanager
def installed_store(store: Store) -> Iterator[Store]:
    """Have every thread of this process use `store` inside the context."""
    with _installing:
        _installed.append(store)
    try:
        yield store
    finally:
        with _installing:
            _installed.remove(store)


def forbidden_storage() -> AbstractContextManager[Store]:
    """Fail on any storage call made inside the context."""
    return installed_store(ForbiddenStore())

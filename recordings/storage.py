"""The one door to stored media: which store new objects go to, and where older ones are."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
from recordings.shut_door import require_open, shut

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


def _refusal(deed: str) -> Callable[..., None]:
    return lambda *_, **__: require_open(deed)


# Raises on every call.
ForbiddenStore: type[Store] = type(
    "ForbiddenStore",
    (Store,),
    {"kind": "forbidden", **{name: _refusal(name) for name in Store.__abstractmethods__}},
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


@contextmanager
def forbidden_storage() -> Iterator[list[str]]:
    """Fail on any storage call or signature made inside the context; gives what was tried."""
    with installed_store(ForbiddenStore()), shut() as tried:
        yield tried

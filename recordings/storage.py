"""The one door to stored media. Keys are made here; nothing outside knows a path."""

import hashlib
import os
import re
import secrets
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Never, Self
from uuid import UUID

from django.conf import settings

KEY = re.compile(r"org/[\w-]{1,40}/rec/[\w-]{1,40}/[\w-]{1,60}(\.[a-z0-9]{1,5})?", re.ASCII)
CHUNK_BYTES = 1024 * 1024

_operations: ContextVar[Counter[str] | None] = ContextVar("storage_operations", default=None)
_installed: list["Store"] = []  # by tests; the last one counts


def original_key(organization_id: UUID, owner_id: UUID) -> str:
    """Return a new key for an upload: nothing in it comes from the candidate."""
    return f"org/{organization_id}/rec/{owner_id}/{secrets.token_urlsafe(16)}"


def rendition_key(organization_id: UUID, recording_id: UUID, kind: str, extension: str) -> str:
    """Return the one key of a recording's rendition, so that a retry writes the same object."""
    return f"org/{organization_id}/rec/{recording_id}/{kind}.{extension}"


@contextmanager
def count_operations() -> Iterator[Counter[str]]:
    """Count the storage operations made inside, by name."""
    counter: Counter[str] = Counter()
    token = _operations.set(counter)
    try:
        yield counter
    finally:
        _operations.reset(token)


def _count(operation: str) -> None:
    counter = _operations.get()
    if counter is not None:
        counter[operation] += 1


class Store(ABC):
    """Objects by key."""

    kind: ClassVar[str]

    @abstractmethod
    def put_file(self, path: Path, key: str) -> None:
        """Copy the file at `path` to `key`, replacing what is there in one step."""

    @abstractmethod
    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """Give the object as a file for the time of the context. Raises FileNotFoundError."""

    @abstractmethod
    def exists(self, key: str) -> bool: ...

    @abstractmethod
    def size(self, key: str) -> int:
        """Return the object's size in bytes. Raises FileNotFoundError."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the object; none there is fine."""


class LocalStore(Store):
    """Objects as files under one folder. Writes appear whole or not at all."""

    kind = "local"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"

    def put_file(self, path: Path, key: str) -> None:
        _count("put")
        with Incoming(self, key) as incoming, path.open("rb") as source:
            while chunk := source.read(CHUNK_BYTES):
                incoming.write(chunk)
            incoming.replace()

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        _count("get")
        path = self.path(key)
        if not path.is_file():
            raise FileNotFoundError(path.name)
        yield path

    def exists(self, key: str) -> bool:
        _count("head")
        return self.path(key).is_file()

    def size(self, key: str) -> int:
        _count("head")
        return self.path(key).stat().st_size

    def delete(self, key: str) -> None:
        _count("delete")
        self.path(key).unlink(missing_ok=True)

    def receive(self, key: str) -> "Incoming":
        """Open a write-once object that arrives in pieces."""
        _count("put")
        return Incoming(self, key)

    def sha256(self, key: str) -> str:
        """Return the hash, in hex, of the object's bytes. Raises FileNotFoundError."""
        _count("get")
        with self.path(key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def remove_leftovers(self, before: datetime) -> int:
        """Remove partial files last written before then (their process died)."""
        _count("sweep")
        removed = 0
        for path in self.incoming.glob("*.part"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def path(self, key: str) -> Path:
        """Return where `key` lives. Raises ValueError for anything that is no key of ours."""
        if not KEY.fullmatch(key):
            raise ValueError("not a storage key")
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):  # a planted symbolic link
            raise ValueError("not a storage key")
        return path


class Incoming:
    """A file being written beside the objects; leaving the context without finishing removes it."""

    def __init__(self, store: LocalStore, key: str) -> None:
        self._final = store.path(key)
        self._root = store.root
        self._part = store.incoming / f"{secrets.token_hex(16)}.part"
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("xb", buffering=0)
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """The hash, in hex, of what was written so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Append. Raises OSError (ENOSPC when the disk is full)."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._hash.update(data)
        self.size_bytes += len(data)

    def finish(self) -> None:
        """Make the object appear. Raises FileExistsError when its key was already written."""
        self._settle()
        os.link(self._part, self._final)
        self._sync_folder()

    def replace(self) -> None:
        """Make the object appear in place of an older one."""
        self._settle()
        self._part.replace(self._final)
        self._sync_folder()

    def _settle(self) -> None:
        os.fsync(self._file.fileno())
        self._final.parent.mkdir(parents=True, exist_ok=True)

    def _sync_folder(self) -> None:
        # New folders are names in their parents, up to the root.
        for folder in self._final.parents:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if folder == self._root.resolve():
                return


class ForbiddenStore(Store):
    """Raises on every call: proof that a read needs no storage."""

    kind = "forbidden"

    def _refuse(self) -> Never:
        raise AssertionError("this must not touch object storage")

    def put_file(self, path: Path, key: str) -> None:  # noqa: ARG002 - the door's signature
        self._refuse()

    def local_path(self, key: str) -> AbstractContextManager[Path]:  # noqa: ARG002 - as above
        self._refuse()

    def exists(self, key: str) -> bool:  # noqa: ARG002 - as above
        self._refuse()

    def size(self, key: str) -> int:  # noqa: ARG002 - as above
        self._refuse()

    def delete(self, key: str) -> None:  # noqa: ARG002 - as above
        self._refuse()


_installing = threading.Lock()


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


def get_store() -> Store:
    """Return the store that the settings name."""
    return _installed[-1] if _installed else LocalStore(Path(settings.MEDIA_DIR))

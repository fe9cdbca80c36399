"""What every store of objects has: keys of ours, the operations, and how these are counted."""

import re
import secrets
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal
from uuid import UUID

from ops import ledger
from ops.failures import StageFailure
from recordings.shut_door import require_open

QUARANTINE = "quarantine/"  # what arrived and nobody has looked at yet; only `verify` moves it out
OWN_KEY = r"org/[\w-]{1,40}/rec/[\w-]{1,40}/[\w-]{1,60}(\.[a-z0-9]{1,5})?"
KEY = re.compile(rf"({QUARANTINE})?{OWN_KEY}", re.ASCII)
CHUNK_BYTES = 1024 * 1024

Operation = Literal["put", "get", "head", "list", "copy", "delete", "restore", "sign"]
# Beginning and completing an upload in parts cost what a PUT costs.
LEDGER_KINDS: dict[Operation, str] = {
    "put": "storage_put",
    "get": "storage_get",
    "head": "storage_head",
    "list": "storage_list",
    "copy": "storage_copy",
    "delete": "storage_delete",
    "restore": "storage_restore",
    "sign": "url_signed",
}

_operations: ContextVar[Counter[str] | None] = ContextVar("storage_operations", default=None)


def upload_key(organization_id: UUID, owner_id: UUID) -> str:
    """Return a new key for an upload: in quarantine, and nothing in it from the candidate."""
    return QUARANTINE + original_key(organization_id, owner_id)


def original_key(organization_id: UUID, owner_id: UUID) -> str:
    """Return a new key for an original."""
    return f"org/{organization_id}/rec/{owner_id}/{secrets.token_urlsafe(16)}"


def admitted_key(key: str) -> str:
    """Return where an object of the quarantine goes once it was found good; others stay."""
    return key.removeprefix(QUARANTINE)


def rendition_key(organization_id: UUID, recording_id: UUID, kind: str, extension: str) -> str:
    """Return the one key of a recording's rendition, so that a retry writes the same object."""
    return f"org/{organization_id}/rec/{recording_id}/{kind}.{extension}"


def require_key(key: str) -> str:
    """Return `key`. Raises ValueError for anything that is no key of ours."""
    if not KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return key


def require_size(found_bytes: int, size_bytes: int | None) -> None:
    """Raise StageFailure invalid_media when an object is not of the size that it should be."""
    if size_bytes not in (None, found_bytes):
        raise StageFailure("invalid_media", f"{found_bytes} bytes are stored, not {size_bytes}")


@contextmanager
def count_operations() -> Iterator[Counter[str]]:
    """Count the storage operations made inside, by name."""
    counter: Counter[str] = Counter()
    token = _operations.set(counter)
    try:
        yield counter
    finally:
        _operations.reset(token)


def count(operation: Operation, *, provider: str, times: int = 1) -> None:
    """Note an operation where it is made; the open bill pays."""
    require_open(operation)
    counter = _operations.get()
    if counter is not None:
        counter[operation] += times
    ledger.count(LEDGER_KINDS[operation], times, provider=provider)


def count_bytes(way: Literal["in", "out"], size_bytes: int, *, provider: str) -> None:
    """Note what was moved to a store, or from it."""
    if size_bytes:
        ledger.count(f"storage_bytes_{way}", size_bytes, provider=provider)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFacts:
    """What a store says of an object. It may be wrong: `verify` reads the bytes."""

    size_bytes: int
    content_type: str = ""  # "": the store keeps none
    sha256: str | None = None  # in hex; None: the store knows none
    storage_class: str = "STANDARD"
    etag: str = ""
    is_restoring: bool = False  # out of an archive class
    restored_until: datetime | None = None  # until then a copy of it can be read


@dataclass(frozen=True, slots=True)
class Fetched:
    """An object as a file on this machine, and what the store calls this version of it."""

    path: Path
    etag: str  # "": objects here are written once


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a multipart upload that the store has."""

    number: int
    size_bytes: int
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutTerms:
    """What one PUT must be: the whole object, or its part `number`."""

    upload_id: UUID
    key: str
    content_type: str
    size_bytes: int
    sha256: str  # in hex; "": not promised
    expires_at: datetime
    lifetime_s: int
    number: int = 0
    multipart_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A URL and the headers that must go with it."""

    url: str
    headers: Mapping[str, str]


class Store(ABC):
    """Objects by key.

    What can't be done raises FileNotFoundError, FileExistsError, OSError, or a StageFailure of the
    table; nothing of a library comes out.
    """

    kind: ClassVar[str]
    dependency: ClassVar[str] = ""  # the circuit breaker's name; "": nothing outside
    bucket: str = ""

    @abstractmethod
    def put_file(self, path: Path, key: str, *, content_type: str = "") -> None:
        """Copy the file at `path` to `key`, replacing what is there in one step."""

    @abstractmethod
    def fetch(self, key: str, *, size_bytes: int | None = None) -> AbstractContextManager[Fetched]:
        """Give the object as a file for the time of the context.

        Raises: FileNotFoundError; StageFailure invalid_media, before anything is fetched, when it
            is not of that size.
        """

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """Give the object's file alone. Raises FileNotFoundError."""
        with self.fetch(key) as fetched:
            yield fetched.path

    @abstractmethod
    def head(self, key: str) -> ObjectFacts:
        """Return what is known of the object. Raises FileNotFoundError."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the object; none there is fine."""

    @abstractmethod
    def restore(self, key: str, *, days: int) -> None:
        """Ask for a copy of an archived object, readable for so long; asking again is fine."""

    @abstractmethod
    def copy(self, key: str, to: str, *, etag: str = "", content_type: str = "") -> None:
        """Put the same bytes at `to`, without moving them through here; twice is fine.

        The copy has this type and nothing else of what its sender said about it.

        Raises: FileNotFoundError when it is gone, or is no longer what bore `etag`.
        """

    @abstractmethod
    def signed_put(self, terms: PutTerms) -> SignedRequest:
        """Return where and how these bytes may be put, once; no call to the store."""

    @abstractmethod
    def signed_get_url(
        self, key: str, *, signed_at: datetime, lifetime_s: int, content_type: str, disposition: str
    ) -> str | None:
        """Return a URL of the store's own; None: the bytes pass through us. No call to the store.

        `disposition` is the whole Content-Disposition header.
        """

    @abstractmethod
    def begin_multipart(self, key: str, *, content_type: str) -> str:
        """Return the id of a new multipart upload."""

    @abstractmethod
    def list_parts(self, key: str, multipart_id: str) -> list[Part]:
        """Return what arrived, by number. Raises FileNotFoundError: it ended, or never began."""

    @abstractmethod
    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[Part]) -> str:
        """Make the object of these parts appear; return its hash in hex where the store learns it.

        Raises: FileExistsError when the key was already written; FileNotFoundError when the upload
            or a part is not there.
        """

    @abstractmethod
    def abort_multipart(self, key: str, multipart_id: str) -> None:
        """Forget a multipart upload and its parts; none there is fine."""

    @abstractmethod
    def multiparts_begun(self, before: datetime) -> Iterable[tuple[str, str]]:
        """Give key and id of each multipart upload that began before then and has not ended."""

    @abstractmethod
    def quarantined(self, before: datetime) -> Iterable[str]:
        """Give the keys in quarantine that were written before then."""

    def exists(self, key: str) -> bool:
        """Whether there is an object."""
        try:
            self.head(key)
        except FileNotFoundError:
            return False
        return True

    def size(self, key: str) -> int:
        """Return the object's size in bytes. Raises FileNotFoundError."""
        return self.head(key).size_bytes

"""Objects as files under one folder of this machine."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Self

from recordings.objects import (
    CHUNK_BYTES,
    QUARANTINE,
    Fetched,
    ObjectFacts,
    Part,
    PutTerms,
    SignedRequest,
    Store,
    count,
    count_bytes,
    require_key,
    require_size,
)
from recordings.transfer_tokens import transfer_url

PART = "{:05d}.bytes"


class LocalStore(Store):
    """Objects as files under one folder. Writes appear whole or not at all."""

    kind = "local"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"
        self.multiparts = root / "multiparts"

    def put_file(self, path: Path, key: str, *, content_type: str = "") -> None:  # noqa: ARG002 - rows know the type
        with self._incoming(self.path(key)) as incoming, path.open("rb") as source:
            incoming.write_all(source)
            incoming.replace()
        count("put", provider=self.kind)
        count_bytes("in", incoming.size_bytes, provider=self.kind)

    @contextmanager
    def fetch(self, key: str, *, size_bytes: int | None = None) -> Iterator[Fetched]:
        path = self.path(key)
        if not path.is_file():
            raise FileNotFoundError(path.name)
        count("get", provider=self.kind)
        require_size(path.stat().st_size, size_bytes)
        yield Fetched(path, "")

    def head(self, key: str) -> ObjectFacts:
        count("head", provider=self.kind)
        return ObjectFacts(size_bytes=self.path(key).stat().st_size)

    def delete(self, key: str) -> None:
        count("delete", provider=self.kind)
        self.path(key).unlink(missing_ok=True)

    def restore(self, key: str, *, days: int) -> None:
        """Do nothing: files are in no archive."""

    def copy(self, key: str, to: str, *, etag: str = "", content_type: str = "") -> None:  # noqa: ARG002 - written once, rows know the type
        count("copy", provider=self.kind)
        source, final = self.path(key), self.path(to)
        part = self.incoming / f"{secrets.token_hex(16)}.part"
        part.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, part)
        final.parent.mkdir(parents=True, exist_ok=True)
        part.replace(final)
        part.unlink(missing_ok=True)  # two names of one file: the rename does nothing
        _sync_folders(final, self.root)

    def signed_put(self, terms: PutTerms) -> SignedRequest:
        count("sign", provider=self.kind)
        url = transfer_url("put", terms.upload_id, terms.expires_at, part=terms.number)
        headers = {} if terms.number else {"Content-Type": terms.content_type}
        return SignedRequest(url=url, headers=headers)

    def signed_get_url(
        self,
        key: str,  # noqa: ARG002 - the door's signature
        *,
        signed_at: datetime,  # noqa: ARG002 - as above
        lifetime_s: int,  # noqa: ARG002 - as above
        content_type: str,  # noqa: ARG002 - as above
        disposition: str,  # noqa: ARG002 - as above
    ) -> str | None:
        return None

    def receive(self, key: str) -> "Incoming":
        """Open a write-once object that arrives in pieces; whoever completes it counts it."""
        return self._incoming(self.path(key))

    def sha256(self, key: str) -> str:
        """Return the hash, in hex, of the object's bytes. Raises FileNotFoundError."""
        with self.path(key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def begin_multipart(self, key: str, *, content_type: str) -> str:  # noqa: ARG002 - rows know the type
        count("put", provider=self.kind)
        folder = self._folder(key, secrets.token_hex(16))
        folder.mkdir(parents=True)
        return folder.name

    def receive_part(self, key: str, multipart_id: str, number: int) -> "Incoming":
        """Open a part that arrives in pieces. Raises FileNotFoundError when its upload ended."""
        folder = self._folder(key, multipart_id)
        if not folder.is_dir():
            raise FileNotFoundError(multipart_id)
        return self._incoming(folder / PART.format(number), is_part=True)

    def list_parts(self, key: str, multipart_id: str) -> list[Part]:
        count("list", provider=self.kind)
        return [
            Part(number=int(path.stem), size_bytes=path.stat().st_size)
            for path in self._parts(key, multipart_id)
        ]

    def complete_multipart(self, key: str, multipart_id: str, parts: Sequence[Part]) -> str:
        count("put", provider=self.kind)
        folder = self._folder(key, multipart_id)
        with self._incoming(self.path(key)) as incoming:
            for part in parts:
                with (folder / PART.format(part.number)).open("rb") as source:
                    incoming.write_all(source)
            incoming.finish()
        shutil.rmtree(folder, ignore_errors=True)  # what stays is swept with the stale ones
        return incoming.sha256

    def abort_multipart(self, key: str, multipart_id: str) -> None:
        count("delete", provider=self.kind)
        shutil.rmtree(self._folder(key, multipart_id), ignore_errors=True)

    def multiparts_begun(self, before: datetime) -> Iterable[tuple[str, str]]:
        count("list", provider=self.kind)
        for folder in sorted(self.multiparts.glob("*/*")):
            if folder.stat().st_mtime < before.timestamp():
                yield _key_of(folder.parent.name), folder.name

    def quarantined(self, before: datetime) -> Iterable[str]:
        count("list", provider=self.kind)
        for path in sorted((self.root / QUARANTINE).glob("org/*/rec/*/*")):
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                yield str(path.relative_to(self.root))

    def remove_leftovers(self, before: datetime) -> int:
        """Remove partial files last written before then (their process died)."""
        removed = 0
        for path in self.incoming.glob("*.part"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def path(self, key: str) -> Path:
        """Return where `key` lives. Raises ValueError for anything that is no key of ours."""
        path = (self.root / require_key(key)).resolve()
        if not path.is_relative_to(self.root.resolve()):  # a planted symbolic link
            raise ValueError("not a storage key")
        return path

    def _folder(self, key: str, multipart_id: str) -> Path:
        if not multipart_id.isalnum():
            raise ValueError("not the id of a multipart upload")
        return self.multiparts / require_key(key).replace("/", "=") / multipart_id

    def _parts(self, key: str, multipart_id: str) -> list[Path]:
        folder = self._folder(key, multipart_id)
        if not folder.is_dir():
            raise FileNotFoundError(multipart_id)
        return sorted(folder.glob("*.bytes"))

    def _incoming(self, final: Path, *, is_part: bool = False) -> "Incoming":
        return Incoming(self, final, is_part=is_part)


class Incoming:
    """A file being written beside the objects; leaving the context without finishing removes it."""

    def __init__(self, store: LocalStore, final: Path, *, is_part: bool = False) -> None:
        self._final = final
        self._is_part = is_part  # its folder is made and removed with the multipart upload
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

    def write_all(self, source: BinaryIO) -> None:
        """Append what `source` has, in pieces."""
        while chunk := source.read(CHUNK_BYTES):
            self.write(chunk)

    def finish(self) -> None:
        """Make the object appear. Raises FileExistsError when its key was already written."""
        self._settle()
        os.link(self._part, self._final)
        _sync_folders(self._final, self._root)

    def replace(self) -> None:
        """Make the object appear in place of an older one.

        Raises: FileNotFoundError when it is a part and its upload has ended.
        """
        self._settle()
        self._part.replace(self._final)
        _sync_folders(self._final, self._root)

    def _settle(self) -> None:
        os.fsync(self._file.fileno())
        if not self._is_part:
            self._final.parent.mkdir(parents=True, exist_ok=True)


def _key_of(name: str) -> str:
    return name.replace("=", "/")


def _sync_folders(path: Path, root: Path) -> None:
    """Have the names on the way to `path` outlive a power cut, up to the root."""
    for folder in path.parents:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if folder == root.resolve():
            return

"""The Range header of RFC 9110, for one range. Pure."""

import re
from dataclasses import dataclass

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class UnsatisfiableError(Exception):
    """The range lies outside the object: 416."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """First and last byte, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def parse_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """Return the asked range; None means the whole object (no header, several ranges, nonsense).

    Raises: UnsatisfiableError
    """
    match = RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None:
        return None
    first, last = match.groups()
    if first == "":
        return _suffix(last, size_bytes)
    begin = int(first)
    end = min(int(last), size_bytes - 1) if last else size_bytes - 1
    if last and int(last) < begin:
        return None  # not a valid range: to be ignored
    if begin >= size_bytes:
        raise UnsatisfiableError
    return ByteRange(begin, end)


def _suffix(length: str, size_bytes: int) -> ByteRange | None:
    if length == "":
        return None
    if int(length) == 0 or size_bytes == 0:
        raise UnsatisfiableError
    return ByteRange(max(0, size_bytes - int(length)), size_bytes - 1)

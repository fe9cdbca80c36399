"""How an upload is cut into parts. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_PARTS = 100  # URLs in one answer; S3 itself takes 10,000
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cut:
    """One part: its number from 1, where it begins and how long it is."""

    number: int
    first_byte: int
    size_bytes: int


def part_bytes_for(size_bytes: int, *, least_bytes: int) -> int:
    """Return the size of all parts but the last: at least so many bytes, at most MAX_PARTS."""
    needed = -(-size_bytes // MAX_PARTS)
    return max(least_bytes, -(-needed // MIB) * MIB)


def cuts(size_bytes: int, part_bytes: int) -> Iterator[Cut]:
    """Give the parts in order."""
    for number, first_byte in enumerate(range(0, size_bytes, part_bytes), start=1):
        yield Cut(number, first_byte, min(part_bytes, size_bytes - first_byte))

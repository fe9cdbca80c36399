"""What 30 months of one object cost in S3: by the planner's rule and by the usual one.

The usual rule: STANDARD_IA after 30 days, GLACIER after 90, which plays only once restored. By
default S3 leaves objects of at most 128 KB where they are; older buckets move them, too: both are
shown. Prices are those of ops/prices.py. Goal: never dearer at any size from 1 KB to 100 MB, with
and without reads, and always playable. Nothing is measured: it is arithmetic, and repeatable.
"""

# ruff: noqa: I001 - the harness chooses the data folder before settings are read
from benchmarks.harness import DATA_DIR

import sys
from datetime import date

from ops.prices import STORAGE_MONTH, price_table
from recordings.lifecycle import (
    CLASSIC,
    KIB,
    Reads,
    Steps,
    class_prices,
    cost_of,
    is_playable,
    size_bands,
    steps_for,
)

DAYS = 912  # 30 months
SHOWN = (1_000, 10_000, 50_000, 100_000, 132_000, 250_000, 500_000, 1_000_000, 5_000_000, 10**8)
SIZES = tuple(sorted({*SHOWN, *(round(1_000 * 1.02**n) for n in range(582)), 10**8}))
ON = date(2026, 11, 23)
TABLE = price_table()
PRICES = class_prices(TABLE, ON)
UNREAD, READ = Reads(early=0, later_per_month=0), Reads()


def usd(steps: Steps, size_bytes: int, reads: Reads) -> float:
    return cost_of(steps, size_bytes=size_bytes, days=DAYS, reads=reads, prices=PRICES).total_usd


def usual(size_bytes: int) -> Steps:
    """The rule as S3 carries it out today."""
    return CLASSIC if size_bytes > 128 * KIB else ()


def dearer(reads: Reads) -> list[int]:
    """Return the sizes at which the planner's way costs more than either form of the usual rule."""
    bands = size_bands(days=DAYS, reads=reads, prices=PRICES)
    assert all(is_playable(band.steps) for band in bands)
    return [
        size
        for size in SIZES
        if usd(steps_for(size, bands), size, reads)
        > min(usd(CLASSIC, size, reads), usd(usual(size), size, reads)) * (1 + 1e-12)
    ]


def where_usual_is_cheaper(size_bytes: int) -> list[float]:
    """Return the reads a month, of those up to 3, at which the usual rule costs less money."""
    found = []
    for thousandths in range(0, 3_000, 5):
        reads = Reads(later_per_month=thousandths / 1000)
        bands = size_bands(days=DAYS, reads=reads, prices=PRICES)
        if usd(steps_for(size_bytes, bands), size_bytes, reads) > usd(CLASSIC, size_bytes, reads):
            found.append(thousandths / 1000)
    return found


def main() -> int:
    assert DATA_DIR.exists()
    source = TABLE.price(provider="s3", kind=STORAGE_MONTH, model="STANDARD", on=ON)
    assert source is not None
    print(f"prices of {source.on}: {source.source}; {DAYS} days, USD per million objects")
    print(f"{'bytes':>12} {'planner':>12} {'usual':>12} {'usual, all':>12} {'STANDARD':>12}  way")
    bands = size_bands(days=DAYS, reads=READ, prices=PRICES)
    for size in SHOWN:
        ways = (steps_for(size, bands), usual(size), CLASSIC, ())
        costs = "".join(f"{usd(way, size, READ) * 1e6:>12,.2f} " for way in ways)
        hops = ", ".join(f"day {step.day} {step.storage_class}" for step in ways[0])
        print(f"{size:>12,} {costs} {hops or 'stays'}")
    is_met = True
    for name, reads in (("never read", UNREAD), ("read 3 times, then 0.01 a month", READ)):
        found = dearer(reads)
        is_met &= not found
        told = f"dearer at {len(found)}, e.g. {found[:3]}" if found else "never dearer"
        print(f"{len(SIZES)} sizes from 1 KB to 100 MB, {name}: {told}, always playable")
    cheaper = where_usual_is_cheaper(10**8)
    between = f"between {min(cheaper)} and {max(cheaper)}" if cheaper else "at no number of"
    print(f"the usual rule costs less for 100 MB {between} reads a month (each after hours)")
    print(f"goal: {'met' if is_met else 'MISSED'}")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())

"""Which storage class an object should lie in, day by day: the cheapest way that stays playable.

Pure: sizes, days and prices in; steps and costs out. recordings/bucket_rules.py writes them as
rules of a bucket.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ops.prices import (
    STORAGE_MONTH,
    STORAGE_RETRIEVAL,
    STORAGE_TRANSITION,
    PriceTable,
)

KIB, GIB = 1024, 2**30
MONTH_DAYS = 730 / 24  # S3 bills by the month of 730 hours
STANDARD = "STANDARD"
LARGEST_BYTES = 50 * 10**12  # of one object in S3
SIZES = (*(KIB * 2**n for n in range(36)), LARGEST_BYTES)
DAYS = (1, 7, 14, 30, 60, 90, 120, 180, 365)  # on which a hop is considered
RESTORED_DAYS = 7  # how long the copy of a restored object stays readable
IA_STAY_DAYS = 30  # S3 moves nothing out of an infrequent-access class before


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClass:
    """What a class asks of objects beside its price."""

    name: str
    min_days: int = 0  # billed even when the object leaves earlier
    min_billable_bytes: int = 0
    overhead_bytes: int = 0  # billed with each object, in this class
    standard_overhead_bytes: int = 0  # the same, billed as STANDARD
    earliest_day: int = 0  # of a hop into it
    is_playable: bool = True  # a GET answers at once
    is_offered: bool = True  # to the planner


# Source: "Amazon S3 storage classes" and "Transitioning objects using Amazon S3 Lifecycle", Amazon
# S3 user guide, read 2026-11. The overhead of the archive classes is 32 KB of index there and 8 KB
# of name and metadata in STANDARD.
CLASSES = {
    each.name: each
    for each in (
        StorageClass(name=STANDARD),
        StorageClass(
            name="STANDARD_IA", min_days=30, min_billable_bytes=128 * KIB, earliest_day=30
        ),
        # One building: the loss of it would be the loss of answers.
        StorageClass(
            name="ONEZONE_IA",
            min_days=30,
            min_billable_bytes=128 * KIB,
            earliest_day=30,
            is_offered=False,
        ),
        StorageClass(name="GLACIER_IR", min_days=90, min_billable_bytes=128 * KIB),
        StorageClass(
            name="GLACIER",
            min_days=90,
            overhead_bytes=32 * KIB,
            standard_overhead_bytes=8 * KIB,
            is_playable=False,
        ),
        StorageClass(
            name="DEEP_ARCHIVE",
            min_days=180,
            overhead_bytes=32 * KIB,
            standard_overhead_bytes=8 * KIB,
            is_playable=False,
        ),
    )
}
COLD_CLASSES = tuple(each.name for each in CLASSES.values() if not each.is_playable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """On this day after its creation an object moves into this class."""

    day: int
    storage_class: str


Steps = tuple[Step, ...]
CLASSIC: Steps = (
    Step(day=30, storage_class="STANDARD_IA"),
    Step(day=90, storage_class="GLACIER"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPrice:
    """What a class costs: per GiB and month, per hop into it, per read, per byte read.

    A read of an archive class is a restore and the GET of its copy.
    """

    gib_month_usd: float
    transition_usd: float
    read_usd: float
    byte_usd: float


Prices = Mapping[str, ClassPrice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """How often an object is fetched whole: often while people judge, seldom afterwards."""

    early: float = 3.0  # two reviewers and the stage that listens
    early_days: int = 30
    later_per_month: float = 0.01  # an objection, an audit

    def between(self, first_day: float, end_day: float) -> float:
        """Return how many reads are to be expected from one day to another."""
        early_days = max(0.0, min(end_day, self.early_days) - first_day)
        later_days = max(0.0, end_day - max(first_day, self.early_days))
        return (
            self.early * early_days / self.early_days
            + self.later_per_month * later_days / MONTH_DAYS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What keeping one object costs, without its first PUT and its way out, equal for all."""

    storage_usd: float
    transitions_usd: float
    reads_usd: float

    @property
    def total_usd(self) -> float:
        return self.storage_usd + self.transitions_usd + self.reads_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeBand:
    """The steps of all objects of more than `above_bytes` and at most `up_to_bytes`."""

    above_bytes: int
    up_to_bytes: int | None
    steps: Steps


def class_prices(table: PriceTable, on: date) -> Prices:
    """Return today's prices of every class. Raises: ValueError where one is missing."""

    def usd(kind: str, name: str) -> float:
        row = table.price(provider="s3", kind=kind, model=name, on=on)
        if row is None:
            raise ValueError(f"there is no price for {kind} of {name}")
        return float(row.unit_usd)

    copy_byte_usd = usd(STORAGE_MONTH, STANDARD) / GIB * RESTORED_DAYS / MONTH_DAYS
    return {
        name: ClassPrice(
            gib_month_usd=usd(STORAGE_MONTH, name),
            transition_usd=usd(STORAGE_TRANSITION, name),
            read_usd=usd("storage_get", name)
            + (0.0 if each.is_playable else usd("storage_restore", name)),
            byte_usd=usd(STORAGE_RETRIEVAL, name) + (0.0 if each.is_playable else copy_byte_usd),
        )
        for name, each in CLASSES.items()
    }


def cost_of(steps: Steps, *, size_bytes: int, days: int, reads: Reads, prices: Prices) -> Cost:
    """Return what an object costs that takes these steps and is deleted after `days`."""
    taken = [step for step in steps if step.day < days]
    stays = [Step(day=0, storage_class=STANDARD), *taken, Step(day=days, storage_class="")]
    storage = reading = 0.0
    for stay, leaves in pairwise(stays):
        kept, price = CLASSES[stay.storage_class], prices[stay.storage_class]
        billed_days = max(leaves.day - stay.day, kept.min_days)
        billed_bytes = max(size_bytes, kept.min_billable_bytes) + kept.overhead_bytes
        usd_per_month = (
            billed_bytes * price.gib_month_usd
            + kept.standard_overhead_bytes * prices[STANDARD].gib_month_usd
        ) / GIB
        storage += usd_per_month * billed_days / MONTH_DAYS
        expected = reads.between(stay.day, leaves.day)
        reading += expected * (price.read_usd + size_bytes * price.byte_usd)
    return Cost(
        storage_usd=storage,
        transitions_usd=sum(prices[step.storage_class].transition_usd for step in taken),
        reads_usd=reading,
    )


def is_playable(steps: Steps) -> bool:
    """Whether an object can be played on every day of its way."""
    return all(CLASSES[step.storage_class].is_playable for step in steps)


def possible_steps(*, earliest_day: int = 0) -> Iterator[Steps]:
    """Give every playable way of at most two hops, each only where S3 allows it."""
    yield ()
    offered = [c for c in CLASSES.values() if c.is_offered and c.is_playable and c.name != STANDARD]
    days = [day for day in (earliest_day, *DAYS) if day >= max(earliest_day, 1)]
    hops = [
        Step(day=day, storage_class=each.name)
        for each in offered
        for day in sorted(set(days))
        if day >= each.earliest_day
    ]
    for hop in hops:
        yield (hop,)
        if hop.storage_class == "STANDARD_IA":
            for onward in hops:
                if onward.storage_class == "GLACIER_IR" and onward.day >= hop.day + IA_STAY_DAYS:
                    yield (hop, onward)


def cheapest_steps(
    size_bytes: int, *, days: int, reads: Reads, prices: Prices, earliest_day: int = 0
) -> Steps:
    """Return the cheapest playable way of an object; of equal ones the one with fewer hops."""
    return min(
        possible_steps(earliest_day=earliest_day),
        key=lambda steps: (
            cost_of(steps, size_bytes=size_bytes, days=days, reads=reads, prices=prices).total_usd,
            len(steps),
        ),
    )


def size_bands(
    *, days: int, reads: Reads, prices: Prices, earliest_day: int = 0
) -> tuple[SizeBand, ...]:
    """Return the cheapest steps for every size there can be, as bands without gaps."""

    def best(size_bytes: int) -> Steps:
        return cheapest_steps(
            size_bytes, days=days, reads=reads, prices=prices, earliest_day=earliest_day
        )

    bands: list[SizeBand] = []
    above, steps = 0, best(1)
    for low, high in pairwise((1, *SIZES)):
        while best(high) != steps:
            edge = _last_size(low, high, steps, best)
            bands.append(SizeBand(above_bytes=above, up_to_bytes=edge, steps=steps))
            above, low, steps = edge, edge + 1, best(edge + 1)  # noqa: PLW2901 - on from the edge
    bands.append(SizeBand(above_bytes=above, up_to_bytes=None, steps=steps))
    return tuple(bands)


def _last_size(low: int, high: int, steps: Steps, best: Callable[[int], Steps]) -> int:
    """Return the last size from `low` on that takes these steps; `high` takes others.

    Between two sizes without a kink every way costs a straight line, and of lines each is the
    lowest on one stretch only: halving finds its end. The kink at 128 KiB is one of SIZES.
    """
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if best(middle) == steps else (low, middle)
    return low


def total_usd(
    sizes: Iterable[int], bands: Sequence[SizeBand], *, days: int, reads: Reads, prices: Prices
) -> float:
    """Return what all these objects cost under these bands."""
    return sum(
        cost_of(
            steps_for(size, bands), size_bytes=size, days=days, reads=reads, prices=prices
        ).total_usd
        for size in sizes
    )


def steps_for(size_bytes: int, bands: Sequence[SizeBand]) -> Steps:
    """Return the steps of an object of this size."""
    return next(
        band.steps
        for band in bands
        if band.above_bytes < max(size_bytes, 1)
        and (band.up_to_bytes is None or size_bytes <= band.up_to_bytes)
    )

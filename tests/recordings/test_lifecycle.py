"""The planner's way is never dearer than any other that stays playable, for any size and price."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.prices import price_table
from recordings.lifecycle import (
    CLASSES,
    CLASSIC,
    KIB,
    LARGEST_BYTES,
    ClassPrice,
    Reads,
    Step,
    class_prices,
    cost_of,
    is_playable,
    possible_steps,
    size_bands,
    steps_for,
    total_usd,
)

PRICES = class_prices(price_table(), date(2026, 11, 23))
READS = Reads()
MONTHS_30 = 912
IR_AT_30 = (Step(day=30, storage_class="GLACIER_IR"),)

some_sizes = st.one_of(st.integers(1, 10**6), st.integers(1, LARGEST_BYTES))
some_usd = st.floats(0, 1, allow_nan=False)
some_prices = st.fixed_dictionaries(
    {
        name: st.builds(
            ClassPrice,
            gib_month_usd=some_usd,
            transition_usd=st.floats(0, 0.001),
            read_usd=st.floats(0, 0.001),
            byte_usd=st.floats(0, 1e-9),
        )
        for name in CLASSES
    }
)
some_reads = st.builds(Reads, early=st.floats(0, 20), later_per_month=st.floats(0, 5))


def cost(steps, size_bytes, *, days=MONTHS_30, reads=READS, prices=PRICES):
    return cost_of(steps, size_bytes=size_bytes, days=days, reads=reads, prices=prices).total_usd


def plan(*, days=MONTHS_30, reads=READS, prices=PRICES, earliest_day=0):
    return size_bands(days=days, reads=reads, prices=prices, earliest_day=earliest_day)


BANDS = plan()


def by_default_rules(size_bytes):
    """S3 itself leaves objects of at most 128 KB where they are, unless a rule names a size."""
    return CLASSIC if size_bytes > 128 * KIB else ()


@given(size=st.integers(KIB, 10**8))
def test_over_30_months_no_size_is_dearer_than_by_the_usual_rule(size):
    ours = steps_for(size, BANDS)
    assert is_playable(ours)
    assert cost(ours, size) <= cost(CLASSIC, size)
    assert cost(ours, size) <= cost(by_default_rules(size), size)
    assert cost(ours, size) <= cost((), size)


@settings(deadline=None, max_examples=25)
@given(
    prices=some_prices, reads=some_reads, size=some_sizes, days=st.integers(1, 4000),
    earliest_day=st.integers(0, 60),
)  # fmt: skip
def test_whatever_the_prices_no_playable_way_is_cheaper(prices, reads, size, days, earliest_day):
    bands = plan(days=days, reads=reads, prices=prices, earliest_day=earliest_day)
    chosen = steps_for(size, bands)
    ways = list(possible_steps(earliest_day=earliest_day))
    assert chosen in ways
    least = min(cost(way, size, days=days, reads=reads, prices=prices) for way in ways)
    spent = cost(chosen, size, days=days, reads=reads, prices=prices)
    assert spent <= least * (1 + 1e-9) + 1e-15


@given(prices=some_prices, days=st.integers(1, 2000))
@settings(deadline=None, max_examples=25)
def test_the_bands_cover_every_size_once_and_in_order(prices, days):
    bands = plan(prices=prices, days=days)
    assert bands[0].above_bytes == 0
    assert bands[-1].up_to_bytes is None
    for before, after in pairwise(bands):
        assert before.up_to_bytes == after.above_bytes
        assert before.above_bytes < before.up_to_bytes
        assert before.steps != after.steps


def test_todays_prices_move_all_but_the_smallest_once():
    (small, large) = plan(days=730)
    assert (small.steps, large.steps) == ((), IR_AT_30)
    assert 60_000 < large.above_bytes < 80_000


def test_what_is_dropped_soon_is_not_moved_before():
    bands = plan(days=730, earliest_day=45)
    assert bands[-1].steps == (Step(day=45, storage_class="GLACIER_IR"),)


def test_what_is_deleted_soon_is_never_moved():
    assert plan(days=40)[-1].steps == ()


def test_often_played_recordings_stay_where_reading_is_free():
    assert plan(reads=Reads(later_per_month=3))[-1].steps == ()


def test_every_way_is_one_that_s3_takes():
    for steps in possible_steps():
        assert is_playable(steps)
        for before, after in pairwise(steps):
            assert after.day - before.day >= CLASSES[before.storage_class].min_days
        assert all(step.day >= max(1, CLASSES[step.storage_class].earliest_day) for step in steps)
        assert "ONEZONE_IA" not in [step.storage_class for step in steps]


def test_each_part_of_a_cost_is_counted_by_hand():
    flat = {
        name: ClassPrice(gib_month_usd=0, transition_usd=0, read_usd=0, byte_usd=0)
        for name in CLASSES
    }
    none = Reads(early=0, later_per_month=0)
    gib, month = 2**30, 730 / 24
    dear = flat | {"STANDARD_IA": replace(flat["STANDARD_IA"], gib_month_usd=1, transition_usd=5)}
    hop = (Step(day=30, storage_class="STANDARD_IA"),)
    # 10 days there are billed as 30, 1 KiB as 128 KiB.
    found = cost_of(hop, size_bytes=KIB, days=40, reads=none, prices=dear)
    assert found.storage_usd == pytest.approx(128 * KIB / gib * 30 / month)
    assert found.transitions_usd == 5
    # Nothing moves after its end.
    assert cost_of(hop, size_bytes=gib, days=30, reads=none, prices=dear).total_usd == 0
    # An archive bills an index there and a name in STANDARD.
    cold = flat | {
        "GLACIER": replace(flat["GLACIER"], gib_month_usd=1),
        "STANDARD": replace(flat["STANDARD"], gib_month_usd=100),
    }
    archived = (Step(day=1, storage_class="GLACIER"),)
    found = cost_of(archived, size_bytes=1, days=101, reads=none, prices=cold)
    expected = (1 + 32 * KIB + 100 * 8 * KIB) / gib * 100 / month + 100 / gib / month
    assert found.storage_usd == pytest.approx(expected)
    # Reads cost per call and per byte, of the class where the object lies then.
    read = flat | {"GLACIER_IR": replace(flat["GLACIER_IR"], read_usd=2, byte_usd=0.1)}
    found = cost_of(
        IR_AT_30, size_bytes=10, days=91, reads=Reads(early=9, later_per_month=1), prices=read
    )
    assert found.reads_usd == pytest.approx(61 / month * 3)


def test_an_archive_is_read_by_a_restore_and_from_a_copy():
    flexible = PRICES["GLACIER"]
    table = price_table()
    get = table.price(provider="s3", kind="storage_get", model="GLACIER", on=date(2026, 11, 23))
    assert flexible.read_usd > float(get.unit_usd)
    assert flexible.byte_usd > PRICES["STANDARD"].byte_usd


def test_a_missing_price_is_said():
    with pytest.raises(ValueError, match="no price for"):
        class_prices(type("Empty", (), {"price": lambda *_, **__: None})(), date(2026, 11, 23))


@given(sizes=st.lists(some_sizes, max_size=5))
def test_the_total_of_many_objects_is_the_sum_of_each(sizes):
    total = total_usd(sizes, BANDS, days=MONTHS_30, reads=READS, prices=PRICES)
    assert total == pytest.approx(sum(cost(steps_for(size, BANDS), size) for size in sizes))


def test_reads_are_spread_over_their_days():
    reads = Reads(early=3, early_days=30, later_per_month=2)
    month = 730 / 24
    assert reads.between(0, 30) == pytest.approx(3)
    assert reads.between(0, 15) == pytest.approx(1.5)
    assert reads.between(15, 30 + month) == pytest.approx(1.5 + 2)
    assert reads.between(100, 100 + month) == pytest.approx(2)

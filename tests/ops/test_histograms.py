"""Histograms of durations: how wrong a percentile may be, and that adding them up is exact."""

import random

import pytest

from ops.histograms import LAST, bucket_of, counted, merged, percentile_s


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_percentile_is_at_most_12_percent_off(share):
    rng = random.Random(7)
    durations_s = [rng.lognormvariate(1, 2) + 0.02 for _ in range(4000)]
    exact = sorted(durations_s)[int(share * len(durations_s)) - 1]
    assert percentile_s(counted(durations_s), share) == pytest.approx(exact, rel=0.123)


def test_minutes_add_up_to_the_hour():
    rng = random.Random(8)
    minutes = [[rng.expovariate(0.1) for _ in range(30)] for _ in range(60)]
    together = counted([duration for minute in minutes for duration in minute])
    assert merged(counted(minute) for minute in minutes) == together


def test_nothing_counted_has_no_percentile():
    assert percentile_s({}, 0.5) is None


@pytest.mark.parametrize(
    ("duration_s", "bucket"),
    [(0.0, 0), (0.01, 0), (0.0101, 1), (0.1, 10), (0.1001, 11), (1.0, 20), (10**9, LAST)],
)
def test_the_bounds_of_the_buckets(duration_s, bucket):
    assert bucket_of(duration_s) == bucket

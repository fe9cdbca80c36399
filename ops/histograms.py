"""Durations counted in fixed buckets, so that minutes add up to exact hours. Pure.

Bucket k holds what lies between two bounds whose ratio is 10 ** 0.1; bucket 0 everything up to
10 ms, the last one everything over a day. A percentile is the middle of its bucket, so it is at
most 12 % off, in a minute as in thirty days.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

FIRST_S = 0.01
PER_DECADE = 10
LAST = 70  # 10 ms * 10 ** 7 is over a day

Buckets = Mapping[str, int]  # number of the bucket, as JSON writes keys -> how many


def bucket_of(duration_s: float) -> int:
    """Return the number of the bucket that a duration is counted in."""
    if duration_s <= FIRST_S:
        return 0
    place = math.ceil(PER_DECADE * math.log10(duration_s / FIRST_S) - 1e-9)
    return min(LAST, max(1, place))


def counted(durations_s: Iterable[float]) -> dict[str, int]:
    """Return how many durations lie in each bucket; empty buckets are left out."""
    return {str(k): n for k, n in sorted(Counter(map(bucket_of, durations_s)).items())}


def merged(parts: Iterable[Buckets]) -> dict[str, int]:
    """Return the sum of histograms."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return {key: total[key] for key in sorted(total, key=int)}


def percentile_s(buckets: Buckets, share: float) -> float | None:
    """Return the duration that `share` (0..1) of all do not exceed; None if nothing was counted."""
    total = sum(buckets.values())
    if not total:
        return None
    wanted = max(1, math.ceil(share * total))
    seen = 0
    for key in sorted(buckets, key=int):
        seen += buckets[key]
        if seen >= wanted:
            return middle_s(int(key))
    raise AssertionError("the buckets hold fewer than they hold")


def middle_s(bucket: int) -> float:
    """Return the middle of a bucket, on the scale of ratios."""
    if bucket == 0:
        return FIRST_S / 2
    return float(FIRST_S * 10 ** ((bucket - 0.5) / PER_DECADE))

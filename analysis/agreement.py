"""How far people, and machines, judge alike: numbers in, numbers with their doubt out. Pure.

Levels come as a table with a row for each session and a column for each rater, NaN where there is
none. Every statistic is written as a function of weights, one for each session: ones give its
value, draws of sessions with replacement its bootstrap interval. docs/evaluation.md has formulas
and sources.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MIN_PAIRS = 20
MIN_SESSIONS = 10  # intervals resample sessions: fewer make them too narrow
RESAMPLES = 1000
BATCH_CELLS = 2_000_000  # resamples x sessions held at once
COVERED_PERCENT = 95
DEFINED_SHARE = 0.95  # of the resamples, or there is no interval
SEED = 20
NOTHING = 1e-12

Numbers = NDArray[np.float64]
Statistic = Callable[[Numbers], Numbers]  # weights (resamples, sessions) -> a value for each row
Scale = Literal["nominal", "ordinal", "interval", "ratio"]
Reason = Literal["", "too_few_pairs", "too_few_sessions", "too_uniform", "not_above_zero"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval and what it rests on, or why there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    pair_count: int
    session_count: int
    reason: Reason = ""

    @property
    def missing_pair_count(self) -> int:
        """How many more pairs it takes to be told anything."""
        return max(0, MIN_PAIRS - self.pair_count)

    @property
    def missing_session_count(self) -> int:
        return max(0, MIN_SESSIONS - self.session_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """ICC of one rater, of the mean of as many as there typically were, and by which model."""

    model: Literal["one-way", "two-way"]
    single: Estimate
    mean: Estimate
    panel_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """How many raters' mean reaches a reliability: at the value, and at the interval's ends."""

    target: float
    count: int | None  # None: no number of them
    count_at_best: int | None
    count_at_worst: int | None


def estimate(statistic: Statistic, *, pair_count: int, session_count: int) -> Estimate:
    """Return a statistic with its interval; nothing when it rests on too little."""
    known = Estimate(pair_count=pair_count, session_count=session_count)
    if pair_count < MIN_PAIRS:
        return replace(known, reason="too_few_pairs")
    if session_count < MIN_SESSIONS:
        return replace(known, reason="too_few_sessions")
    value = statistic(np.ones((1, session_count)))[0]
    drawn = np.concatenate([statistic(weights) for weights in draws(session_count)])
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(drawn) < DEFINED_SHARE * RESAMPLES:
        return replace(known, reason="too_uniform")
    tail = (100 - COVERED_PERCENT) / 2
    low, high = np.percentile(drawn, (tail, 100 - tail))
    return replace(known, value=_rounded(value), low=_rounded(low), high=_rounded(high))


def draws(session_count: int) -> Iterator[Numbers]:
    """Yield how often resamples draw each session: the same at every look, a batch at a time."""
    random = np.random.default_rng(SEED)
    size = min(RESAMPLES, max(1, BATCH_CELLS // session_count))
    for start in range(0, RESAMPLES, size):
        rows = min(size, RESAMPLES - start)
        chosen = random.integers(0, session_count, (rows, session_count))
        places = chosen + np.arange(rows)[:, None] * session_count
        counts = np.bincount(places.ravel(), minlength=rows * session_count)
        yield counts.reshape(rows, session_count).astype(float)


def alpha(levels: Numbers, scale: Scale = "ordinal") -> Estimate:
    """Return Krippendorff's alpha."""
    paired = _paired(levels)
    return estimate(
        alpha_statistic(paired, scale), pair_count=_pair_count(paired), session_count=len(paired)
    )


def alpha_statistic(levels: Numbers, scale: Scale) -> Statistic:
    """Return alpha as a function of weights; NaN where all levels are the same."""
    values = np.unique(levels[~np.isnan(levels)])
    counts = (levels[:, :, None] == values).sum(axis=1).astype(float)
    raters = counts.sum(axis=1)
    used = raters > 1  # who is alone agrees with nobody
    counts = np.where(used[:, None], counts, 0)
    each = counts[:, :, None] * counts[:, None, :] - np.eye(len(values)) * counts[:, :, None]
    coincidences = (each / np.where(used, raters - 1, 1)[:, None, None]).reshape(
        len(levels), len(values) ** 2
    )

    def statistic(weights: Numbers) -> Numbers:
        observed = (weights @ coincidences).reshape(-1, len(values), len(values))
        totals = observed.sum(axis=2)
        number = totals.sum(axis=1)
        distance = _distances(scale, values, totals)
        found = (observed * distance).sum(axis=(1, 2)) * (number - 1)
        chance = (totals[:, :, None] * totals[:, None, :] * distance).sum(axis=(1, 2))
        return 1 - _divided(found, chance)

    return statistic


def _distances(scale: Scale, values: Numbers, totals: Numbers) -> Numbers:
    """Return the squared differences of values, for each row of how often they occur."""
    first, second = values[:, None], values[None, :]
    if scale == "nominal":
        return 1 - np.eye(len(values))[None]
    if scale == "ordinal":
        middle = np.cumsum(totals, axis=1) - totals / 2
        apart: Numbers = middle[:, :, None] - middle[:, None, :]
    elif scale == "interval":
        apart = (first - second)[None]
    else:
        apart = _divided(first - second, first + second, otherwise=0.0)[None]
    return apart * apart


def reliability(levels: Numbers) -> Reliability:
    """Return the ICC of levels.

    Where the same raters judged every session, two-way random effects; else one-way: which of them
    is milder can't be told apart from chance when each session has others.
    """
    paired = _paired(levels)
    paired = paired[:, ~np.isnan(paired).all(axis=0)]
    is_crossed = paired.size > 0 and not np.isnan(paired).any()
    statistic = two_way_statistic(paired) if is_crossed else one_way_statistic(paired)
    single = estimate(statistic, pair_count=_pair_count(paired), session_count=len(paired))
    sizes = (~np.isnan(paired)).sum(axis=1)
    size = int(np.median(sizes)) if len(sizes) else 2
    return Reliability(
        model="two-way" if is_crossed else "one-way",
        single=single,
        mean=of_mean(single, size),
        panel_size=size,
    )


def one_way_statistic(levels: Numbers) -> Statistic:
    """Return ICC(1) as a function of weights, for any number of raters in each row."""
    sizes = (~np.isnan(levels)).sum(axis=1).astype(float)
    means = np.nansum(levels, axis=1) / np.maximum(sizes, 1)
    within = np.nansum(np.square(levels - means[:, None]), axis=1)
    middle = float(means.sum()) / max(len(means), 1)

    def statistic(weights: Numbers) -> Numbers:
        rows, number = weights.sum(axis=1), weights @ sizes
        grand = _divided(weights @ (sizes * means), number)
        spread = weights @ (sizes * np.square(means - middle))
        between = spread - number * np.square(grand - middle)
        mean_between = _divided(between, rows - 1)
        mean_within = _divided(weights @ within, number - rows)
        size = _divided(number - _divided(weights @ np.square(sizes), number), rows - 1)
        return _divided(mean_between - mean_within, mean_between + (size - 1) * mean_within)

    return statistic


def two_way_statistic(levels: Numbers) -> Statistic:
    """Return ICC(2,1), absolute agreement, as a function of weights; no level may be missing."""
    raters = levels.shape[1]
    around = levels - levels.mean()
    means = around.mean(axis=1)

    def statistic(weights: Numbers) -> Numbers:
        rows = weights.sum(axis=1)
        grand = _divided(weights @ means, rows)
        columns = _divided(weights @ around, rows[:, None])
        of_rows = raters * (weights @ np.square(means) - rows * np.square(grand))
        of_columns = rows * np.square(columns - grand[:, None]).sum(axis=1)
        total = weights @ np.square(around).sum(axis=1) - rows * raters * np.square(grand)
        row = _divided(of_rows, rows - 1)
        column = of_columns / (raters - 1)
        error = _divided(total - of_rows - of_columns, (rows - 1) * (raters - 1))
        spread = row + (raters - 1) * error + _divided(raters * (column - error), rows)
        return _divided(row - error, spread)

    return statistic


def spearman_brown(single: float, size: int) -> float:
    """Return the reliability of the mean of `size` raters, of whom one alone has `single`."""
    return size * single / (1 + (size - 1) * single)


def of_mean(single: Estimate, size: int) -> Estimate:
    """Return the reliability of the mean of `size` raters; a share of variance is not under 0."""
    if single.value is None or single.low is None or single.high is None:
        return single
    if single.value <= 0:
        return replace(single, value=None, low=None, high=None, reason="not_above_zero")
    low, value, high = (
        _rounded(spearman_brown(max(0.0, each), size))
        for each in (single.low, single.value, single.high)
    )
    return replace(single, value=value, low=low, high=high)


def enough(single: Estimate, target: float) -> Panel | None:
    """Return how many raters' mean reaches the target; None when that is not known."""
    if single.value is None or single.low is None or single.high is None:
        return None
    return Panel(
        target=target,
        count=raters_for(single.value, target),
        count_at_best=raters_for(single.high, target),
        count_at_worst=raters_for(single.low, target),
    )


def raters_for(single: float, target: float) -> int | None:
    """Return how many raters it takes by Spearman-Brown; None when no number is enough."""
    if single <= 0:
        return None
    if single >= target:
        return 1
    return math.ceil(target * (1 - single) / (single * (1 - target)) - NOTHING)


def severity(levels: Numbers, rater: int) -> Estimate:
    """Return by how much a rater's levels lie above the others' mean on the same things.

    `levels` is (sessions, competencies, raters); a pair is her level beside the others' mean.
    """
    hers = levels[:, :, rater]
    others = np.delete(levels, rater, axis=2)
    numbers = (~np.isnan(others)).sum(axis=2)
    apart = hers - np.nansum(others, axis=2) / np.maximum(numbers, 1)
    is_pair = ~np.isnan(hers) & (numbers > 0)
    sums = np.where(is_pair, apart, 0).sum(axis=1)
    counts = is_pair.sum(axis=1).astype(float)
    used = counts > 0
    sums, counts = sums[used], counts[used]
    return estimate(
        lambda weights: _divided(weights @ sums, weights @ counts),
        pair_count=int(counts.sum()),
        session_count=len(counts),
    )


def kappa(first: Numbers, second: Numbers) -> Estimate:
    """Return the quadratic weighted kappa of two columns of levels, rounded or not."""
    both = ~np.isnan(first) & ~np.isnan(second)
    number = int(both.sum())
    statistic = kappa_statistic(first[both], second[both])
    return estimate(statistic, pair_count=number, session_count=number)


def kappa_statistic(first: Numbers, second: Numbers) -> Statistic:
    """Return 1 - observed / expected squared difference; NaN where all levels are the same."""

    def statistic(weights: Numbers) -> Numbers:
        number = weights.sum(axis=1)
        observed = _divided(weights @ np.square(first - second), number)
        means = [_divided(weights @ each, number) for each in (first, second)]
        squares = [_divided(weights @ np.square(each), number) for each in (first, second)]
        chance: Numbers = squares[0] + squares[1] - 2 * means[0] * means[1]
        return 1 - _divided(observed, chance)

    return statistic


def _paired(levels: Numbers) -> Numbers:
    """Return the rows that at least two raters judged."""
    paired: Numbers = levels[(~np.isnan(levels)).sum(axis=1) > 1]
    return paired


def _pair_count(levels: Numbers) -> int:
    sizes = (~np.isnan(levels)).sum(axis=1)
    return int((sizes * (sizes - 1) // 2).sum())


def _divided(above: Numbers, below: Numbers, *, otherwise: float = np.nan) -> Numbers:
    """Return the quotient; `otherwise` where nothing is divided by."""
    below = np.broadcast_to(below, np.broadcast_shapes(above.shape, below.shape))
    safe = np.abs(below) > NOTHING
    return np.where(safe, above / np.where(safe, below, 1), otherwise)


def _rounded(value: float) -> float:
    return round(float(value), 4)

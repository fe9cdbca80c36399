"""How far raters agree: published examples, another implementation, what holds for any levels."""

import json

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import agreement
from analysis.agreement import MIN_PAIRS, Estimate

_ = np.nan
# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: a row per observer.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T
# Shrout and Fleiss 1979, table 2: six targets, four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
).astype(float)
SCALES = ("nominal", "ordinal", "interval", "ratio")
ONCE = settings(max_examples=60, deadline=None)


def value_of(statistic, sessions):
    return statistic(np.ones((1, sessions)))[0]


def alpha_of(levels, scale="ordinal"):
    return value_of(agreement.alpha_statistic(levels, scale), len(levels))


def noisy(sessions, raters, *, seed=1, noise=0.6, share=1.0):
    """Levels around a true one, with gaps where `share` is under 1."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, (sessions, 1))
    levels = np.clip(np.rint(truth + rng.normal(0, noise, (sessions, raters))), 1, 5)
    return np.where(rng.random(levels.shape) < share, levels, np.nan)


@st.composite
def tables(draw, gaps=True):
    """Levels of some sessions by some raters, with gaps."""
    sessions, raters = draw(st.integers(3, 12)), draw(st.integers(2, 5))
    level = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0] + ([_] if gaps else []))
    rows = st.lists(level, min_size=raters, max_size=raters)
    return np.array(draw(st.lists(rows, min_size=sessions, max_size=sessions)))


def varied(levels):
    """Whether there is something to agree on: two levels among the paired ones."""
    paired = levels[(~np.isnan(levels)).sum(axis=1) > 1]
    return len(np.unique(paired[~np.isnan(paired)])) > 1


# --- alpha ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("scale", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_is_what_krippendorff_published(scale, published):
    assert round(alpha_of(KRIPPENDORFF, scale), 3) == published


@ONCE
@given(tables(), st.sampled_from(SCALES))
def test_alpha_is_what_another_implementation_computes(levels, scale):
    assume(varied(levels))
    theirs = krippendorff.alpha(reliability_data=levels.T, level_of_measurement=scale)
    assert alpha_of(levels, scale) == pytest.approx(theirs, abs=1e-9)


@ONCE
@given(tables(), st.sampled_from(SCALES), st.randoms(use_true_random=False))
def test_alpha_knows_no_order_of_sessions_and_raters_and_is_at_most_one(levels, scale, random):
    assume(varied(levels))
    rows, columns = list(range(len(levels))), list(range(levels.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    found = alpha_of(levels, scale)
    assert alpha_of(levels[rows][:, columns], scale) == pytest.approx(found)
    assert found <= 1 + 1e-12


def test_alpha_of_those_who_say_the_same_is_one_and_of_those_who_never_do_below_nought():
    same = np.array([[1, 1], [3, 3], [5, 5]], dtype=float)
    assert alpha_of(same) == 1
    assert alpha_of(np.array([[1, 5], [5, 1], [1, 5]], dtype=float)) < 0


def test_alpha_of_levels_that_never_differ_is_not_known():
    assert np.isnan(alpha_of(np.full((30, 2), 4.0)))
    assert agreement.alpha(np.full((30, 2), 4.0)).reason == "too_uniform"


def test_sessions_that_one_rater_judged_alone_change_nothing():
    levels = noisy(20, 3)
    alone = np.array([[5, _, _], [1, _, _]])
    assert agreement.alpha(np.vstack([levels, alone])) == agreement.alpha(levels)


# --- ICC -----------------------------------------------------------------------------------------
def test_icc_is_what_shrout_and_fleiss_published():
    one = value_of(agreement.one_way_statistic(SHROUT_FLEISS), 6)
    two = value_of(agreement.two_way_statistic(SHROUT_FLEISS), 6)
    assert (round(one, 2), round(two, 2)) == (0.17, 0.29)
    assert round(agreement.spearman_brown(one, 4), 2) == 0.44
    assert round(agreement.spearman_brown(two, 4), 2) == 0.62


@ONCE
@given(tables(), st.floats(-50, 50), st.floats(0.1, 10))
def test_icc_knows_neither_the_origin_nor_the_unit_of_a_scale(levels, shift, unit):
    levels = levels[(~np.isnan(levels)).sum(axis=1) > 1]
    assume(len(levels) > 2 and varied(levels))
    statistics = [agreement.one_way_statistic]
    if not np.isnan(levels).any():
        statistics.append(agreement.two_way_statistic)
    for statistic in statistics:
        found = value_of(statistic(levels), len(levels))
        moved = value_of(statistic(levels * unit + shift), len(levels))
        assert moved == pytest.approx(found, abs=1e-6, nan_ok=True)
        assert np.isnan(found) or found <= 1 + 1e-9


@ONCE
@given(tables(gaps=False), st.data())
def test_a_session_that_weighs_two_is_a_session_that_is_there_twice(levels, data):
    assume(varied(levels))
    twice = data.draw(st.integers(0, len(levels) - 1))
    weights = np.ones((1, len(levels)))
    weights[0, twice] = 2
    doubled = np.vstack([levels, levels[twice]])
    for statistic in (
        agreement.one_way_statistic,
        agreement.two_way_statistic,
        lambda table: agreement.alpha_statistic(table, "ordinal"),
        lambda table: agreement.kappa_statistic(table[:, 0], table[:, 1]),
    ):
        weighed = statistic(levels)(weights)[0]
        assert weighed == pytest.approx(value_of(statistic(doubled), len(doubled)), nan_ok=True)


def test_where_all_judge_all_the_model_has_two_ways_and_else_one():
    assert agreement.reliability(noisy(25, 3)).model == "two-way"
    gaps = agreement.reliability(noisy(40, 4, share=0.7))
    assert (gaps.model, gaps.panel_size) == ("one-way", 3)
    assert gaps.single.value < gaps.mean.value


# --- enough raters -------------------------------------------------------------------------------
def test_as_many_raters_are_enough_as_bring_their_mean_to_the_target():
    assert agreement.raters_for(0.44, 0.7) == 3
    assert agreement.raters_for(0.7, 0.7) == agreement.raters_for(1.0, 0.7) == 1
    assert agreement.raters_for(0.0, 0.7) is agreement.raters_for(-0.2, 0.7) is None


@ONCE
@given(st.floats(0.01, 0.99), st.floats(0.05, 0.95))
def test_enough_raters_reach_the_target_and_one_fewer_do_not(single, target):
    count = agreement.raters_for(single, target)
    assert agreement.spearman_brown(single, count) >= target - 1e-9
    assert count == 1 or agreement.spearman_brown(single, count - 1) < target


def test_no_number_of_raters_is_named_where_they_do_not_agree():
    apart = np.array([[1, 5], [5, 1]] * 15, dtype=float)
    found = agreement.reliability(apart)
    assert found.single.value < 0
    assert found.mean == Estimate(pair_count=30, session_count=30, reason="not_above_zero")
    assert agreement.enough(found.single, 0.7).count is None
    assert agreement.enough(agreement.reliability(apart[:5]).single, 0.7) is None


# --- severity ------------------------------------------------------------------------------------
def cells(*raters):
    """One competency; a column of levels for each rater."""
    return np.array(raters, dtype=float).T[:, None, :]


def test_severity_is_the_mean_distance_to_the_others_on_the_same_sessions():
    mild, strict = [4, 5] * 12, [3, 4] * 12
    found = agreement.severity(cells(mild, strict), 0)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    assert agreement.severity(cells(mild, strict), 1).value == -1.0
    third = agreement.severity(cells(mild, strict, [4, 4] * 12), 0)
    assert third.value == 0.75


def test_what_somebody_judged_alone_says_nothing_of_her_severity():
    hers, others = [5.0] * 30, [4.0] * 25 + [_] * 5
    found = agreement.severity(cells(hers, others), 0)
    assert (found.pair_count, found.session_count, found.value) == (25, 25, 1.0)
    assert agreement.severity(cells(hers), 0).reason == "too_few_pairs"


# --- kappa ---------------------------------------------------------------------------------------
def cohen(first, second, levels=5):
    """Cohen 1968, from the table of who said what."""
    table = np.zeros((levels, levels))
    for one, other in zip(first, second, strict=True):
        table[int(one) - 1, int(other) - 1] += 1
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    apart = np.square(np.subtract.outer(np.arange(levels), np.arange(levels)))
    return 1 - (apart * table).sum() / (apart * expected).sum()


@ONCE
@given(tables(gaps=False))
def test_kappa_is_cohen_s_with_quadratic_weights(levels):
    first, second = levels[:, 0], levels[:, 1]
    assume(len(np.unique(levels[:, :2])) > 1)
    found = value_of(agreement.kappa_statistic(first, second), len(levels))
    assert found == pytest.approx(cohen(first, second))
    assert found == pytest.approx(value_of(agreement.kappa_statistic(second, first), len(levels)))


def test_kappa_rests_on_the_sessions_that_both_judged():
    levels = noisy(40, 2, share=0.9)
    found = agreement.kappa(levels[:, 0], levels[:, 1])
    both = ~np.isnan(levels).any(axis=1)
    assert found.pair_count == found.session_count == both.sum() < 40
    assert found.value == round(cohen(levels[both, 0], levels[both, 1]), 4)


# --- how much is enough to tell ------------------------------------------------------------------
def estimates(levels):
    """Every kind of estimate from a table."""
    return {
        "alpha": agreement.alpha(levels),
        "icc": agreement.reliability(levels).single,
        "icc of the mean": agreement.reliability(levels).mean,
        "severity": agreement.severity(levels[:, None, :], 0),
        "kappa": agreement.kappa(levels[:, 0], levels[:, 1]),
    }


@pytest.mark.parametrize("pairs", [0, 1, MIN_PAIRS - 1])
def test_below_twenty_pairs_nothing_is_told_but_how_many_are_missing(pairs):
    for name, found in estimates(noisy(pairs, 2)).items():
        assert found == Estimate(pair_count=pairs, session_count=pairs, reason="too_few_pairs"), (
            name
        )
        assert found.missing_pair_count == MIN_PAIRS - pairs


def test_from_twenty_pairs_on_everything_has_a_value_inside_an_interval():
    for name, found in estimates(noisy(MIN_PAIRS, 2)).items():
        assert found.reason == "", name
        assert found.low < found.value < found.high, name
        assert found.missing_pair_count == 0


def test_many_pairs_of_a_few_sessions_are_too_few_sessions():
    found = agreement.alpha(noisy(9, 5))
    assert (found.pair_count, found.reason, found.missing_session_count) == (
        90,
        "too_few_sessions",
        1,
    )


def test_levels_that_hardly_differ_have_no_interval_and_so_no_number():
    levels = np.full((25, 2), 4.0)
    levels[0, 0] = 5
    assert agreement.alpha(levels) == Estimate(
        pair_count=25, session_count=25, reason="too_uniform"
    )


@ONCE
@given(st.integers(0, 1000), st.integers(20, 40))
def test_an_interval_is_ordered_the_same_twice_and_plain_numbers(seed, sessions):
    levels = noisy(sessions, 3, seed=seed, share=0.95)
    found = estimates(levels)
    assert found == estimates(levels)
    for each in found.values():
        assert each.value is None or each.low <= each.high
        assert (each.value is None) == bool(each.reason)
        json.dumps([each.value, each.low, each.high, each.pair_count])


def test_intervals_narrow_with_more_sessions():
    few, many = (agreement.alpha(noisy(n, 2)) for n in (25, 400))
    assert many.high - many.low < (few.high - few.low) / 2


@pytest.mark.slow
def test_of_a_hundred_intervals_about_ninety_five_hold_the_truth():
    truth = alpha_of(noisy(20_000, 2, seed=9))
    found = [agreement.alpha(noisy(60, 2, seed=seed)) for seed in range(200)]
    assert 0.9 <= sum(each.low <= truth <= each.high for each in found) / 200 <= 0.99


def test_every_resample_draws_as_many_sessions_as_there_are():
    for sessions in (33, agreement.BATCH_CELLS // 300):  # at once, and in batches
        totals = [weights.sum(axis=1) for weights in agreement.draws(sessions)]
        assert (np.concatenate(totals) == sessions).all()
        assert sum(len(each) for each in totals) == agreement.RESAMPLES

"""Limits: against SciPy, by hand, and what holds for all of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import beta, binomtest, t, ttest_1samp

from hilum.scoring.limits import GAP, LOSS, SHARE, Basis, estimate, p_value, t_quantile

DRAWS = np.random.default_rng(0).normal(size=500)


def figure(value, spread, draws=DRAWS):
    """A figure whose resamples have exactly this standard deviation."""
    return np.append(value, value + spread * draws / draws.std(ddof=1))


def test_the_quantile_is_scipys():
    for freedom in (2, 2.5, 3, 5, 9.4, 30, 1000):
        assert t_quantile(freedom) == pytest.approx(t.ppf(0.975, freedom), rel=0.01 if freedom < 3 else 0.002)
    for freedom in (6, 20, 300):
        assert t_quantile(freedom) == pytest.approx(t.ppf(0.975, freedom), rel=1e-4)


def test_a_share_by_hand():
    found = estimate(figure(0.8, 0.04), Basis(groups=50, effective=34, classes=4))
    error = 0.04 * math.sqrt(34 / 30)  # drawn within four classes
    away = t.ppf(0.975, 30) * error / (0.8 * 0.2)
    assert (found.low, found.high) == pytest.approx((expit(logit(0.8) - away), expit(logit(0.8) + away)), rel=1e-4)


def test_a_difference_and_a_loss_are_symmetric_up_to_what_is_possible():
    basis = Basis(50, 34, 4)
    reach = t.ppf(0.975, 30) * 0.04 * math.sqrt(34 / 30)
    gap, loss, small = (
        estimate(figure(*of), basis, b) for *of, b in ((-0.1, 0.04, GAP), (2, 0.04, LOSS), (0.01, 0.04, LOSS))
    )
    assert (gap.low, gap.high) == pytest.approx((-0.1 - reach, -0.1 + reach), rel=1e-4)
    assert (loss.low, loss.high) == pytest.approx((2 - reach, 2 + reach), rel=1e-4)
    assert small.low == 0
    assert estimate(figure(0.99, 0.5), basis, GAP).high == 1


def test_folds_and_aucs_have_larger_errors():
    one, folds, auc = (Basis(50, 34, 4, **more).error(DRAWS) for more in ({}, {"refitted": True}, {"ranked": True}))
    assert one == pytest.approx(DRAWS.std(ddof=1) * math.sqrt(34 / 30))
    assert folds / one == pytest.approx(math.sqrt(1 + 0.7 * 30 / 34))
    assert auc / one == pytest.approx(1.15)


@pytest.mark.parametrize("groups", [1, 5, 30, 300])
def test_where_nothing_varies_limits_are_exact(groups):
    basis = Basis(groups, groups, 1)
    exact = binomtest(groups, groups).proportion_ci(method="exact")
    perfect, never = (estimate(np.full(21, value), basis) for value in (1.0, 0.0))
    assert (perfect.low, perfect.high) == pytest.approx((exact.low, 1))
    assert perfect.low == pytest.approx(beta.ppf(0.025, groups, 1))
    assert (never.low, never.high) == pytest.approx((0, 1 - exact.low))
    half, same = estimate(np.full(21, 0.5), basis), estimate(np.zeros(21), basis, GAP)
    assert (half.low, half.high) == pytest.approx((0.5 * exact.low, 1 - 0.5 * exact.low))
    assert (same.low, same.high) == pytest.approx((exact.low - 1, 1 - exact.low))


def test_five_groups_without_an_error_could_still_be_half():
    assert round(estimate(np.ones(21), Basis(5, 5, 1)).low, 2) == 0.48


def test_without_resamples_or_bounds_there_is_no_interval():
    basis = Basis(5, 5, 1)
    assert estimate(np.array([0.7]), basis).as_json() == {"value": 0.7, "low": None, "high": None}
    assert estimate(np.array([0.7, np.nan]), basis).low is None
    assert estimate(np.array([np.nan, 0.7]), basis).as_json() == {"value": None, "low": None, "high": None}
    assert estimate(np.full(9, 0.7), basis, LOSS).as_json() == {"value": 0.7, "low": None, "high": None}


def test_the_interval_of_a_mean_of_single_groups_is_students():
    """Where groups are of one size and one class, the bootstrap's error with its correction is the usual one."""
    values = np.random.default_rng(1).uniform(-0.2, 0.4, 25)
    random = np.random.default_rng(2)
    means = values[random.integers(0, 25, (20_000, 25))].mean(1)
    of, basis = np.append(values.mean(), means), Basis(25, 25, 1)
    test = ttest_1samp(values, 0)
    low, high = test.confidence_interval()
    found = estimate(of, basis, GAP)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.002)
    assert p_value(of, basis) == pytest.approx(test.pvalue, rel=0.1)


@given(
    st.floats(-0.9, 0.9), st.floats(0.001, 0.3), st.integers(10, 300), st.floats(0.1, 1), st.integers(1, 4),
    st.booleans(),
)  # fmt: skip
def test_the_p_value_is_below_its_level_just_where_the_interval_leaves_out_nothing(
    value, spread, groups, share, classes, refitted
):
    basis = Basis(groups, groups * share, classes, refitted)
    of = figure(value, spread)
    found, p = estimate(of, basis, GAP), p_value(of, basis)
    assert 0 <= p <= 1
    if abs(p - 0.05) > 0.001:  # the quantile is approximate
        assert (p < 0.05) == (found.low > 0 or found.high < 0)


@given(st.floats(0, 0.9), st.integers(1, 300))
def test_the_p_value_fits_exact_limits_too(value, groups):
    of, basis = np.full(9, value), Basis(groups, groups, 1)
    p = p_value(of, basis)
    assert p == pytest.approx(min(1, 2 * (1 + value) ** -groups))
    if abs(p - 0.05) > 1e-9:
        assert (p < 0.05) == (estimate(of, basis, GAP).low > 0)


@given(
    st.floats(0, 1), st.floats(0, 0.5), st.integers(1, 200), st.floats(0.1, 1), st.integers(1, 5), st.booleans(),
    st.booleans(),
)  # fmt: skip
def test_an_interval_holds_its_value_and_stays_possible(value, spread, groups, share, classes, refitted, ranked):
    basis = Basis(groups, groups * share, classes, refitted, ranked)
    for bounds in (SHARE, GAP):
        found = estimate(figure(value, spread), basis, bounds)
        assert bounds[0] <= found.low <= value + 1e-12
        assert value - 1e-12 <= found.high <= bounds[1]


@given(st.floats(0.01, 0.99), st.floats(0, 0.3), st.integers(2, 200), st.integers(1, 5))
def test_fewer_groups_widen_the_interval(value, spread, groups, classes):
    wide, narrow = (estimate(figure(value, spread), Basis(n, n, classes)) for n in (groups, groups + 10))
    assert wide.low <= narrow.low + 1e-12
    assert narrow.high <= wide.high + 1e-12

"""Coverage, risk and thresholds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binomtest, t

from hilum.records.figures import Estimate
from hilum.scoring.resamples import draw_resamples
from hilum.trust.abstention import (
    FEWEST,
    risk_coverage,
    risks,
    share,
    threshold_for_accuracy,
    threshold_for_coverage,
)


def _two_classes(tops, right):
    """Labels and probabilities whose top is class 0's."""
    tops = np.asarray(tops, float)
    return np.where(right, 0, 1), np.stack([tops, 1 - tops], axis=1)


def _random(seed, n, repeats=1):
    random = np.random.default_rng(seed)
    tops = random.uniform(0.5, 1, (repeats, n)).round(2)  # ties
    labels = (random.random(n) > tops[0]).astype(int)
    return labels, np.stack([tops, 1 - tops], axis=2)


def test_the_curve_of_four_slices_by_hand():
    labels, probabilities = _two_classes([0.9, 0.6, 0.8, 0.7], [True, False, True, False])
    curve = [(one.threshold, one.coverage, one.risk) for one in risk_coverage(labels, probabilities)]
    assert curve == [
        (0.0, 1.0, 0.5),
        (pytest.approx(0.65), 0.75, pytest.approx(1 / 3)),
        (pytest.approx(0.75), 0.5, 0.0),
        (pytest.approx(0.85), 0.25, 0.0),
    ]


@given(st.integers(0, 10_000), st.integers(1, 150), st.integers(1, 3))
@settings(max_examples=30)
def test_every_point_of_the_curve_says_what_its_threshold_does(seed, n, repeats):
    labels, probabilities = _random(seed, n, repeats)
    curve = risk_coverage(labels, probabilities)
    assert (curve[0].threshold, curve[0].coverage) == (0, 1)
    assert 1 <= len(curve) <= 100
    assert np.all(np.diff([one.threshold for one in curve]) > 0)
    assert np.all(np.diff([one.coverage for one in curve]) < 0)
    top, wrong = probabilities.max(-1), probabilities.argmax(-1) != labels
    for one in curve:
        assert one.coverage == pytest.approx((top >= one.threshold).mean())
        assert one.risk == pytest.approx(wrong[top >= one.threshold].mean())


def test_risks_are_those_of_the_curve_within_their_intervals():
    labels, probabilities = _random(3, 80, 2)
    points = risks(labels, probabilities, 10, draw_resamples(labels, np.arange(80)))
    curve = risk_coverage(labels, probabilities, 10)
    assert [(one.threshold, one.coverage) for one in points] == [(one.threshold, one.coverage) for one in curve]
    assert [one.risk.value for one in points] == pytest.approx([one.risk for one in curve])
    assert all(one.risk.low <= one.risk.value <= one.risk.high for one in points)


@given(st.integers(0, 10_000), st.integers(1, 200), st.floats(0.5, 1), st.integers(1, 3))
@settings(max_examples=50)
def test_the_threshold_is_the_lowest_with_the_wanted_accuracy(seed, n, accuracy, repeats):
    labels, probabilities = _random(seed, n, repeats)
    threshold = threshold_for_accuracy(labels, probabilities, accuracy)
    top, right = probabilities.max(-1), probabilities.argmax(-1) == labels
    fewest = repeats * max(1, min(FEWEST, n // 2))
    assert (top >= threshold).sum() >= fewest
    reached = right[top >= threshold].mean()
    if reached >= accuracy:
        lower = [right[top >= other].mean() for other in np.unique(top) if other < threshold]
        assert all(one < accuracy for one in lower)
    else:
        others = [right[top >= other].mean() for other in np.unique(top) if (top >= other).sum() >= fewest]
        assert reached == pytest.approx(max(others))


def test_a_model_that_is_always_right_answers_everything():
    labels, probabilities = _two_classes(np.linspace(0.5, 1, 50), np.ones(50, bool))
    assert threshold_for_accuracy(labels, probabilities) == 0


def test_few_confident_errors_do_not_silence_a_model():
    # The two surest of 100 are wrong, all others right: 98 % of all, but none of the first two.
    labels, probabilities = _two_classes(np.linspace(0.5, 1, 100), np.arange(100) < 98)
    assert threshold_for_accuracy(labels, probabilities) == 0


def test_where_the_accuracy_is_out_of_reach_the_best_is_taken():
    labels, probabilities = _two_classes(np.linspace(0.51, 1, 100), np.arange(100) % 2 == 0)
    answered = probabilities.max(-1) >= threshold_for_accuracy(labels, probabilities, 0.9)
    assert answered.sum() >= FEWEST
    assert (labels[answered] == 0).mean() < 0.55


@given(st.integers(0, 10_000), st.integers(1, 100), st.floats(0, 1))
@settings(max_examples=40)
def test_the_threshold_for_a_coverage_answers_at_least_that_share_and_hardly_more(seed, n, coverage):
    _, probabilities = _random(seed, n)
    top = probabilities.max(-1)
    answered = top >= threshold_for_coverage(probabilities, coverage)
    assert answered.mean() >= coverage - 1e-9
    without_the_least = top > top[answered].min()
    assert without_the_least.mean() <= coverage + 1e-9 or coverage == 0 or without_the_least.sum() == 0


def test_a_share_and_its_interval_over_groups():
    labels, groups = np.zeros(40, int), np.arange(40)
    resamples = draw_resamples(labels, groups, 4000)
    part = np.arange(40) < 10
    found = share(part, np.ones(40), resamples)
    assert found.value == 0.25
    away = t.ppf(0.975, 39) * np.sqrt(0.25 * 0.75 / 39) / (0.25 * 0.75)
    assert found.low == pytest.approx(expit(logit(0.25) - away), abs=0.01)
    assert found.high == pytest.approx(expit(logit(0.25) + away), abs=0.01)
    twice = share(np.stack([part, ~part]), np.ones((2, 40)), resamples)
    unseen = 1 - binomtest(40, 40).proportion_ci(method="exact").low
    assert twice.value == 0.5  # each slice counts half in every resample
    assert (twice.low, twice.high) == pytest.approx((0.5 - unseen / 2, 0.5 + unseen / 2))


def test_a_share_rests_on_the_groups_with_some_of_the_whole():
    """Two of ten groups were answered, all right: their exact limit is far below that of ten."""
    answered = np.arange(20) // 2 < 2
    found = share(answered, answered, draw_resamples(np.zeros(20, int), np.arange(20) // 2, 50))
    assert (found.low, found.high) == pytest.approx((binomtest(2, 2).proportion_ci(method="exact").low, 1))


def test_a_share_of_nothing_is_none():
    weights = draw_resamples(np.zeros(3, int), np.arange(3), 10)
    assert share(np.zeros(3), np.zeros(3), weights) == Estimate(value=None, low=None, high=None)

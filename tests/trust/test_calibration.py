"""Temperature and calibration error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from hilum.trust.calibration import (
    BINS,
    brier_score,
    calibration_band,
    calibration_error,
    fit_temperature,
    log_loss,
    measured_calibration,
    reliability,
    with_temperature,
)


def _calibrated(n, k=4, seed=0, spread=2.0):
    """Logits, and labels drawn from their own probabilities."""
    random = np.random.default_rng(seed)
    logits = spread * random.normal(size=(n, k))
    sums = with_temperature(logits, 1.0).cumsum(1)
    labels = (random.random((n, 1)) > sums).sum(1).clip(max=k - 1)
    return logits, labels


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_the_temperature_of_scaled_logits_is_the_scale(scale):
    logits, labels = _calibrated(20_000)
    assert fit_temperature(scale * logits, labels) == pytest.approx(scale, rel=0.05)


def test_it_is_scikit_learns_temperature():
    random = np.random.default_rng(1)
    labels = np.arange(300) % 4
    features = random.normal(size=(4, 30))[labels] * 0.4 + random.normal(size=(300, 30))
    model = LogisticRegression(C=100, max_iter=5000).fit(features[:150], labels[:150])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="temperature").fit(features[150:], labels[150:])
    logits = model.decision_function(features[150:])
    temperature = fit_temperature(logits, labels[150:])
    assert temperature > 1.2
    np.testing.assert_allclose(
        with_temperature(logits, temperature), theirs.predict_proba(features[150:]), rtol=1e-3, atol=1e-6
    )


@given(st.integers(0, 10_000), st.floats(0.2, 5))
@settings(max_examples=25)
def test_no_other_temperature_has_a_lower_loss(seed, other):
    logits, labels = _calibrated(60, seed=seed)
    best = log_loss(labels, with_temperature(logits, fit_temperature(logits, labels)))
    assert best <= log_loss(labels, with_temperature(logits, other)) + 1e-9


def test_where_every_slice_is_right_or_nothing_is_said_the_temperature_is_one():
    labels = np.array([0, 1, 2, 0])
    assert fit_temperature(np.eye(3)[labels], labels) == 1.0
    assert fit_temperature(np.zeros((4, 3)), labels) == 1.0


def test_a_class_that_a_model_never_saw_may_have_no_logit_at_all():
    logits = np.array([[0.0, 2.0, -np.inf], [1.0, 0.0, -np.inf], [1.0, 0.5, -np.inf], [0.0, 1.0, 0.0]])
    labels = np.array([1, 0, 1, 2])
    temperature = fit_temperature(logits, labels)
    assert 0 < temperature < 100
    assert with_temperature(logits, temperature)[0, 2] == 0


def test_the_error_of_twenty_slices_by_hand():
    # Ten pairs, each a bin: five pairs at 0.6, of which one of two is right, and five at 0.9, both right.
    tops = np.repeat([0.6, 0.9], 10)
    probabilities = np.stack([tops, 1 - tops], axis=1)
    labels = np.array([0, 1] * 5 + [0] * 10)
    assert calibration_error(labels, probabilities) == pytest.approx(0.5 * 0.1 + 0.5 * 0.1)
    bins = reliability(labels, probabilities)
    assert [(one.confidence, one.accuracy, one.count) for one in bins[:5]] == [(pytest.approx(0.6), 0.5, 2)] * 5
    assert [(one.confidence, one.accuracy, one.count) for one in bins[5:]] == [(pytest.approx(0.9), 1.0, 2)] * 5


def test_the_error_follows_from_the_reliability_bins():
    logits, labels = _calibrated(230, seed=5)
    probabilities = with_temperature(logits, 0.4)
    bins = reliability(labels, probabilities)
    assert len(bins) == BINS
    by_hand = sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / 230
    assert calibration_error(labels, probabilities) == pytest.approx(by_hand)
    both = np.stack([probabilities, with_temperature(logits, 1.0)])
    mean = (by_hand + calibration_error(labels, both[1])) / 2
    assert calibration_error(labels, both) == pytest.approx(mean)


@pytest.mark.parametrize("n", [1, 3, 11])
def test_few_slices_make_few_bins(n):
    logits, labels = _calibrated(n)
    probabilities = with_temperature(logits, 1.0)
    assert sum(one.count for one in reliability(labels, probabilities)) == n
    assert 0 <= calibration_error(labels, probabilities) <= 1
    low, high = calibration_band(probabilities, draws=50)
    assert 0 <= low <= high <= 1


def test_a_calibrated_model_stays_inside_its_band_in_95_of_100_sets():
    inside = 0
    for seed in range(300):
        logits, labels = _calibrated(200, seed=seed)
        probabilities = with_temperature(logits, 1.0)
        low, high = calibration_band(probabilities, draws=200, seed=seed + 1)
        inside += low <= calibration_error(labels, probabilities) <= high
    assert 0.91 <= inside / 300 <= 0.985


def test_the_band_does_not_depend_on_how_many_sets_are_simulated_at_a_time(monkeypatch):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), (2, 80))
    band = calibration_band(probabilities, draws=30)
    monkeypatch.setattr("hilum.trust.calibration._DRAWS", 7)
    assert calibration_band(probabilities, draws=30) == band


def test_an_overconfident_model_leaves_its_band():
    logits, labels = _calibrated(500)
    probabilities = with_temperature(3 * logits, 1.0)
    assert calibration_error(labels, probabilities) > calibration_band(probabilities)[1]


def test_brier_score_and_log_loss_are_scikit_learns():
    logits, labels = _calibrated(150)
    probabilities = with_temperature(logits, 0.5)
    theirs = brier_score_loss(labels, probabilities, scale_by_half=False)
    assert brier_score(labels, probabilities) == pytest.approx(theirs)
    assert log_loss(labels, probabilities) == pytest.approx(sklearn_log_loss(labels, probabilities))
    assert log_loss(labels, np.stack([probabilities] * 3)) == pytest.approx(log_loss(labels, probabilities))


def test_what_is_reported_of_probabilities_that_are_used_as_they_are():
    logits, labels = _calibrated(120)
    probabilities = with_temperature(logits, 1.0)
    measured = measured_calibration(labels, probabilities, seed=3)
    assert measured.error == calibration_error(labels, probabilities)
    assert measured.band == calibration_band(probabilities, seed=3)
    assert measured.brier == brier_score(labels, probabilities)
    assert measured.bins == reliability(labels, probabilities)

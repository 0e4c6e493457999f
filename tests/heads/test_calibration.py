"""Slopes and offsets, against a general optimiser and scikit-learn's Platt scaling."""

import numpy as np
import pytest
from sklearn.calibration import _sigmoid_calibration

from hilum.heads.calibration import fit_calibration

RANDOM = np.random.default_rng(0)


def _drawn(slope, offsets, n=4000):
    scores = RANDOM.normal(size=(len(offsets), n))
    logits = slope * scores + np.array(offsets)[:, None] + RANDOM.gumbel(size=scores.shape)
    return scores, logits.argmax(0)


def test_the_slope_and_offsets_that_scores_were_drawn_with_are_found():
    scores, numbers = _drawn(2.0, [0.5, -0.5, 0.0])
    found = fit_calibration(scores, numbers, np.ones(4000))
    assert found.slope.item() == pytest.approx(2, abs=0.15)
    np.testing.assert_allclose((found.offsets - found.offsets.mean()).ravel(), [0.5, -0.5, 0], atol=0.1)
    shares = np.bincount(numbers) / 4000
    np.testing.assert_allclose(found.probabilities(scores).mean(1), shares, atol=1e-3)


def test_two_classes_are_platts_method():
    scores, numbers = _drawn(3.0, [1.0, 0.0], 200)
    found = fit_calibration(scores, numbers, np.ones(200))
    slope, shift = _sigmoid_calibration(scores[1] - scores[0], numbers)
    theirs = 1 / (1 + np.exp(slope * (scores[1] - scores[0]) + shift))
    np.testing.assert_allclose(found.probabilities(scores)[1], theirs, atol=2e-3)


def test_weights_count_as_copies_do():
    scores, numbers = _drawn(1.0, [0.0, 0.0, 1.0], 300)
    copies = RANDOM.integers(1, 4, 300)
    weighted = fit_calibration(scores, numbers, copies.astype(float))
    copied = fit_calibration(np.repeat(scores, copies, 1), np.repeat(numbers, copies), np.ones(copies.sum()))
    np.testing.assert_allclose(weighted.probabilities(scores), copied.probabilities(scores), atol=1e-3)


def test_several_are_fitted_as_each_alone():
    drawn, numbers = _drawn(1.5, [0.0, 1.0, 0.0], 300)
    scores, weights = np.stack([drawn, 100 * drawn + 7, 0.01 * drawn]), RANDOM.uniform(0.5, 1, (3, 300))
    together = fit_calibration(scores, numbers, weights).probabilities(scores)
    for one, own, weight in zip(together, scores, weights, strict=True):
        np.testing.assert_allclose(one, fit_calibration(own, numbers, weight).probabilities(own), atol=2e-3)


@pytest.mark.parametrize("scores", [np.zeros((3, 90)), -np.eye(3)[:, np.arange(90) % 3]])
def test_scores_that_say_nothing_or_the_opposite_give_the_shares(scores):
    found = fit_calibration(scores, np.arange(90) % 3, np.ones(90))
    np.testing.assert_allclose(found.probabilities(scores), 1 / 3, atol=1e-3)


def test_a_perfect_separation_has_an_end():
    numbers = np.arange(90) % 3
    found = fit_calibration(np.eye(3)[:, numbers], numbers, np.ones(90))
    own = found.probabilities(np.eye(3)[:, numbers])[numbers, np.arange(90)]
    np.testing.assert_allclose(own, 31 / 33, atol=1e-3)  # Platt's target: one more of each kind

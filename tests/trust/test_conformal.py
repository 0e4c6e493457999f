"""Prediction sets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.trust.calibration import with_temperature
from hilum.trust.conformal import one_a_group, prediction_sets, set_threshold


def _drawn(random, n, k=4):
    logits = 2 * random.normal(size=(n, k))
    probabilities = with_temperature(logits, 1.0)
    labels = (random.random((n, 1)) > probabilities.cumsum(1)).sum(1).clip(max=k - 1)
    return with_temperature(logits, 0.5), labels  # overconfident: sets must not trust the probabilities


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60))
def test_the_threshold_makes_the_sets_that_the_held_out_slices_make(seed, count):
    random = np.random.default_rng(seed)
    held_out, labels = random.dirichlet(np.ones(3), count), random.integers(0, 3, count)
    probabilities = np.concatenate([random.dirichlet(np.ones(3), 20), held_out])
    least = set_threshold(held_out, labels)
    np.testing.assert_array_equal(probabilities >= least, prediction_sets(held_out, labels, probabilities))


@pytest.mark.parametrize("confidence", [0.8, 0.9])
def test_sets_hold_the_truth_as_often_as_wanted(confidence):
    random = np.random.default_rng(0)
    held = []
    for _ in range(60):
        probabilities, labels = _drawn(random, 200)
        sets = prediction_sets(probabilities[:100], labels[:100], probabilities[100:], confidence)
        held.append(sets[np.arange(100), labels[100:]].mean())
    assert np.mean(held) == pytest.approx(confidence, abs=0.025)


def test_sets_by_hand():
    # Nine held-out slices whose true classes got 0.1 to 0.9; of ten places, 90 % leaves the lowest out.
    tops = np.arange(1, 10) / 10
    held_out = np.stack([tops, 1 - tops], axis=1)
    sets = prediction_sets(held_out, np.zeros(9, int), np.array([[0.05, 0.95], [0.15, 0.85]]), 0.81)
    assert sets.tolist() == [[False, True], [True, True]]


def test_with_hardly_any_held_out_slices_every_class_is_in_the_set():
    sets = prediction_sets(np.array([[0.9, 0.1]]), np.array([0]), np.array([[1.0, 0.0]]), 0.9)
    assert sets.all()


def test_a_group_is_drawn_once_and_any_of_its_slices_can_be():
    groups = np.array([7, 7, 7, 3, 3, 5])
    random = np.random.default_rng(0)
    drawn = [one_a_group(groups, random) for _ in range(60)]
    assert all(sorted(groups[rows]) == [3, 5, 7] for rows in drawn)
    assert set(np.concatenate(drawn)) == set(range(6))

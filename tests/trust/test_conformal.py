"""Prediction sets."""

import numpy as np
import pytest
from crepes import ConformalClassifier
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.trust.calibration import with_temperature
from hilum.trust.conformal import FEWEST, set_thresholds


def _drawn(random, n, k=4):
    logits = 2 * random.normal(size=(n, k))
    probabilities = with_temperature(logits, 1.0)
    labels = (random.random((n, 1)) > probabilities.cumsum(1)).sum(1).clip(max=k - 1)
    return with_temperature(logits, 0.5), labels  # overconfident: sets must not trust the probabilities


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 80))
def test_with_one_slice_a_group_the_sets_are_those_of_crepes(seed, count):
    random = np.random.default_rng(seed)
    held_out, labels = random.dirichlet(np.ones(3), count), random.integers(0, 3, count)
    probabilities = np.concatenate([random.dirichlet(np.ones(3), 20), held_out])
    confidence = 0.9137  # no p-value of so few groups is just as far from 1; crepes would keep the class
    least = set_thresholds(held_out[None], labels, np.arange(count), confidence)
    for label in np.unique(labels):
        classifier = ConformalClassifier().fit(1 - held_out[labels == label, label])
        wanted = classifier.predict_set(1 - probabilities, confidence=confidence, smoothing=False)
        np.testing.assert_array_equal(probabilities[:, label] >= least[label], wanted[:, label])


@pytest.mark.parametrize("confidence", [0.8, 0.9])
def test_sets_hold_the_truth_of_each_class_as_often_as_wanted(confidence):
    random = np.random.default_rng(0)
    held = []
    for _ in range(60):
        probabilities, labels = _drawn(random, 400)
        least = set_thresholds(probabilities[None, :200], labels[:200], np.arange(200), confidence)
        sets = probabilities[200:] >= least
        of = sets[np.arange(200), labels[200:]]
        held.append([of[labels[200:] == label].mean() for label in range(4)])
    assert np.mean(held, 0) == pytest.approx(confidence, abs=0.03)


def test_thresholds_by_hand():
    """Nine groups of class 0 got 0.1 to 0.9, of ten places: 90 % is reached from 0.1, 80 % from 0.2 up."""
    tops = np.arange(1, 10) / 10
    held_out = np.stack([tops, 1 - tops], axis=1)[None]
    labels, groups = np.zeros(9, int), np.arange(9)
    assert set_thresholds(held_out, labels, groups).tolist() == [pytest.approx(0.1), 0]
    assert set_thresholds(held_out, labels, groups, 0.8).tolist() == [pytest.approx(0.2), 0]


def test_a_group_counts_once_and_its_slices_share_it():
    """Class 0 has nine groups of one slice from 0.2 up, and one whose four slices got 0.1: a tenth of a group each."""
    tops = np.concatenate([np.arange(2, 11) / 10, np.full(4, 0.1)])
    groups = np.concatenate([np.arange(9), np.full(4, 9)])
    held_out = np.stack([tops, 1 - tops], axis=1)[None]
    # With ten groups the p-value of 0.1 is 2 / 11; of half a group at 0.1 and half at 0.9 it is 1.5 / 11.
    assert set_thresholds(held_out, np.zeros(13, int), groups, 0.85)[0] == pytest.approx(0.1)
    held_out[0, 11:, 0] = 0.9
    assert set_thresholds(held_out, np.zeros(13, int), groups, 0.85)[0] == pytest.approx(0.2)


@given(st.integers(0, 10**6), st.integers(2, 40))
@settings(max_examples=30)
def test_repeats_of_the_same_change_nothing(seed, count):
    random = np.random.default_rng(seed)
    held_out, labels, groups = random.dirichlet(np.ones(3), count), random.integers(0, 3, count), np.arange(count) // 2
    once = set_thresholds(held_out[None], labels, groups)
    np.testing.assert_array_equal(set_thresholds(np.stack([held_out] * 3), labels, groups), once)


def test_a_class_with_hardly_any_groups_is_in_every_set():
    assert FEWEST == 9
    held_out, labels = np.full((1, 17, 3), 0.3), np.repeat([0, 1], [9, 8])
    assert set_thresholds(held_out, labels, np.arange(17)).tolist() == [0.3, 0, 0]

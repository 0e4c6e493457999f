"""Outlier scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from hilum.trust.outliers import NEIGHBOURS, held_out_scores, outlier_scores, threshold_of, unit_length


def _features(n, width=16, seed=0):
    return np.random.default_rng(seed).normal(size=(n, width)).astype(np.float32)


@pytest.mark.parametrize("many", [5, 300])
def test_the_score_is_scikit_learns_distance_to_the_fifth(many):
    known, new = _features(many), _features(600, seed=1)
    theirs = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(unit_length(known)).kneighbors(unit_length(new))[0]
    np.testing.assert_allclose(outlier_scores(known, new), theirs[:, NEIGHBOURS - 1], rtol=1e-5)


def test_the_length_does_not_count():
    known, new = _features(50), _features(9, seed=1)
    scores = outlier_scores(known, new)
    np.testing.assert_allclose(outlier_scores(known, 1000 * new), scores, rtol=1e-6)
    np.testing.assert_allclose(outlier_scores(3 * known, new), scores, rtol=1e-5)


def test_near_copies_are_told_apart():
    new = _features(1, 1664)
    assert outlier_scores(new * 2, new)[0] < 1e-6
    scores = outlier_scores(np.concatenate([new * 2, new + 1e-5]), new)
    exact = np.linalg.norm(unit_length(new + 1e-5).astype(float) - unit_length(new), axis=1)
    assert scores[0] == pytest.approx(exact[0], rel=1e-3)


def test_of_fewer_slices_than_neighbours_the_farthest_counts():
    known, new = _features(2), _features(3, seed=1)
    pair = [outlier_scores(known[i : i + 1], new) for i in range(2)]
    np.testing.assert_allclose(outlier_scores(known, new), np.maximum(*pair))


def test_features_of_zeros_have_a_score():
    scores = outlier_scores(_features(10), np.zeros((1, 16), np.float32))
    assert scores.tolist() == [pytest.approx(1.0)]


def test_held_out_scores_leave_the_own_fold_out():
    features, folds = _features(30), np.arange(30) % 3
    scores = held_out_scores(features, folds)
    for fold in range(3):
        own = folds == fold
        np.testing.assert_allclose(scores[own], outlier_scores(features[~own], features[own]))
    twice = np.repeat(_features(15), 2, axis=0)  # a copy in the own fold does not count
    assert held_out_scores(twice, np.repeat(np.arange(15), 2) % 5).min() > 0.1


@pytest.mark.parametrize(("n", "place"), [(1, 1), (18, 18), (19, 19), (39, 38), (99, 95), (100, 96)])
def test_the_threshold_of_so_many_scores_is_at_this_place(n, place):
    assert threshold_of(np.random.default_rng(n).permutation(np.arange(1, n + 1))) == place


@given(st.integers(0, 1000))
@settings(max_examples=5)
def test_at_most_five_in_a_hundred_further_scores_lie_above(seed):
    scores = np.random.default_rng(seed).random((2000, 51))
    above = [one[50] > threshold_of(one[:50]) for one in scores]
    assert np.mean(above) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)

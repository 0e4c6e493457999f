import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from hilum.trust.outliers import K, Neighbours, held_out_scores, threshold_of, unit_length


def _features(n, width=16, seed=0):
    return np.random.default_rng(seed).normal(size=(n, width)).astype(np.float32)


def test_the_nearest_are_scikit_learns():
    known, new = _features(300), _features(600, seed=1)
    places, distances = Neighbours.of(known).nearest(new, 7)
    theirs = NearestNeighbors(n_neighbors=7).fit(unit_length(known)).kneighbors(unit_length(new))
    np.testing.assert_allclose(distances, theirs[0], rtol=1e-5)
    assert np.array_equal(places, theirs[1])


def test_the_score_is_the_distance_to_the_fifth_whatever_the_length():
    known, new = _features(50), _features(9, seed=1)
    index = Neighbours.of(known)
    np.testing.assert_array_equal(index.score(new), index.nearest(new, K)[1][:, 4])
    np.testing.assert_allclose(index.score(1000 * new), index.score(new), rtol=1e-6)
    np.testing.assert_allclose(Neighbours.of(3 * known).score(new), index.score(new), rtol=1e-5)


def test_near_copies_are_told_apart():
    new = _features(1, 1664)
    known = np.concatenate([new * 2, new + 1e-5, _features(8, 1664, 1)])
    places, distances = Neighbours.of(known).nearest(new, 2)
    assert places.tolist() == [[0, 1]]
    assert distances[0, 0] < 1e-6
    exact = np.linalg.norm(unit_length(new + 1e-5).astype(float) - unit_length(new), axis=1)
    assert distances[0, 1] == pytest.approx(exact[0], rel=1e-3)


def test_fewer_slices_than_neighbours_are_all_named():
    places, distances = Neighbours.of(_features(2)).nearest(_features(3, seed=1))
    assert places.shape == distances.shape == (3, 2)
    assert np.isfinite(Neighbours.of(_features(1)).score(_features(1, seed=1))).all()


def test_features_of_zeros_have_a_score():
    scores = Neighbours.of(_features(10)).score(np.zeros((1, 16), np.float32))
    assert scores.tolist() == [pytest.approx(1.0)]


def test_held_out_scores_leave_the_own_fold_out():
    features, folds = _features(30), np.arange(30) % 3
    scores = held_out_scores(features, folds)
    for fold in range(3):
        own = folds == fold
        np.testing.assert_allclose(scores[own], Neighbours.of(features[~own]).score(features[own]))
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

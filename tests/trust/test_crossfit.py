import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.trust.crossfit import FOLDS, cross_folds, turns


@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(2, 20))
@settings(max_examples=40)
def test_look_alikes_stay_together_and_every_slice_is_measured_once(seed, n, many):
    random = np.random.default_rng(seed)
    labels, groups = random.integers(0, 3, n), np.append([0, 1], random.integers(0, many, n - 2))
    folds = cross_folds(labels, groups, seed)
    distinct = len(np.unique(groups))
    assert 2 <= len(np.unique(folds)) <= min(FOLDS, distinct)
    assert np.array_equal(np.unique(folds), np.arange(folds.max() + 1))
    measured = []
    for others, own in turns(folds):
        assert not set(groups[others]) & set(groups[own])
        assert sorted([*others, *own]) == list(range(n))
        measured += own.tolist()
    assert sorted(measured) == list(range(n))


def test_classes_are_spread_and_the_seed_decides():
    labels, groups = np.arange(200) % 2, np.arange(200) // 2 // 2
    folds = cross_folds(labels, groups, 1)
    for fold in range(FOLDS):
        assert abs(labels[folds == fold].mean() - 0.5) < 0.1
    assert np.array_equal(folds, cross_folds(labels, groups, 1))
    assert not np.array_equal(folds, cross_folds(labels, groups, 2))

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.trust.crossfit import FOLDS, cross_folds


@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(2, 20))
@settings(max_examples=40)
def test_look_alikes_stay_together_and_every_slice_is_measured_once(seed, n, many):
    random = np.random.default_rng(seed)
    labels, groups = random.integers(0, 3, n), np.append([0, 1], random.integers(0, many, n - 2))
    folds = cross_folds(labels, groups, seed)
    assert 2 <= len(folds) <= min(FOLDS, len(np.unique(groups)))
    for others, own in folds:
        assert not set(groups[others]) & set(groups[own])
        assert sorted([*others, *own]) == list(range(n))
    assert sorted(np.concatenate([own for _, own in folds])) == list(range(n))


def test_classes_are_spread_and_the_seed_decides():
    labels, groups = np.arange(200) % 2, np.arange(200) // 2 // 2
    first, again, other = ([own.tolist() for _, own in cross_folds(labels, groups, seed)] for seed in (1, 1, 2))
    for own in first:
        assert abs(labels[own].mean() - 0.5) < 0.1
    assert first == again
    assert first != other

"""Purity: pairs counted by hand and by brute force, and intervals beside scipy's exact ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, t

from hilum.audit import purity as module
from hilum.audit.purity import cross_share, purity


def _pictures(chests, slices, noise, seed=0):
    """Random pictures in chests of noisy copies, and the chest of each."""
    rng = np.random.default_rng(seed)
    bases = rng.normal(size=(chests, 24, 24))
    pictures = bases.repeat(slices, 0) + rng.normal(size=(chests * slices, 24, 24)) * noise
    low, high = pictures.min(), pictures.max()
    return np.round((pictures - low) / (high - low) * 255).astype(np.uint8), np.repeat(np.arange(chests), slices)


def _table(pictures, labels, groups):
    return purity(pictures, np.arange(len(pictures)), labels, groups)


def test_each_pair_is_counted_once_in_its_bin():
    pictures, chests = _pictures(20, 6, 0.4)
    labels = np.arange(len(pictures)) % 3
    table = _table(pictures, labels, chests)
    likeness = np.corrcoef(pictures.reshape(len(pictures), -1).astype(float))
    i, j = np.triu_indices(len(pictures), 1)
    for one in table.bins:
        within = (likeness[i, j] > one.low) & (likeness[i, j] <= one.high)
        assert one.pairs == within.sum()
        assert one.crossing == (labels[i] != labels[j])[within].sum()
    assert sum(one.pairs for one in table.bins if one.low >= 0.87) == table.above.pairs
    assert table.random == pytest.approx((labels[i] != labels[j]).mean())
    assert [one.low for one in table.bins][::19] == [0.8, 0.99]
    assert (table.slices, table.of) == (120, 120)


def test_chests_of_one_class_are_pure_and_mixed_ones_are_false():
    pictures, chests = _pictures(300, 4, 0.33)
    pure = _table(pictures, chests % 3, chests)
    assert pure.above.crossing == 0
    assert pure.false_below is None
    assert pure.pure_above <= 0.87, "300 groups are enough to be sure"
    mixed = _table(pictures, np.arange(len(pictures)) % 3, chests)
    assert mixed.pure_above is None
    assert mixed.false_below > 0.87
    few, chests = _pictures(20, 4, 0.33)
    assert _table(few, chests % 3, chests).pure_above is None, "20 groups are not"


def test_one_class_tells_nothing():
    pictures, chests = _pictures(3, 2, 0.1)
    assert _table(pictures, np.zeros(6, np.intp), chests) is None
    assert _table(pictures[:0], np.zeros(0, np.intp), chests[:0]) is None


def test_pictures_that_are_not_alike_have_no_shares():
    pictures, chests = _pictures(6, 1, 0)
    table = _table(pictures, chests % 2, chests)
    assert {one.pairs for one in table.bins} == {0}
    assert table.above.share.value is table.above.share.high is table.pure_above is None


def test_of_many_pictures_a_sample_is_compared_and_counted(monkeypatch):
    monkeypatch.setattr(module, "_MOST", 40)
    pictures, chests = _pictures(20, 4, 0.3)
    table = _table(pictures, chests % 2, chests)
    assert (table.slices, table.of) == (40, 80)
    assert table == _table(pictures, chests % 2, chests)
    assert table.random == pytest.approx(80 / 79 / 2)


def _groups(*pairs):
    return np.array(pairs, np.intp)


@pytest.mark.parametrize(("crossing", "n"), [(0, 30), (3, 30), (30, 30)])
def test_pairs_of_groups_of_their_own_have_the_exact_limits(crossing, n):
    share = cross_share(np.arange(n) < crossing, np.stack([np.arange(n), np.arange(n)], 1))
    exact = binomtest(crossing, n).proportion_ci(0.95, "exact")
    assert share.value == crossing / n
    assert (share.low, share.high) == pytest.approx((exact.low, exact.high))


def test_many_pairs_of_the_same_groups_are_as_good_as_one():
    ends = np.repeat(np.stack([np.arange(12), np.arange(12)], 1), 5, axis=0)
    share = cross_share(np.zeros(60, np.bool_), ends)
    fewer = 12 * (t.ppf(0.025, 59) / t.ppf(0.025, 11)) ** 2
    assert share.high == pytest.approx(1 - 0.025 ** (1 / fewer))  # Clopper and Pearson's limit of none among so many
    crossing = np.repeat(np.arange(12) < 3, 5)
    assert cross_share(crossing, ends).high > binomtest(3, 12).proportion_ci(0.95, "exact").high


@pytest.mark.parametrize("crossing", [0, 1, 2])
def test_one_group_alone_tells_nothing(crossing):
    share = cross_share(np.arange(2) < crossing, _groups((4, 4), (4, 4)))
    assert (share.low, share.high) == (0, 1)


@given(st.integers(0, 1000), st.integers(2, 9), st.integers(1, 40))
def test_pairs_that_share_a_group_are_summed_as_by_hand(seed, groups, n):
    rng = np.random.default_rng(seed)
    ends, values = rng.integers(0, groups, (n, 2)), rng.normal(size=n)
    ends = np.unique(ends, return_inverse=True)[1].reshape(ends.shape)
    by_hand = sum(
        values[one] * values[other] for one in range(n) for other in range(n) if {*ends[one]} & {*ends[other]}
    )
    cell = np.unique(np.sort(ends, axis=1), axis=0, return_inverse=True)[1].ravel()
    assert module._squared(values, ends, cell) == pytest.approx(by_hand, abs=1e-9)


@given(st.integers(0, 1000), st.integers(1, 12), st.integers(1, 60), st.floats(0, 1))
def test_limits_hold_the_share(seed, groups, n, probability):
    rng = np.random.default_rng(seed)
    share = cross_share(rng.random(n) < probability, rng.integers(0, groups, (n, 2)))
    assert 0 <= share.low <= share.value <= share.high <= 1

"""Resamples: what is drawn together, and how many groups a figure rests on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hilum.scoring.limits import Basis
from hilum.scoring.resamples import MANY, OF_MANY, RESAMPLES, draw_resamples


@st.composite
def slices(draw):
    """Labels and groups."""
    n = draw(st.integers(1, 25))
    return tuple(draw(arrays(np.intp, n, elements=st.integers(0, most))) for most in (3, 6))


@settings(max_examples=30)
@given(slices(), st.integers(0, 5))
def test_no_resample_loses_a_class_or_splits_a_cell(drawn, seed):
    labels, groups = drawn
    weights = draw_resamples(labels, groups, 20, seed).weights
    assert weights.dtype == np.float32
    assert np.array_equal(weights, draw_resamples(labels, groups, 20, seed).weights)
    if all(len(np.unique(groups[labels == i])) == 1 for i in np.unique(labels)):
        assert not len(weights)  # every one would be the sample itself
        return
    for i in np.unique(labels):
        cells = [np.flatnonzero((labels == i) & (groups == g)) for g in np.unique(groups[labels == i])]
        assert all(np.ptp(weights[:, rows], axis=1).max() == 0 for rows in cells)
        assert np.all(sum(weights[:, rows[0]] for rows in cells) == len(cells))


@pytest.mark.parametrize(("labels", "groups", "count"), [([0, 1], [0], 5), ([], [], 5), ([0], [0], -1)])
def test_nothing_to_draw_is_refused(labels, groups, count):
    with pytest.raises(ValueError, match="n >= 1"):
        draw_resamples(np.array(labels, np.intp), np.array(groups, np.intp), count)


def test_a_figure_rests_on_as_many_groups_of_equal_size_as_tell_as_much():
    """Class 0 has groups of 1, 1 and 4 slices, 36 / 18 effective ones; class 1 has two of 3 slices."""
    labels = np.repeat([0, 1], [6, 6])
    groups = np.array([0, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4])
    drawn = draw_resamples(labels, groups, 5, refitted=True)
    assert drawn.basis() == Basis(5, 2 + 2, 2, refitted=True)
    assert drawn.basis(labels == 0, ranked=True) == Basis(3, 2, 1, refitted=True, ranked=True)
    assert drawn.basis(np.isin(groups, [0, 1, 3])) == Basis(3, 3, 2, refitted=True)
    assert drawn.basis(macro=True) == Basis(2 * 2, 4, 2, refitted=True)
    assert drawn.basis(np.zeros(12, np.bool_)).groups == 0


def test_a_mean_over_classes_rests_on_the_rarest_class_most():
    labels = np.repeat([0, 1], [90, 10])
    drawn = draw_resamples(labels, np.arange(100), 5)
    assert drawn.basis() == Basis(100, 100, 2)
    assert drawn.basis(macro=True) == Basis(20, pytest.approx(4 / (1 / 90 + 1 / 10)), 2)


def test_a_group_of_two_classes_is_one_group_drawn_twice():
    drawn = draw_resamples(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), 5)
    assert drawn.basis() == Basis(2, 4, 2)


def test_resamples_of_some_slices_are_their_columns():
    labels, groups = np.arange(12) % 2, np.arange(12) // 3
    drawn, rows = draw_resamples(labels, groups, 7, refitted=True), np.array([3, 8])
    part = drawn.of(rows)
    assert np.array_equal(part.weights, drawn.weights[:, rows])
    assert (part.labels.tolist(), part.groups.tolist(), part.refitted) == ([1, 0], [1, 2], True)


@pytest.mark.parametrize(("slices", "count"), [(MANY, RESAMPLES), (MANY + 1, OF_MANY)])
def test_many_slices_have_fewer_resamples(slices, count):
    one = np.zeros(slices, np.intp)
    assert len(draw_resamples(one, np.arange(slices) % 2).weights) == count

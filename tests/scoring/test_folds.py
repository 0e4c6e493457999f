"""Folds by group: nothing of a group on both sides, every class where it has groups enough."""

import numpy as np
import pytest

from hilum.scoring.folds import group_folds, stop_part


@pytest.fixture
def labels_and_groups():
    groups = np.repeat(np.arange(40), 3)
    return groups % 3, groups


def test_each_slice_is_scored_once_by_folds_that_share_no_group(labels_and_groups):
    labels, groups = labels_and_groups
    folds = group_folds(labels, groups, 5, seed=1)
    assert sorted(np.concatenate([score for _, score in folds])) == list(range(120))
    for train, score in folds:
        assert not set(groups[train]) & set(groups[score])
        assert set(labels[train]) == set(labels[score]) == {0, 1, 2}


def test_any_seed_of_64_bits_is_taken(labels_and_groups):
    first, other = (group_folds(*labels_and_groups, 5, seed)[0][1] for seed in (3, 2**32 + 3))
    assert np.array_equal(first, other)


def test_an_eighth_stops_the_training_whole_groups_at_a_time(labels_and_groups):
    labels, groups = labels_and_groups
    train = np.flatnonzero(groups < 32)
    stop = stop_part(labels, train, groups, seed=0)
    assert set(stop) < set(train)
    assert not set(groups[stop]) & set(groups[np.setdiff1d(train, stop)])
    assert len(stop) == pytest.approx(len(train) / 8, abs=6)
    assert set(labels[stop]) == {0, 1, 2}


def test_nothing_stops_where_a_class_is_of_one_group():
    labels, groups = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 1, 2, 3])
    assert len(stop_part(labels, np.arange(5), groups, seed=0)) == 0

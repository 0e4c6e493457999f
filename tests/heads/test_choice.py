"""The choice of a strength."""

import numpy as np
import pytest

from hilum.heads.choice import _standard_errors, choose, class_weights, inner_folds

RANDOM = np.random.default_rng(0)
NUMBERS = np.arange(240) % 2
GROUPS = np.arange(240) // 4
SIGNAL = np.eye(2)[:, NUMBERS]


def _scores(sizes):
    noise = RANDOM.normal(size=(2, 240))
    return np.stack([size * SIGNAL + noise for size in sizes])


def test_a_clear_winner_is_chosen_and_an_end_is_said():
    inner = inner_folds(NUMBERS, GROUPS, 5, 0)
    scores = _scores([0.0, 4.0, 0.0])
    choice = choose((0.1, 1.0, 10.0), scores, scores, NUMBERS, inner, GROUPS, np.ones(240), paired=False)
    assert (choice.place, choice.at_edge) == (1, False)
    scores = scores[1:]
    assert choose((1.0, 10.0), scores, scores, NUMBERS, inner, GROUPS, np.ones(240), paired=False).at_edge


@pytest.mark.parametrize("paired", [False, True])
def test_the_stronger_penalty_is_chosen_if_in_doubt(paired):
    scores = np.repeat(_scores([1.0]), 3, 0)
    inner = inner_folds(NUMBERS, GROUPS, 5, 0)
    assert choose((1, 2, 3), scores, scores, NUMBERS, inner, GROUPS, np.ones(240), paired=paired).place == 0


def test_standard_errors_are_those_of_means_over_groups():
    losses = RANDOM.normal(size=240)
    means = losses.reshape(60, 4).mean(1)
    assert _standard_errors(losses[None], GROUPS).item() == pytest.approx(means.std(ddof=1) / np.sqrt(60))


def test_folds_need_two_groups_of_each_class():
    assert inner_folds(NUMBERS, NUMBERS, 5, 0) == []
    assert len(inner_folds(NUMBERS, np.arange(240) % 4, 5, 0)) == 2


def test_a_group_of_more_than_half_leaves_nothing_to_choose_by():
    for most, count in ((120, 5), (121, 0)):
        groups = np.where(np.arange(240) < most, 0, np.arange(240))
        assert len(inner_folds(NUMBERS, groups, 5, 0)) == count


def test_balanced_weights_give_each_class_the_same_sum():
    weights = class_weights(np.array([0, 0, 0, 1]), "balanced")
    assert (weights[:3].sum(), weights.mean()) == (pytest.approx(2), pytest.approx(1))

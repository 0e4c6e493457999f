"""What heads that choose their strength share."""

import numpy as np
import pytest

from hilum.heads.kernel import KernelHead
from hilum.heads.logistic import LogisticHead

RANDOM = np.random.default_rng(0)
LABELS = np.repeat([0, 1], 30)
FEATURES = RANDOM.normal(size=(60, 8)).astype(np.float32) + 2 * LABELS[:, None]
GROUPS = np.arange(60) // 3
HEADS = [KernelHead, LogisticHead]


@pytest.mark.parametrize("head", HEADS)
def test_the_strength_is_one_of_those_to_choose_from_and_each_was_tried(head):
    fitted = head(strengths=(0.01, 0.1)).fit(FEATURES, LABELS, GROUPS)
    (chosen,) = fitted.chosen_
    assert [epoch.strength for epoch in fitted.history_] == [0.01, 0.1]
    assert chosen.strength == fitted.history_[fitted.best_epoch_ - 1].strength
    assert chosen.at_edge  # both are ends
    assert (fitted.predict(FEATURES) == LABELS).mean() > 0.9


@pytest.mark.parametrize("head", HEADS)
def test_a_class_in_one_group_leaves_no_choice(head):
    groups = np.where(LABELS == 1, 99, GROUPS)
    fitted = head().fit(FEATURES, LABELS, groups)
    (chosen,) = fitted.chosen_
    assert (chosen.strength, chosen.at_edge) == (head.without_folds, False)
    assert (fitted.history_, fitted.best_epoch_) == ([], 0)
    assert np.isfinite(fitted.predict_proba(FEATURES)).all()


@pytest.mark.parametrize("head", HEADS)
def test_groups_that_do_not_fit_are_refused(head):
    with pytest.raises(ValueError, match="groups"):
        head().fit(FEATURES, LABELS, GROUPS[:-1])

"""Two questions in a row."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from hilum.heads.hierarchical import HierarchicalHead, asked_at_once
from hilum.heads.kernel import KernelHead
from hilum.heads.logistic import LogisticHead

RANDOM = np.random.default_rng(0)
NAMES = np.array(["adenocarcinoma", "normal", "squamous_cell_carcinoma"])
LABELS = NAMES[np.arange(150) % 3]
FEATURES = (RANDOM.normal(size=(150, 20)) + 0.5 * (np.arange(150) % 3)[:, None] * RANDOM.normal(size=20)).astype(
    np.float32
)
GROUPS = np.arange(150) // 2


def test_each_question_is_a_head_on_its_own_slices():
    head = HierarchicalHead("normal", seed=3).fit(FEATURES, LABELS, GROUPS)
    none = LABELS == "normal"
    first = KernelHead(seed=3).fit(FEATURES, none, GROUPS)
    second = KernelHead(paired=True, seed=3).fit(FEATURES[~none], LABELS[~none], GROUPS[~none])
    cancer, kind = first.predict_proba(FEATURES)[:, [0]], second.predict_proba(FEATURES)
    by_hand = np.column_stack([cancer * kind[:, [0]], 1 - cancer, cancer * kind[:, [1]]])
    np.testing.assert_allclose(head.predict_proba(FEATURES), by_hand, rtol=1e-6)
    assert [scorer.question for scorer in head.chosen_] == ["cancer", "type"]
    assert [scorer.strength for scorer in head.chosen_] == [of.chosen_[0].strength for of in (first, second)]
    assert head.history_ == first.history_


def test_any_two_heads_can_be_asked():
    head = HierarchicalHead("normal", first=LogisticHead(), second=KernelHead(gamma=0.1)).fit(FEATURES, LABELS, GROUPS)
    assert [scorer.kind for scorer in head.chosen_] == ["linear", "kernel"]
    np.testing.assert_allclose(head.predict_proba(FEATURES).sum(1), 1)


@pytest.mark.parametrize(("negative", "kept"), [(None, NAMES), ("benign", NAMES), ("normal", NAMES[:2])])
def test_with_nothing_to_ask_apart_a_kernel_head_asks_at_once(negative, kept):
    rows = np.isin(LABELS, kept)
    assert asked_at_once(kept.tolist(), negative)
    head = HierarchicalHead(negative, seed=1).fit(FEATURES[rows], LABELS[rows], GROUPS[rows])
    alone = KernelHead(seed=1).fit(FEATURES[rows], LABELS[rows], GROUPS[rows])
    np.testing.assert_array_equal(head.predict_proba(FEATURES), alone.predict_proba(FEATURES))
    assert head.chosen_ == alone.chosen_


def test_a_type_with_one_group_leaves_the_second_question_without_a_choice():
    groups = np.where(NAMES[2] == LABELS, -1, GROUPS)
    head = HierarchicalHead("normal").fit(FEATURES, LABELS, groups)
    assert head.chosen_[1].strength == KernelHead.without_folds
    assert head.history_


CHECKS = [pair for pair in estimator_checks_generator(HierarchicalHead(1)) if "array_api" not in str(pair[1])]


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=[str(check.func.__name__) for _, check in CHECKS])
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)

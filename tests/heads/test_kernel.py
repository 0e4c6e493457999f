"""The kernel head: its fits, also those in folds, are scikit-learn's."""

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.estimator_checks import estimator_checks_generator

from hilum.heads.choice import inner_folds
from hilum.heads.kernel import GAMMA, KernelHead, _Ridge

RANDOM = np.random.default_rng(0)
LABELS = np.arange(90) % 3
LABELS[:20] = 0  # so that the classes differ in size
FEATURES = (RANDOM.normal(size=(90, 30)) + 0.4 * LABELS[:, None] * np.arange(30) / 30).astype(np.float32)
GROUPS = RANDOM.integers(0, 30, 90)
STRENGTHS = (0.1, 10.0)


def _prepared(features):
    unit = features / np.linalg.norm(features.astype(np.float64), axis=1, keepdims=True)
    centred = unit - unit.mean(0)
    return centred / np.sqrt(np.square(centred).sum(1).mean())


def _scikit_learns(strength, train, rows):
    weights = compute_sample_weight("balanced", LABELS)
    truth = np.eye(3)[LABELS]
    mean = np.average(truth[train], 0, weights[train])
    model = KernelRidge(alpha=1 / strength, kernel="rbf", gamma=GAMMA)
    values = _prepared(FEATURES)
    return model.fit(values[train], truth[train] - mean, weights[train]).predict(values[rows]).T


def test_fits_are_scikit_learns():
    machine, every = _Ridge(FEATURES, LABELS, STRENGTHS, GAMMA), np.arange(90)
    for strength, scores in zip(STRENGTHS, machine.seen(), strict=True):
        np.testing.assert_allclose(scores, _scikit_learns(strength, every, every), atol=1e-5)


def test_scores_of_held_out_groups_are_those_of_fits_without_them():
    inner = inner_folds(LABELS, GROUPS, 5, 0)
    held_out = _Ridge(FEATURES, LABELS, STRENGTHS, GAMMA).held_out(inner)
    assert len(inner) == 5
    for strength, scores in zip(STRENGTHS, held_out, strict=True):
        for train, rest in inner:
            np.testing.assert_allclose(scores[:, rest], _scikit_learns(strength, train, rest), atol=1e-5)


def test_the_head_is_the_calibrated_fit_of_the_strength_that_was_chosen():
    head = KernelHead(seed=1).fit(FEATURES, LABELS, GROUPS)
    every, chosen = np.arange(90), head.chosen_[0]
    ours, theirs = head.decision_function(FEATURES).T, _scikit_learns(chosen.strength, every, every)
    ours, theirs = (of - of.mean(0) for of in (ours, theirs))
    ours, theirs = (of - of.mean(1, keepdims=True) for of in (ours, theirs))
    slope = ours.std() / theirs.std()
    np.testing.assert_allclose(ours, slope * theirs, atol=1e-3 * slope)
    assert (chosen.kind, chosen.gamma, chosen.question) == ("kernel", GAMMA, "class")
    assert head.history_[head.best_epoch_ - 1].strength == chosen.strength


def test_it_finds_what_no_line_divides():
    angle = RANDOM.uniform(0, 2 * np.pi, 300)
    rings = np.stack([np.cos(angle), np.sin(angle)], 1) * np.where(np.arange(300) % 2, 1.0, 0.2)[:, None]
    features = np.column_stack([rings, np.ones(300)])  # apart once rows are brought to unit length
    head = KernelHead(gamma=3).fit(features, np.arange(300) % 2)
    assert head.score(features, np.arange(300) % 2) > 0.98


def test_probabilities_have_the_shares_of_the_classes_although_the_fit_is_balanced():
    labels = (np.arange(300) % 10 == 0).astype(int)
    features = RANDOM.normal(size=(300, 10)) + 0.5 * labels[:, None]
    assert KernelHead().fit(features, labels).predict_proba(features)[:, 1].mean() == pytest.approx(0.1, abs=0.03)
    balanced = KernelHead(class_weight="balanced").fit(features, labels)
    assert balanced.predict_proba(features)[:, 1].mean() > 0.25


def test_too_few_groups_leave_nothing_to_choose_by():
    head = KernelHead().fit(FEATURES, LABELS, LABELS)
    assert (head.chosen_[0].strength, head.chosen_[0].at_edge) == (KernelHead.without_folds, False)
    assert (head.history_, head.best_epoch_) == ([], 0)
    one = KernelHead().fit(FEATURES[:31], [*LABELS[:30], 7])  # a class of one row
    assert np.isfinite(one.predict_proba(FEATURES)).all()


@pytest.mark.parametrize("value", [0, 5])
def test_features_that_are_all_equal_give_the_shares_of_the_classes(value):
    head = KernelHead().fit(np.full((90, 4), value), LABELS, GROUPS)
    shares = np.bincount(LABELS) / 90
    np.testing.assert_allclose(head.predict_proba(np.full((2, 4), value)), [shares, shares], atol=0.02)


def test_many_rows_are_approximated_from_a_sample_of_all_classes():
    random = np.random.default_rng(2)
    labels = np.arange(2600) % 3
    labels[labels == 2] = np.where(random.random((labels == 2).sum()) < 0.02, 2, 1)  # a rare class
    centres = random.normal(size=(3, 8))
    features = (centres[labels] + random.normal(size=(2600, 8))).astype(np.float32)
    head = KernelHead(strengths=(0.1, 1.0)).fit(features[:2400], labels[:2400])
    kernel = head.arrays().questions[0].scorers[0]
    assert len(kernel.rows) == 1000
    strength = head.chosen_[0].strength * 1000 / 2400
    exact = _Ridge(features[:2400], labels[:2400], [strength], GAMMA).seen()[0].argmax(0)
    assert ((kernel.scores(features[:2400]) - kernel.offsets).argmax(1) == exact).mean() > 0.97
    assert head.score(features[2400:], labels[2400:]) > 0.75


def test_a_strength_at_the_end_is_said():
    random = np.random.default_rng(1)
    head = KernelHead().fit(random.normal(size=(90, 5)), LABELS)  # nothing to learn
    assert head.chosen_[0].at_edge
    assert not KernelHead(strengths=(1.0,)).fit(FEATURES, LABELS).chosen_[0].at_edge


CHECKS = [pair for pair in estimator_checks_generator(KernelHead()) if "array_api" not in str(pair[1])]


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=[str(check.func.__name__) for _, check in CHECKS])
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)

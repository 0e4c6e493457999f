"""The logistic head: its fit is scikit-learn's, with the strength that the choice takes, calibrated."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from hilum.heads.logistic import STRENGTHS, LogisticHead


def _data(n=120, width=40, classes=3, seed=0, apart=1.0):
    random = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = apart * random.normal(size=(classes, width))
    scale = 10.0 ** random.uniform(-0.5, 0.5, width)
    features = (centres[labels] + random.normal(size=(n, width))) * scale + 5
    return features.astype(np.float32), labels, np.arange(n) // 3


def _standardised(features):
    return StandardScaler().fit_transform(features.astype(np.float64))


@pytest.mark.parametrize("width", [20, 400])  # fewer and more columns than rows
@pytest.mark.parametrize("classes", [2, 4])
def test_it_is_scikit_learns_fit_of_the_strength_that_was_chosen_but_for_slope_and_offsets(width, classes):
    features, labels, groups = _data(width=width, classes=classes, apart=0.3)
    head = LogisticHead().fit(features, labels, groups)
    model = LogisticRegression(C=head.chosen_[0].strength, max_iter=5000, tol=1e-8)
    theirs = model.fit(_standardised(features), labels).decision_function(_standardised(features)).reshape(120, -1)
    ours = head.decision_function(features).reshape(120, -1)
    ours, theirs = (scores - scores.mean(1, keepdims=True) * (classes > 2) for scores in (ours, theirs))
    slope = (ours - ours.mean(0)).std() / (theirs - theirs.mean(0)).std()
    np.testing.assert_allclose(ours - ours.mean(0), slope * (theirs - theirs.mean(0)), atol=0.01 * slope)


def test_balanced_classes_are_scikit_learns():
    features, labels, _ = _data(apart=0.3)
    kept = np.flatnonzero((labels > 0) | (np.arange(120) < 30))  # a rare class
    features, labels = features[kept], labels[kept]
    head = LogisticHead(strengths=(0.01,), class_weight="balanced").fit(features, labels)
    model = LogisticRegression(C=0.01, max_iter=5000, tol=1e-8, class_weight="balanced")
    theirs = model.fit(_standardised(features), labels).decision_function(_standardised(features))
    ours = head.decision_function(features)
    ours = ours - ours.mean(1, keepdims=True)
    slope = (ours - ours.mean(0)).std() / (theirs - theirs.mean(0)).std()
    np.testing.assert_allclose(ours - ours.mean(0), slope * (theirs - theirs.mean(0)), atol=0.01 * slope)
    assert (head.predict(features) == 0).sum() > (
        LogisticHead((0.01,)).fit(features, labels).predict(features) == 0
    ).sum()


def test_held_out_losses_are_about_those_of_scikit_learn():
    """Up to the calibration, which can only mend them much where a penalty is far too strong or too weak."""
    features, labels, groups = _data(n=300, apart=0.25)
    head = LogisticHead(seed=3).fit(features, labels, groups)
    scaled = _standardised(features)
    for step in head.history_:
        held_out = np.zeros((len(labels), 3))
        for train, rest in StratifiedGroupKFold(5, shuffle=True, random_state=3).split(scaled, labels, groups):
            model = LogisticRegression(C=step.strength, max_iter=5000, tol=1e-8).fit(scaled[train], labels[train])
            held_out[rest] = model.predict_proba(scaled[rest])
        assert step.valid_loss < log_loss(labels, held_out) + 0.03
    assert [step.strength for step in head.history_] == list(STRENGTHS)
    assert head.history_[head.best_epoch_ - 1].strength == head.chosen_[0].strength
    assert head.history_[0].train_loss > head.history_[-1].train_loss


def test_groups_that_give_labels_away_are_kept_together():
    # Three near-copies a group and no signal beyond them: only with groups is a strong penalty seen to be best.
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 3)
    labels = groups % 2
    features = random.normal(size=(60, 200))[groups] + 0.01 * random.normal(size=(180, 200))
    kept_together, apart = (LogisticHead(paired=True).fit(features, labels, of).chosen_[0] for of in (groups, None))
    assert kept_together.strength == STRENGTHS[0]
    assert kept_together.at_edge
    assert apart.strength > STRENGTHS[3]


@pytest.mark.parametrize("most", [False, True])
def test_too_few_or_too_uneven_groups_leave_nothing_to_choose_by(most):
    features, labels, groups = _data()
    groups = np.where(np.arange(len(labels)) < 0.6 * len(labels), -1, groups) if most else labels  # one group a class
    head = LogisticHead().fit(features, labels, groups)
    assert (head.chosen_[0].strength, head.chosen_[0].at_edge) == (LogisticHead.without_folds, False)
    assert (head.history_, head.best_epoch_) == ([], 0)
    assert accuracy_score(labels, head.predict(features)) > 0.9


def test_a_column_that_hardly_varied_cannot_answer_alone():
    features, labels, groups = _data(apart=1.0)
    features[:, 0] = 1 + 1e-5 * (labels == 0)  # a spread of a thousandth of the others'
    new = features[labels == 1].copy()
    new[:, 0] = 3  # 400,000 standard deviations away
    head = LogisticHead().fit(features, labels, groups)
    assert (head.predict(new) == 1).mean() > 0.9


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_probabilities_sum_to_one_and_rank_as_the_scores(seed):
    features, labels, groups = _data(n=24, width=5, seed=seed)
    head = LogisticHead().fit(features, labels, groups)
    chances = head.predict_proba(features)
    np.testing.assert_allclose(chances.sum(1), 1)
    np.testing.assert_array_equal(head.predict(features), head.classes_[head.decision_function(features).argmax(1)])


def test_it_is_one_linear_scorer():
    features, labels, groups = _data()
    head = LogisticHead().fit(features, labels, groups)
    scores = head.arrays().linear.scores(features)
    np.testing.assert_allclose(np.exp(scores) / np.exp(scores).sum(1, keepdims=True), head.predict_proba(features))


def test_one_class_and_odd_groups_are_refused():
    features, labels, groups = _data()
    with pytest.raises(ValueError, match="one class only"):
        LogisticHead().fit(features, np.zeros(120, int), groups)
    with pytest.raises(ValueError, match=r"groups must be \[120\]"):
        LogisticHead().fit(features, labels, groups[:-1])


def test_it_works_in_cross_validation():
    features, labels, _ = _data(apart=2.0)
    assert cross_val_score(LogisticHead(), features, labels).mean() > 0.95


# All but the one that scikit-learn itself skips unless array API support was switched on before SciPy's import.
CHECKS = [pair for pair in estimator_checks_generator(LogisticHead()) if "array_api" not in str(pair[1])]


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=[str(check.func.__name__) for _, check in CHECKS])
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)

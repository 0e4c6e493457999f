import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from hilum.heads.logistic import STRENGTHS, WITHOUT_FOLDS, LogisticHead


def _data(n=120, width=40, classes=3, seed=0, apart=1.0):
    random = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = apart * random.normal(size=(classes, width))
    scale = 10.0 ** random.uniform(-2, 2, width)
    features = (centres[labels] + random.normal(size=(n, width))) * scale + 5
    return features.astype(np.float32), labels, np.arange(n) // 3


@pytest.mark.parametrize("width", [20, 400])  # fewer and more columns than rows
@pytest.mark.parametrize("classes", [2, 4])
def test_it_is_scikit_learns_fit_of_the_strength_that_was_chosen(width, classes):
    features, labels, groups = _data(width=width, classes=classes, apart=0.3)
    head = LogisticHead().fit(features, labels, groups)
    scaler = StandardScaler().fit(features.astype(np.float64))
    model = LogisticRegression(C=head.C_, max_iter=5000, tol=1e-8).fit(scaler.transform(features), labels)
    np.testing.assert_allclose(head.predict_proba(features), model.predict_proba(scaler.transform(features)), atol=1e-3)


def test_the_strength_with_the_lowest_loss_in_group_folds_is_chosen():
    features, labels, groups = _data(apart=0.25)
    head = LogisticHead(chosen_by="loss", seed=3).fit(features, labels, groups)
    losses = []
    scaled = StandardScaler().fit_transform(features.astype(np.float64))
    for strength in STRENGTHS:
        held_out = np.zeros((len(labels), 3))
        for train, rest in StratifiedGroupKFold(3, shuffle=True, random_state=3).split(scaled, labels, groups):
            model = LogisticRegression(C=strength, max_iter=5000, tol=1e-8).fit(scaled[train], labels[train])
            held_out[rest] = model.predict_proba(scaled[rest])
        losses.append(log_loss(labels, held_out))
    np.testing.assert_allclose([step.valid_loss for step in head.history_], losses, atol=1e-3)
    assert STRENGTHS[int(np.argmin(losses))] == head.C_
    assert head.history_[head.best_epoch_ - 1].strength == head.C_
    assert [step.strength for step in head.history_] == list(STRENGTHS)
    assert head.history_[0].train_loss > head.history_[-1].train_loss


def test_the_strength_with_the_best_f1_in_group_folds_is_chosen_and_the_stronger_penalty_on_ties():
    features, labels, groups = _data(apart=0.25)
    scaled = StandardScaler().fit_transform(features.astype(np.float64))
    scores = []
    for strength in STRENGTHS:
        predicted = np.zeros(len(labels), int)
        for train, rest in StratifiedGroupKFold(3, shuffle=True, random_state=3).split(scaled, labels, groups):
            model = LogisticRegression(C=strength, max_iter=5000, tol=1e-8).fit(scaled[train], labels[train])
            predicted[rest] = model.predict(scaled[rest])
        scores.append(f1_score(labels, predicted, average="macro"))
    assert len(set(scores)) > 1
    assert STRENGTHS[int(np.argmax(scores))] == LogisticHead(seed=3).fit(features, labels, groups).C_
    easy, labels, groups = _data(apart=4.0)
    assert STRENGTHS[0] == LogisticHead().fit(easy, labels, groups).C_


def test_groups_that_give_labels_away_are_kept_together():
    # Three near-copies a group and no signal beyond them: only with groups is a strong penalty seen to be best.
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 3)
    labels = groups % 2
    features = random.normal(size=(60, 200))[groups] + 0.01 * random.normal(size=(180, 200))
    assert STRENGTHS[0] == LogisticHead(chosen_by="loss").fit(features, labels, groups).C_
    assert STRENGTHS[-1] == LogisticHead(chosen_by="loss").fit(features, labels).C_


def test_too_few_groups_leave_nothing_to_choose_by():
    features, labels, _ = _data()
    head = LogisticHead().fit(features, labels, labels)  # one group a class
    assert (head.C_, head.history_, head.best_epoch_) == (WITHOUT_FOLDS, [], 0)
    assert accuracy_score(labels, head.predict(features)) > 0.9


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_probabilities_sum_to_one_and_rank_as_the_scores(seed):
    features, labels, groups = _data(n=24, width=5, seed=seed)
    head = LogisticHead().fit(features, labels, groups)
    chances = head.predict_proba(features)
    np.testing.assert_allclose(chances.sum(1), 1)
    np.testing.assert_array_equal(head.predict(features), head.classes_[head.decision_function(features).argmax(1)])


def test_the_layer_can_be_rebuilt_from_its_attributes():
    features, labels, groups = _data()
    head = LogisticHead().fit(features, labels, groups)
    linear = head.arrays().linear
    weights, offsets = linear.weights, linear.offsets
    np.testing.assert_allclose(features @ weights.T + offsets, head.decision_function(features), atol=1e-3)


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

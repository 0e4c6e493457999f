"""The head as scikit-learn sees it, and as a head on features should behave."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import make_blobs, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.utils.estimator_checks import estimator_checks_generator

from hilum import SoftmaxHead

NAMES = np.array(["adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma"])


# All but the one that scikit-learn itself skips unless array API support was switched on before SciPy's import.
CHECKS = [pair for pair in estimator_checks_generator(SoftmaxHead()) if "array_api" not in str(pair[1])]


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=[str(check.func.__name__) for _, check in CHECKS])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_scikit_learns_checks_are_many():
    names = {check.func.__name__ for _, check in CHECKS}
    assert len(names) > 40
    assert {"check_classifiers_train", "check_estimators_unfitted", "check_fit_idempotent"} <= names


def _data(seed=0, samples=240, classes=4, width=20, separation=1.5):
    features, labels = make_classification(
        samples, width, n_informative=10, n_classes=classes, class_sep=separation, random_state=seed
    )
    return features.astype(np.float32), labels


def _halves(**options):
    features, labels = _data(**options)
    half = len(labels) // 2
    return features[:half], labels[:half], features[half:], labels[half:]


def _fit(**options):
    return SoftmaxHead(**options).fit(*_halves())


def test_separable_data_is_learnt():
    features, labels = make_blobs(200, 30, centers=4, cluster_std=1.0, random_state=0)
    head = SoftmaxHead().fit(features[:120], labels[:120])
    assert head.score(features[120:], labels[120:]) >= 0.98


def test_it_comes_close_to_logistic_regression():
    features, labels, unseen, wanted = _halves(samples=600)
    head = SoftmaxHead(epochs=30, patience=10).fit(features, labels, unseen, wanted)
    reference = LogisticRegression(C=0.1, max_iter=2000).fit(features, labels)
    assert head.score(unseen, wanted) >= reference.score(unseen, wanted) - 0.05


def test_the_layer_can_be_rebuilt_from_its_arrays():
    features, labels, valid, valid_labels = _halves()
    head = SoftmaxHead().fit(features, labels, valid, valid_labels)
    linear = head.arrays().linear
    assert linear.weights.shape == (4, 20)
    np.testing.assert_array_equal(head.predict(valid), (valid @ linear.weights.T + linear.offsets).argmax(1))


def test_standardisation_is_of_the_training_data_alone():
    features, labels, valid, valid_labels = _halves()
    first = SoftmaxHead(epochs=2, patience=2).fit(features, labels, valid, valid_labels)
    other = SoftmaxHead(epochs=2, patience=2).fit(features, labels, valid * 3 + 1, valid_labels)
    assert [epoch.train_loss for epoch in first.history_] == [epoch.train_loss for epoch in other.history_]


def test_the_kept_weights_are_the_best_of_the_history():
    features, labels, valid, valid_labels = _halves(samples=80, separation=0.5)
    head = SoftmaxHead(epochs=60, patience=60, learning_rate=3.0).fit(features, labels, valid, valid_labels)
    losses = [epoch.valid_loss for epoch in head.history_]
    assert head.best_epoch_ == 1 + int(np.argmin(losses)) < len(losses)  # or there was nothing to restore
    assert log_loss(valid_labels, head.predict_proba(valid)) == pytest.approx(min(losses), rel=1e-4)
    best = head.history_[head.best_epoch_ - 1]
    assert accuracy_score(valid_labels, head.predict(valid)) == pytest.approx(best.valid_accuracy)


def test_it_stops_early():
    features, labels, valid, valid_labels = _halves(samples=80)
    shuffled = np.random.default_rng(0).permutation(valid_labels)
    head = SoftmaxHead(epochs=200, patience=2).fit(features, labels, valid, shuffled)
    assert len(head.history_) == head.best_epoch_ + 2 < 200


def test_the_same_seed_gives_the_same_numbers_whatever_torchs_own():
    torch.manual_seed(1)
    first = _fit(seed=3)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second, other = _fit(seed=3), _fit(seed=4)
    np.testing.assert_array_equal(first.arrays().linear.weights, second.arrays().linear.weights)
    assert first.history_ == second.history_
    assert not np.array_equal(first.arrays().linear.weights, other.arrays().linear.weights)
    assert torch.equal(torch.get_rng_state(), state)


def test_balanced_classes_name_a_rare_class_more_often():
    features, labels = _data(samples=400, separation=0.5)
    kept = np.flatnonzero((labels > 0) | (np.arange(400) < 60))
    named = [
        (SoftmaxHead(class_weight=of).fit(features[kept], labels[kept]).predict(features) == 0).sum()
        for of in (None, "balanced")
    ]
    assert named[1] > 2 * named[0]


def test_the_seed_draws_what_is_held_out():
    features, labels = _data()
    heads = [SoftmaxHead(seed=seed).fit(features, labels) for seed in (0, 0, 1)]
    assert heads[0].history_ == heads[1].history_ != heads[2].history_


def test_unknown_validation_labels():
    features, labels, valid, valid_labels = _halves()
    known = labels < 3
    with pytest.raises(ValueError, match=r"validation labels \[.*3.*\] are not among"):
        SoftmaxHead().fit(features[known], labels[known], valid, valid_labels)


@pytest.mark.parametrize(
    ("cut", "match"),
    [
        (lambda x, y, v, w: (x, y[:-1], v, w), "inconsistent"),
        (lambda x, y, v, w: (x, y, v, w[:-1]), "inconsistent"),
        (lambda x, y, v, w: (x, y, v[:, :-1], w), "features"),
        (lambda x, y, v, w: (x, np.zeros_like(y), v, w), "one class only"),
        (lambda x, y, v, w: (x * np.nan, y, v, w), "NaN"),
    ],
)
def test_arrays_that_do_not_fit(cut, match):
    with pytest.raises(ValueError, match=match):
        SoftmaxHead().fit(*cut(*_halves()))


def test_constant_features_do_no_harm():
    features, labels, valid, valid_labels = _halves()
    padded = [np.hstack([part, np.full((len(part), 5), 7, np.float32)]) for part in (features, valid)]
    head = SoftmaxHead().fit(padded[0], labels, padded[1], valid_labels)
    assert head.score(padded[1], valid_labels) > 0.5
    flat = SoftmaxHead().fit(np.ones((40, 3)), np.arange(40) % 4)
    np.testing.assert_allclose(flat.predict_proba(np.ones((2, 3))), 0.25, atol=0.1)


@pytest.mark.parametrize("samples", [2, 3, 4, 9])
def test_very_few_samples(samples):
    labels = np.arange(samples) % 2
    features = np.random.default_rng(0).normal(size=(samples, 5)) + 10 * labels[:, None]
    head = SoftmaxHead(epochs=50, patience=50).fit(features, labels)
    np.testing.assert_array_equal(head.predict(features), labels)


def test_in_scikit_learns_tools():
    features, labels = _data(samples=160)
    names = NAMES[labels]
    scores = cross_val_score(SoftmaxHead(), features, names, cv=4)
    assert scores.min() > 0.4  # chance is 0.25
    pipeline = make_pipeline(Normalizer(), SoftmaxHead(epochs=5)).fit(features, names)
    assert pipeline.predict_proba(features).shape == (160, 4)
    search = GridSearchCV(SoftmaxHead(epochs=5), {"learning_rate": [1e-6, 6e-2]}, cv=3).fit(features, names)
    assert search.best_params_ == {"learning_rate": 6e-2}
    copy = clone(SoftmaxHead(epochs=3, seed=9))
    assert copy.get_params() == {**SoftmaxHead().get_params(), "epochs": 3, "seed": 9}
    assert not hasattr(copy, "classes_")

"""The base of heads: probabilities, scores and labels of any kind, seen through a softmax head."""

import numpy as np
import pytest
from sklearn.datasets import make_classification

from hilum.heads.softmax import SoftmaxHead

NAMES = np.array(["adenocarcinoma", "large_cell_carcinoma", "normal", "squamous_cell_carcinoma"])


def _data(seed=0, classes=4):
    features, labels = make_classification(240, 20, n_informative=10, n_classes=classes, random_state=seed)
    return features.astype(np.float32), labels


def _halves():
    features, labels = _data()
    return features[:120], labels[:120], features[120:], labels[120:]


def test_two_classes_score_the_second_over_the_first():
    features, labels = _data(classes=2)
    head = SoftmaxHead().fit(features, labels)
    scores, chances = head.decision_function(features), head.predict_proba(features)
    assert scores.shape == (240,)
    np.testing.assert_allclose(1 / (1 + np.exp(-scores)), chances[:, 1], atol=1e-9)
    np.testing.assert_array_equal(head.predict(features), head.classes_[(scores > 0).astype(int)])


def test_probabilities_predictions_and_scores_agree():
    head = SoftmaxHead().fit(*_halves())
    unseen = _data(seed=5)[0] * 100  # large logits: no overflow
    chances = head.predict_proba(unseen)
    assert chances.shape == (240, 4)
    assert chances.dtype == np.float64
    assert np.isfinite(chances).all()
    assert (chances >= 0).all()
    np.testing.assert_allclose(chances.sum(1), 1, atol=1e-12)
    scores = head.decision_function(unseen)
    np.testing.assert_array_equal(head.predict(unseen), head.classes_[scores.argmax(1)])
    np.testing.assert_array_equal(head.predict(unseen), head.classes_[chances.argmax(1)])


@pytest.mark.parametrize("names", [NAMES, NAMES.astype(object), np.array([10, 3, 77, -1])])
def test_labels_of_any_kind(names):
    features, labels, valid, valid_labels = _halves()
    numbered = SoftmaxHead().fit(features, np.unique(names, return_inverse=True)[1][labels], valid,
                                 np.unique(names, return_inverse=True)[1][valid_labels])  # fmt: skip
    named = SoftmaxHead().fit(features, names[labels], valid, names[valid_labels])
    np.testing.assert_array_equal(named.classes_, np.unique(names))
    np.testing.assert_array_equal(named.predict(valid), np.unique(names)[numbered.predict(valid)])
    np.testing.assert_array_equal(named.predict_proba(valid), numbered.predict_proba(valid))

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from hilum.heads.multinomial import fit_strengths, probabilities_of

STRENGTHS = (0.0001, 0.01, 1.0, 100.0)


def _data(n, width, classes, seed, apart=0.5):
    random = np.random.default_rng(seed)
    numbers = np.concatenate([np.arange(classes), random.integers(0, classes, n - classes)])
    return random.normal(size=(n, width)) + apart * random.normal(size=(classes, width))[numbers], numbers


def _converged(features, numbers, rows, strength):
    """scikit-learn's probabilities of all rows and of the classes that it saw, from a fit on some rows."""
    model = LogisticRegression(C=strength, max_iter=100_000, tol=1e-10).fit(features[rows], numbers[rows])
    return model.predict_proba(features), model.classes_


@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize(("n", "width"), [(200, 10), (60, 59)])  # the second can be separated
def test_the_fit_is_that_of_scikit_learn_when_it_has_converged(n, width, classes):
    features, numbers = _data(n, width, classes, 0)
    weights, offsets = fit_strengths(features, numbers, classes, STRENGTHS)
    assert weights.shape == (1, 4, classes, width)
    assert offsets.shape == (1, 4, classes)
    for number, strength in enumerate(STRENGTHS):
        found = probabilities_of(features @ weights[0, number].T + offsets[0, number])
        np.testing.assert_allclose(found, _converged(features, numbers, slice(None), strength)[0], atol=1e-3)


def test_every_part_is_fitted_as_if_it_were_alone():
    features, numbers = _data(90, 40, 4, 1)
    order = np.arange(90)
    parts = np.stack([order % 3 != 0, order < 60, order >= 0])
    weights, offsets = fit_strengths(features, numbers, 4, STRENGTHS, parts)
    for part, rows in enumerate(parts):
        for number, strength in enumerate(STRENGTHS):
            found = probabilities_of(features @ weights[part, number].T + offsets[part, number])
            np.testing.assert_allclose(found, _converged(features, numbers, rows, strength)[0], atol=1e-3)


def test_a_class_without_rows_in_a_part_is_never_predicted_there():
    features, numbers = _data(80, 20, 4, 2)
    parts = np.stack([numbers != 1, numbers >= 2])  # three classes, two classes
    weights, offsets = fit_strengths(features, numbers, 4, STRENGTHS, parts)
    for part, rows in enumerate(parts):
        for number, strength in enumerate(STRENGTHS):
            found = probabilities_of(features @ weights[part, number].T + offsets[part, number])
            expected, known = _converged(features, numbers, rows, strength)
            np.testing.assert_allclose(found[:, known], expected, atol=1e-3)
            np.testing.assert_array_equal(np.delete(found, known, axis=1), 0)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.sampled_from([0.001, 0.1, 10.0]))
def test_the_gradient_is_nothing_at_the_fit(seed, classes, strength):
    features, numbers = _data(30, 6, classes, seed)
    weights, offsets = (one[0, 0] for one in fit_strengths(features, numbers, classes, [strength]))
    wrong = probabilities_of(features @ weights.T + offsets) - np.eye(classes)[numbers]
    penalty = (2 if classes == 2 else 1) / strength
    np.testing.assert_allclose(wrong.T @ features + penalty * weights, 0, atol=1e-3 * len(numbers))
    np.testing.assert_allclose(wrong.sum(0), 0, atol=1e-3 * len(numbers))


def test_strengths_do_not_change_each_other():
    features, numbers = _data(50, 20, 3, 1)

    def found(strengths):
        weights, offsets = (one[0] for one in fit_strengths(features, numbers, 3, strengths))
        return [probabilities_of(features @ of.T + offset) for of, offset in zip(weights, offsets, strict=True)]

    for strength, together in zip(STRENGTHS, found(STRENGTHS), strict=True):
        np.testing.assert_allclose(found([strength])[0], together, atol=1e-3)


def test_features_that_say_nothing_leave_the_shares_of_the_classes():
    weights, offsets = (one[0, 0] for one in fit_strengths(np.zeros((4, 1)), np.array([0, 0, 0, 1]), 2, [1.0]))
    np.testing.assert_array_equal(weights, 0)
    np.testing.assert_allclose(probabilities_of(offsets), [0.75, 0.25], atol=1e-4)

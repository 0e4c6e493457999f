"""Standardised features."""

import numpy as np
from sklearn.preprocessing import StandardScaler

from hilum.heads.standard import Standard

RANDOM = np.random.default_rng(0)


def test_columns_that_vary_are_standardised_as_scikit_learn_does():
    features = RANDOM.normal(3, 2, size=(50, 8))
    np.testing.assert_allclose(Standard.of(features)(features), StandardScaler().fit_transform(features), atol=1e-5)


def test_a_column_that_hardly_varies_is_not_blown_up():
    features = RANDOM.normal(size=(50, 9))
    features[:, 0] *= 1e-5
    standard = Standard.of(features)
    assert standard.scale[0] == 0.1 * np.median(features.std(0))
    assert Standard.of(np.ones((5, 3))).scale.tolist() == [1, 1, 1]


def test_weights_are_carried_over_to_features_as_they_are():
    features, weights, offsets = RANDOM.normal(size=(20, 4)), RANDOM.normal(size=(3, 4)), RANDOM.normal(size=3)
    standard = Standard.of(features)
    linear = standard.linear(weights, offsets)
    np.testing.assert_allclose(linear.scores(features), standard(features) @ weights.T + offsets, atol=1e-4)

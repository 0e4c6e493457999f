import numpy as np
import pytest
from rivals import fit_mahalanobis, fit_vim
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA


def _data(n=200, width=12):
    random = np.random.default_rng(0)
    labels = np.arange(n) % 3
    return random.normal(size=(3, width))[labels] * 3 + random.normal(size=(n, width)), labels


def test_mahalanobis_is_scipys_distance_to_the_nearest_mean():
    features, labels = _data()
    means = np.stack([features[labels == one].mean(0) for one in range(3)])
    inverse = np.linalg.inv(LedoitWolf(assume_centered=True).fit(features - means[labels]).covariance_)
    new = np.random.default_rng(1).normal(size=(20, 12)) * 5
    theirs = cdist(new, means, "mahalanobis", VI=inverse).min(1)
    np.testing.assert_allclose(fit_mahalanobis(features, labels).score(new), theirs, rtol=1e-6)


def test_vim_is_the_virtual_logit_less_the_energy():
    features, _ = _data()
    random = np.random.default_rng(2)
    weights, offsets = random.normal(size=(3, 12)), random.normal(size=3)
    model = fit_vim(features, weights, offsets)
    np.testing.assert_allclose(weights @ model.origin + offsets, 0, atol=1e-9)
    # Half of 12 directions are the main ones: what PCA about the origin leaves over, mirrored so that its mean is 0.
    away = features - model.origin
    pca = PCA(6).fit(np.concatenate([away, -away]))
    new = random.normal(size=(10, 12)) * 4
    left = lambda x: np.linalg.norm(x - pca.inverse_transform(pca.transform(x)), axis=1)  # noqa: E731
    factor = (features @ weights.T + offsets).max(1).mean() / left(away).mean()
    expected = factor * left(new - model.origin) - logsumexp(new @ weights.T + offsets, axis=1)
    np.testing.assert_allclose(model.score(new), expected, rtol=1e-6)


@pytest.mark.parametrize("width", [40, 800])
def test_both_tell_what_lies_outside_the_slices_span(width):
    random = np.random.default_rng(3)
    basis = np.linalg.qr(random.normal(size=(width, 8)))[0]
    labels = np.arange(90) % 3
    inside = (random.normal(size=(3, 8))[labels] * 3 + random.normal(size=(90, 8))) @ basis.T
    inside = inside + 0.05 * random.normal(size=inside.shape)
    outside = inside[:20] + random.normal(size=(20, width))
    weights = np.stack([inside[labels == one].mean(0) for one in range(3)])
    for score in (fit_mahalanobis(inside[20:], labels[20:]).score, fit_vim(inside[20:], weights, np.zeros(3)).score):
        assert score(outside).min() > score(inside[:20]).max()

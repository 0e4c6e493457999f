"""Outlier scores that the nearest neighbours are compared with: fit on arrays, score arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.covariance import LedoitWolf

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mahalanobis:
    """Distance to the nearest class mean under one covariance.

    Source: K. Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples, NeurIPS 2018. The
    covariance is shrunk (O. Ledoit and M. Wolf, 2004), since there are fewer slices than features.

    Attributes:
        means: Of the classes, `[k, width]`.
        precision: Inverse covariance, `[width, width]`.
    """

    means: _Floats
    precision: _Floats

    def score(self, features: NDArray[np.floating]) -> _Floats:
        """Scores `[n]` of features `[n, width]`, at least 0."""
        away = np.asarray(features, np.float64)[:, None] - self.means
        squares = np.stack([(away[:, i] @ self.precision * away[:, i]).sum(1) for i in range(len(self.means))])
        score: _Floats = np.sqrt(squares.clip(0).min(0))
        return score


def fit_mahalanobis(features: NDArray[np.floating], labels: _Indices) -> Mahalanobis:
    """Fits class means and a shared, shrunk covariance to features `[n, width]` and labels `[n]`."""
    values = np.asarray(features, np.float64)
    classes, numbers = np.unique(labels, return_inverse=True)
    means = np.stack([values[labels == one].mean(0) for one in classes])
    fitted = LedoitWolf(assume_centered=True).fit(values - means[numbers])
    return Mahalanobis(means, np.asarray(fitted.precision_, np.float64))


@dataclass(frozen=True)
class ViM:
    """What of a feature vector lies outside the main directions, as one more logit beside the classes'.

    Source: H. Wang et al., ViM: Out-Of-Distribution with Virtual-logit Matching, CVPR 2022.

    Attributes:
        weights: Of the head on features, `[k, width]`.
        offsets: Of the head, `[k]`.
        origin: Where all logits are the least apart, `[width]`.
        rest: Orthonormal directions outside the main ones, `[width, r]`.
        factor: That brings the residual's length to the size of the largest logit.
    """

    weights: _Floats
    offsets: _Floats
    origin: _Floats
    rest: _Floats
    factor: float

    def score(self, features: NDArray[np.floating]) -> _Floats:
        """Scores `[n]` of features `[n, width]`, of any sign."""
        values = np.asarray(features, np.float64)
        virtual = self.factor * np.linalg.norm((values - self.origin) @ self.rest, axis=1)
        score: _Floats = virtual - logsumexp(values @ self.weights.T + self.offsets, axis=1)
        return score


def fit_vim(features: NDArray[np.floating], weights: NDArray[np.floating], offsets: NDArray[np.floating]) -> ViM:
    """Fits ViM to training features `[n, width]` and a linear head on them.

    The paper takes 1000 main directions of features with 2048 or more, 512 from 768, half of narrower ones; here never
    more than half as many as there are slices, since beyond their number nothing is left over.

    Args:
        features: `[n, width]`.
        weights: Of the head, `[k, width]`.
        offsets: Of the head, `[k]`.
    """
    values, head = np.asarray(features, np.float64), np.asarray(weights, np.float64)
    n, width = values.shape
    named = 1000 if width >= 2048 else 512 if width >= 768 else width // 2
    origin = -np.linalg.pinv(head) @ offsets
    away = values - origin
    _, directions = np.linalg.eigh(away.T @ away)  # ascending
    rest = directions[:, : width - min(named, n // 2)]
    residual = np.linalg.norm(away @ rest, axis=1)
    logits = values @ head.T + offsets
    factor = float(logits.max(1).mean() / max(residual.mean(), np.finfo(np.float64).tiny))
    return ViM(head, np.asarray(offsets, np.float64), origin, rest, factor)

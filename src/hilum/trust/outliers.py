"""Outlier scores: the distance of a slice to its k-th nearest training slice, computed with NumPy.

Source: Y. Sun et al., Out-of-Distribution Detection with Deep Nearest Neighbors, ICML 2022.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

NEIGHBOURS = 5  # training slices that a slice is compared with, and that are named beside an answer
PERCENTILE = 95
_ROWS = 256  # processed at a time

_Indices = NDArray[np.intp]


def outlier_scores(known: NDArray[np.floating], features: NDArray[np.floating]) -> NDArray[np.float32]:
    """The distance of each slice to the 5th nearest training slice, or to the farthest of fewer; higher is less alike.

    Args:
        known: Features of the training slices, `[m, width]`, m at least 1; their length does not count.
        features: Features of the slices, `[n, width]`; their length does not count, and zeros stay zeros.

    Returns:
        Euclidean distances of unit vectors, in `[0, 2]`, `[n]`.
    """
    index = unit_length(known)
    count, own = min(NEIGHBOURS, len(index)), np.square(index).sum(1)
    scores = np.empty(len(features), np.float32)
    for start in range(0, len(features), _ROWS):
        rows = unit_length(features[start : start + _ROWS])
        far = own - 2 * (rows @ index.T)  # squared distance without the row's own square, in the same order
        near = np.argpartition(far, count - 1, axis=1)[:, :count]
        # The line above loses digits for slices that almost agree, so distances of the nearest are computed in full.
        exact = np.linalg.norm(index[near].astype(np.float64) - rows[:, None].astype(np.float64), axis=2)
        scores[start : start + _ROWS] = exact.max(1)
    return scores


def network_score(distances: "Tensor") -> "Tensor":
    """The outlier scores `[n]` of new slices, as a model's network computes them.

    Args:
        distances: Distances to the nearest training slices, `[n, k]`, nearest first.
    """
    return distances[:, -1]


def unit_length(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows `[n, width]` divided by their Euclidean length; zeros stay zeros."""
    values = np.asarray(features, np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def held_out_scores(features: NDArray[np.floating], folds: _Indices) -> NDArray[np.float32]:
    """The outlier score of each slice `[n]` against an index of the slices of the other folds.

    Args:
        features: Features of the slices, `[n, width]`.
        folds: Fold of each slice, `[n]`, at least two folds.
    """
    scores = np.empty(len(features), np.float32)
    for fold in np.unique(folds):
        own = folds == fold
        scores[own] = outlier_scores(features[~own], features[own])
    return scores


def threshold_of(scores: NDArray[np.floating]) -> float:
    """The 95th percentile of held-out outlier scores `[n]`, corrected for their number.

    It is the ceil(0.95 (n + 1))-th smallest score, or the largest if there are fewer than 19. As in conformal
    prediction, a new slice of the same kind then lies above it with a probability of at most 5 %.
    """
    place = -(-PERCENTILE * (len(scores) + 1) // 100)  # in whole numbers, because 0.95 n is not exact
    return float(np.sort(scores)[min(place, len(scores)) - 1])

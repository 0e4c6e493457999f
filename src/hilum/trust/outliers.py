"""How unlike the training slices a slice is: the distance to its k-th nearest of them, NumPy alone.

Source: Y. Sun et al., Out-of-Distribution Detection with Deep Nearest Neighbors, ICML 2022.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

K = 5
PERCENTILE = 95
_ROWS = 256  # worked on at a time

_Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Neighbours:
    """An index of training slices.

    Attributes:
        index: Their features at unit length, float32 `[m, width]`, m at least 1.
    """

    index: NDArray[np.float32]

    @classmethod
    def of(cls, features: NDArray[np.floating]) -> Self:
        """The index of features `[m, width]`."""
        return cls(unit_length(features))

    def nearest(self, features: NDArray[np.floating], k: int = K) -> tuple[_Indices, NDArray[np.float32]]:
        """The k nearest training slices, nearest first, or all of them where there are fewer.

        Args:
            features: `[n, width]`, of any length; a vector of zeros stays one.
            k: How many, at least 1.

        Returns:
            Places in the index, and Euclidean distances at unit length, in `[0, 2]`, both `[n, min(k, m)]`.
        """
        count = min(k, len(self.index))
        places = np.empty((len(features), count), np.intp)
        distances = np.empty((len(features), count), np.float32)
        own = np.square(self.index).sum(1)
        for start in range(0, len(features), _ROWS):
            rows = unit_length(features[start : start + _ROWS])
            far = own - 2 * (rows @ self.index.T)  # squared distances less the row's own square: the same order
            near = np.argpartition(far, count - 1, axis=1)[:, :count]
            # The shortcut above loses digits where two slices almost agree; the few that are kept are done in full.
            exact = np.linalg.norm(self.index[near].astype(np.float64) - rows[:, None].astype(np.float64), axis=2)
            order = np.argsort(exact, axis=1, kind="stable")
            places[start : start + _ROWS] = np.take_along_axis(near, order, axis=1)
            distances[start : start + _ROWS] = np.take_along_axis(exact, order, axis=1)
        return places, distances

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Outlier scores `[n]` of features `[n, width]`: the distance to the 5th nearest; higher is less alike."""
        return self.nearest(features)[1][:, -1]


def unit_length(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows `[n, width]` divided by their Euclidean length; zeros stay zeros."""
    values = np.asarray(features, np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def held_out_scores(features: NDArray[np.floating], folds: _Indices) -> NDArray[np.float32]:
    """The outlier score of each slice `[n]` against an index of the slices of the other folds.

    Args:
        features: `[n, width]`.
        folds: `[n]`, at least two.
    """
    scores = np.empty(len(features), np.float32)
    for fold in np.unique(folds):
        own = folds == fold
        scores[own] = Neighbours.of(features[~own]).score(features[own])
    return scores


def threshold_of(scores: NDArray[np.floating]) -> float:
    """The 95th percentile of held-out outlier scores `[n]`, corrected for their number.

    It is the ceil(0.95 (n + 1))-th smallest (the largest, of fewer than 19): a further slice of the same kind then lies
    above with a probability of at most 5 %, as in conformal prediction.
    """
    place = -(-PERCENTILE * (len(scores) + 1) // 100)  # whole numbers: 0.95 n is not exact
    return float(np.sort(scores)[min(place, len(scores)) - 1])

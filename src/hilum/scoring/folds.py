"""Divides slices by group: into folds, and into a part to train on and one for early stopping."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.model_selection import StratifiedGroupKFold

_STOP_SHARE = 8  # an eighth of the training folds is for early stopping

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]


def stop_part(all_labels: _Indices, train: _Indices, groups: _Indices, seed: int) -> _Indices:
    """About an eighth of the training rows, in whole groups, with every class on both sides; or none."""
    labels = all_labels[train]
    fewest = min(len(np.unique(groups[train][labels == label])) for label in np.unique(labels))
    if fewest < 2:
        return np.empty(0, np.intp)
    kept, stop = group_folds(labels, groups[train], min(_STOP_SHARE, fewest), seed)[0]
    if len(np.unique(labels[kept])) < len(np.unique(labels)):
        return np.empty(0, np.intp)
    return train[stop]


def group_folds(labels: _Indices, groups: _Indices, count: int, seed: int) -> list[tuple[_Indices, _Indices]]:
    """Stratified folds that keep groups together; each is the positions to train on and those to score."""
    splitter = _splitter()(count, shuffle=True, random_state=seed % 2**32)
    return [(train, score) for train, score in splitter.split(labels, labels, groups) if len(train) and len(score)]


@cache
def _splitter() -> type["StratifiedGroupKFold"]:
    """scikit-learn's splitter, but a group is tried in all folds at once: the same folds in a fifth of the time."""
    from sklearn.model_selection import StratifiedGroupKFold  # the base install lacks it and never makes folds

    class Splitter(StratifiedGroupKFold):  # type: ignore[misc]
        def _find_best_fold(self, y_counts_per_fold: _Floats, y_cnt: _Indices, group_y_counts: _Floats) -> int:
            tried = y_counts_per_fold + np.eye(self.n_splits)[:, :, None] * group_y_counts  # [tried, folds, classes]
            spreads, sizes = (tried / y_cnt).std(1).mean(1).tolist(), y_counts_per_fold.sum(1).tolist()
            best = 0
            for fold in range(1, self.n_splits):
                alike = abs(spreads[fold] - spreads[best]) <= 1e-8 + 1e-5 * spreads[best]  # as np.isclose
                if spreads[fold] < spreads[best] or (alike and sizes[fold] < sizes[best]):
                    best = fold
            return best

    return Splitter

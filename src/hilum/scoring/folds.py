"""Divides slices by group: into folds, and into a part to train on and one for early stopping."""

import numpy as np
from numpy.typing import NDArray

_STOP_SHARE = 8  # an eighth of the training folds is for early stopping

_Indices = NDArray[np.intp]


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
    from sklearn.model_selection import StratifiedGroupKFold  # the base install lacks it and never makes folds

    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed % 2**32)
    return [(train, score) for train, score in splitter.split(labels, labels, groups) if len(train) and len(score)]

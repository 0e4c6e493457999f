"""Divides slices by group: into folds, and into a part to train on and one for early stopping."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_STOP_SHARE = 8  # an eighth of the training folds is for early stopping

_Indices = NDArray[np.intp]
_Fold = tuple[_Indices, _Indices]


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


def group_folds(labels: _Indices, groups: NDArray[Any], count: int, seed: int) -> list[_Fold]:
    """Stratified folds that keep groups together; each is the positions to train on and those to score.

    The folds are those of scikit-learn's `StratifiedGroupKFold(count, shuffle=True, random_state=seed)`, which takes
    four to ten times as long and would be half of the work of a head. A fold without rows on one side is left out.
    """
    numbers = np.unique(groups, return_inverse=True)[1]
    classes, labels = np.unique(labels, return_inverse=True)
    counts = np.zeros((numbers.max() + 1, len(classes)))
    np.add.at(counts, (numbers, labels), 1)
    shuffled = np.arange(len(counts))
    np.random.RandomState(seed % 2**32).shuffle(shuffled)
    # The groups whose classes are the least even come first; each goes to the fold that evens out the classes most.
    order = shuffled[np.argsort(-counts[shuffled].std(1), kind="stable")]
    total, held = counts.sum(0), np.zeros((count, len(classes)))
    own, fold_of = np.eye(count)[:, :, None], np.empty(len(counts), np.intp)
    for group in order:
        uneven = ((held + own * counts[group]) / total).std(1).mean(1).tolist()
        fold_of[group] = _least(uneven, held.sum(1).tolist())
        held[fold_of[group]] += counts[group]
    scored = fold_of[numbers] == np.arange(count)[:, None]
    return [(np.flatnonzero(~rows), np.flatnonzero(rows)) for rows in scored if 0 < rows.sum() < len(rows)]


def _least(values: list[float], sizes: list[float]) -> int:
    """The place of the least value; of values that are close, the one whose fold was smaller comes before."""
    best = 0
    for place in range(1, len(values)):
        close = abs(values[place] - values[best]) <= 1e-8 + 1e-5 * abs(values[best])
        if values[place] < values[best] or (close and sizes[place] < sizes[best]):
            best = place
    return best

"""Fitting on four folds and measuring on the fifth, with folds that keep look-alikes together."""

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

FOLDS = 5

_Indices = NDArray[np.intp]


def cross_folds(labels: _Indices, groups: _Indices, seed: int = 0) -> _Indices:
    """Folds that keep groups together and spread the classes.

    Args:
        labels: The true classes, `[n]`.
        groups: Look-alike groups, `[n]`, two or more.
        seed: Of the draw.

    Returns:
        The fold of each slice, `[n]`, from 0: five folds, or as many as there are groups.
    """
    folds = np.zeros(len(labels), np.intp)
    count = min(FOLDS, len(np.unique(groups)))
    # Where every class has fewer slices than there are folds, scikit-learn refuses to stratify.
    strata = labels if np.bincount(labels).max() >= count else np.zeros_like(labels)
    with warnings.catch_warnings():
        # A class smaller than the folds is spread as far as it goes.
        warnings.simplefilter("ignore", UserWarning)
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed % 2**32)
        for number, (_, part) in enumerate(splitter.split(strata, strata, groups)):
            folds[part] = number
    return np.unique(folds, return_inverse=True)[1].astype(np.intp)


def turns(folds: _Indices) -> Iterator[tuple[_Indices, _Indices]]:
    """For each fold, the rows of the others (to fit on) and its own (to measure on)."""
    for number in np.unique(folds):
        yield np.flatnonzero(folds != number), np.flatnonzero(folds == number)

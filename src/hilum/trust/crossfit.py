"""Fitting on four folds and measuring on the fifth, with folds that keep look-alikes together."""

import warnings

import numpy as np
from numpy.typing import NDArray

from hilum.evaluation.folds import group_folds

FOLDS = 5

_Indices = NDArray[np.intp]


def cross_folds(labels: _Indices, groups: _Indices, seed: int = 0) -> list[tuple[_Indices, _Indices]]:
    """Folds that keep groups together and spread the classes.

    Args:
        labels: The true classes, `[n]`.
        groups: Look-alike groups, `[n]`, two or more.
        seed: Of the draw.

    Returns:
        For each of five folds, or of as many as there are groups, the rows of the others (to fit on) and its own (to
        measure on).
    """
    count = min(FOLDS, len(np.unique(groups)))
    # Where every class has fewer slices than there are folds, scikit-learn refuses to stratify.
    strata = labels if np.bincount(labels).max() >= count else np.zeros_like(labels)
    with warnings.catch_warnings():
        # A class smaller than the folds is spread as far as it goes.
        warnings.simplefilter("ignore", UserWarning)
        return group_folds(strata, groups, count, seed)

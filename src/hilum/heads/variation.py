"""Checks that training slices differ at all."""

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError

_ROUNDING = 1e-6  # share of the largest value; features of equal pictures vary so with their place in a batch


def varies(features: NDArray[np.floating]) -> bool:
    """Whether any feature of `[n, ...]` differs between rows by more than rounding."""
    return bool((np.ptp(features, 0) > _ROUNDING * np.abs(features).max()).any())


def check_varies(features: NDArray[np.floating]) -> None:
    """Refuses to train on rows that are all equal.

    Args:
        features: Features of the training slices, `[n, ...]`.

    Raises:
        HilumError: The rows are all equal.
    """
    if not varies(features):
        raise all_alike(len(features))


def all_alike(count: int) -> HilumError:
    """The error for training slices that are all equal."""
    return HilumError(
        f"All {count} training slices look the same: they show one picture, or nothing at all, so a model can learn "
        "nothing from them. Give slices that differ; hilum audit says what is wrong with these."
    )

"""Checks that what was written as probabilities are some."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.judging.cells import Texts, first_three
from hilum.report.words import plural
from hilum.slices.labels import listed
from hilum.text import spelt

TOLERANCE = 1e-3 + 1e-9  # by which a row's sum may differ from 1: numbers of three or four decimals, float16
_EXACT = 1e-12  # up to which a row is left as it is
_ROUNDING = -1e-6  # of a 0, as in 1 - (p + q)


def checked(shares: NDArray[np.float64], classes: Sequence[str], paths: Texts, source: str) -> None:
    """Makes rows sum to 1 that do so but for rounding, in place.

    Args:
        shares: What was written, `[n, classes]`.
        classes: Names of the classes, for messages.
        paths: Paths of the rows, for messages.
        source: Name of the file, for messages.

    Raises:
        HilumError: A row has no number for a class, a negative or infinite one, or does not sum to 1 within 0.001.
    """
    if (wrong := ~np.isfinite(shares)).any():
        raise HilumError(
            f"{source} has {_cells(wrong, shares, classes, paths)} that {_are(wrong)} no finite number. "
            "Give each slice a probability for each class."
        )
    sums = shares.sum(1)
    off = np.abs(sums - 1) > TOLERANCE
    if (negative := shares < _ROUNDING).any():
        raise HilumError(
            f"{source} has {_cells(negative, shares, classes, paths)} that {_are(negative)} negative. If these are "
            "logits, take their softmax first."
        )
    if off.any():
        raise HilumError(f"{source} has {_rows(off, sums, paths)}. {_remedy(shares, sums, classes)}")
    np.maximum(shares, 0, out=shares)
    sums = shares.sum(1)
    rounded = np.abs(sums - 1) > _EXACT
    shares[rounded] /= sums[rounded, None]


def _remedy(shares: NDArray[np.float64], sums: NDArray[np.float64], classes: Sequence[str]) -> str:
    if (np.abs(sums - 100) < 1).all():
        return "They look like percentages: divide them by 100."
    if shares.max() > 1 + TOLERANCE:
        return "They are no probabilities: of logits or scores take the softmax first."
    if np.abs(sums - 1).max() < 0.01 * len(classes):
        return "Write at least four decimals."
    return (
        f"The classes are {listed(classes, 8)}. Is a class missing? Answers to a question for each class (sigmoid) "
        "must be divided by their sum first, if that is what the model's decision is."
    )


def _cells(wrong: NDArray[np.bool_], shares: NDArray[np.float64], classes: Sequence[str], paths: Texts) -> str:
    places = np.argwhere(wrong)
    first = first_three(
        places, lambda of: f"{shares[*of]:g} for {classes[of[1]]} of {spelt(paths.values[paths.codes[of[0]]])}"
    )
    return f"{len(places):,} probabilit{'y' if len(places) == 1 else 'ies'} ({first})"


def _are(wrong: NDArray[np.bool_]) -> str:
    return "is" if wrong.sum() == 1 else "are"


def _rows(off: NDArray[np.bool_], sums: NDArray[np.float64], paths: Texts) -> str:
    places = np.flatnonzero(off)
    first = first_three(places, lambda row: f"{sums[row]:.6g} for {spelt(paths.values[paths.codes[row]])}")
    return f"{plural(len(places), 'row')} whose probabilities do not sum to 1 ({first})"

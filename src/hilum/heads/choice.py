"""The choice of a penalty for transfer: by log loss on held-out groups, and the stronger penalty if in doubt.

Every strength's held-out scores are calibrated on the other folds first, so that a penalty is not blamed for scores of
the wrong size. The one-standard-error rule (L. Breiman et al., Classification and Regression Trees, 1984, 3.4.3;
T. Hastie et al., The Elements of Statistical Learning, 2009, 7.10) then takes the strongest penalty whose loss is
within a standard error of the least. Both books mean the standard error of the least loss itself; that of its paired
difference to another is much smaller, since both were measured on the same groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_sample_weight

from hilum.heads.calibration import Calibration, fit_calibration
from hilum.heads.history import Epoch
from hilum.scoring.folds import group_folds

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
_TIE = 0.01  # share of the least loss by which another counts as equal to it
_LEAST = 1e-12  # least probability in a loss


def inner_folds(numbers: NDArray[np.intp], groups: NDArray[Any], count: int, seed: int) -> list[Fold]:
    """Positions to fit on and to hold out in each inner fold; none if the groups are too few or uneven for a choice.

    A group that holds more than half of the rows is a fold of its own, without which there is little left to fit on.

    Args:
        numbers: Classes of the rows, `[n]`.
        groups: Groups that a fold keeps together, `[n]`.
        count: Number of folds; fewer if a class has fewer groups.
        seed: Random seed of the folds.
    """
    if in_largest(groups) > len(groups) / 2:
        return []
    classes = np.unique(numbers)
    count = min(count, *(len(np.unique(groups[numbers == number])) for number in classes))
    inner = group_folds(numbers, groups, count, seed) if count > 1 else []
    return inner if all(len(np.unique(numbers[train])) == len(classes) for train, _ in inner) else []


def in_largest(groups: NDArray[Any]) -> int:
    """The number of rows in the largest group."""
    return int(np.unique(groups, return_counts=True)[1].max())


def class_weights(labels: NDArray[Any], class_weight: Any) -> NDArray[np.float64]:  # noqa: ANN401 - as scikit-learn's
    """Weights of rows with labels `[n]`, with a mean of 1, for a `class_weight` of scikit-learn."""
    sample_weights = compute_sample_weight(class_weight, labels)
    weights: NDArray[np.float64] = sample_weights / sample_weights.mean()
    return weights


@dataclass(frozen=True, eq=False)
class Choice:
    """The strength that was chosen.

    Attributes:
        place: Its number.
        at_edge: Whether it is the first or last of several.
        calibration: Calibration of its scores, fitted on those of all rows as they were held out.
        history: An `Epoch` for each strength: `train` figures of the fit on all rows, calibrated on them, `valid`
            of held-out rows.
    """

    place: int
    at_edge: bool
    calibration: Calibration
    history: list[Epoch]


def choose(
    strengths: Sequence[float],
    held_out: NDArray[np.floating],
    seen: NDArray[np.floating],
    numbers: NDArray[np.intp],
    inner: Sequence[Fold],
    groups: NDArray[Any],
    weights: NDArray[np.float64],
    *,
    paired: bool,
) -> Choice:
    """Chooses a strength by the scores of rows that were held out.

    Args:
        strengths: Inverse penalties, ascending.
        held_out: Scores of each row by each strength's fit in the fold that held it out, `[strengths, k, n]`.
        seen: Scores by fits on all rows, `[strengths, k, n]`.
        numbers: Classes of the rows, `[n]`, in `range(k)`.
        inner: The folds.
        groups: Groups of the rows, `[n]`.
        weights: Weights of the rows, `[n]`, with a mean of 1.
        paired: Whether the standard error is that of the difference to the least loss, instead of the least loss's own.
    """
    fold_of = np.empty(len(numbers), np.intp)
    for fold, (_, rest) in enumerate(inner):
        fold_of[rest] = fold
    others = weights * (fold_of != np.arange(len(inner))[:, None]) if len(inner) > 1 else weights[None]
    each = np.broadcast_to(held_out[:, None], (len(strengths), len(inner), *held_out.shape[1:]))
    crossed = fit_calibration(each, numbers, others).of_rows(fold_of)
    final = fit_calibration(held_out, numbers, weights)
    figures = [
        (-np.log(np.maximum(chances[:, numbers, np.arange(len(numbers))], _LEAST)), chances.argmax(1) == numbers)
        for chances in (
            fit_calibration(seen, numbers, weights).probabilities(seen),
            crossed.probabilities(held_out),
        )
    ]
    losses = figures[1][0] * weights
    mean = losses.mean(1)
    least = losses[mean.argmin()]
    doubt = _standard_errors(losses - least if paired else least[None], groups)
    place = int(np.argmax(mean <= mean.min() + np.maximum(doubt, _TIE * mean.min())))
    history = []
    for number, strength in enumerate(strengths):
        train, valid = ([float((of[number] * weights).mean()) for of in side] for side in figures)
        history.append(Epoch(number + 1, train[0], train[1], valid[0], valid[1], strength))
    at_edge = len(strengths) > 1 and place in (0, len(strengths) - 1)
    return Choice(place, at_edge, Calibration(final.slope[place], final.offsets[place]), history)


def _standard_errors(losses: NDArray[np.float64], groups: NDArray[Any]) -> NDArray[np.float64]:
    """Standard errors of the means of losses `[m, n]`, whose groups were drawn whole, `[m]`; one group knows none."""
    which = np.unique(groups, return_inverse=True)[1]
    of_groups = which == np.arange(which.max() + 1)[:, None]
    sums = (losses - losses.mean(1, keepdims=True)) @ of_groups.T
    count = len(of_groups)
    if count == 1:
        return np.full(len(losses), np.inf)
    errors: NDArray[np.float64] = np.sqrt(np.square(sums).sum(1) * count / (count - 1)) / losses.shape[1]
    return errors

"""Cross-fitted figures of temperature, thresholds and prediction sets, on slices that they were not fitted on."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.records.figures import Estimate
from hilum.records.trust import Answers, CalibrationFigures, Conformal, Outliers
from hilum.scoring.folds import group_folds
from hilum.scoring.resamples import Resamples
from hilum.trust import abstention, calibration
from hilum.trust.abstention import share
from hilum.trust.calibration import with_temperature
from hilum.trust.conformal import CONFIDENCE, one_a_group, prediction_sets
from hilum.trust.outliers import PERCENTILE, threshold_of

FOLDS = 5
ACCURACY = 0.95  # wanted accuracy of answered slices
COVERAGE = 0.9  # coverage at which the accuracy is reported too
_CURVE = 20  # points of the measured curve

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class CrossFitted:
    """Results for each slice with parameters that were fitted on the other cross-fitting folds.

    Attributes:
        temperatures: Temperature of each fold.
        thresholds: Threshold for the wanted accuracy, of each fold.
        reached: Whether that accuracy was reached on the slices that the threshold was chosen on, of each fold.
        probabilities: Calibrated probabilities, `[repeats, n, k]`.
        answered: Mask of slices above the threshold for the wanted accuracy, `[repeats, n]`.
        mostly: Mask of slices above the threshold for a coverage of 90 %, `[repeats, n]`.
        sets: Mask of the classes in the prediction sets, `[repeats, n, k]`.
    """

    temperatures: tuple[float, ...]
    thresholds: tuple[float, ...]
    reached: tuple[bool, ...]
    probabilities: _Floats
    answered: _Mask
    mostly: _Mask
    sets: _Mask


def pooled_temperature(logits: _Floats, labels: _Indices) -> float:
    """`fit_temperature` on the logits of all repeats, `[repeats, n, k]`."""
    repeats, _, classes = logits.shape
    return calibration.fit_temperature(logits.reshape(-1, classes), np.tile(labels, repeats))


def cross_folds(labels: _Indices, groups: _Indices, seed: int = 0) -> list[tuple[_Indices, _Indices]]:
    """Folds that keep groups together and spread the classes.

    Args:
        labels: True classes, `[n]`.
        groups: Look-alike groups, `[n]`, two or more.
        seed: Random seed of the draw.

    Returns:
        For each of five folds (fewer if there are fewer groups), the rows of the other folds to fit on, and its own
        rows to measure on.
    """
    count = min(FOLDS, len(np.unique(groups)))
    # scikit-learn refuses to stratify if every class has fewer slices than there are folds.
    strata = labels if np.bincount(labels).max() >= count else np.zeros_like(labels)
    with warnings.catch_warnings():
        # It warns about classes smaller than the number of folds, which are spread as far as possible.
        warnings.simplefilter("ignore", UserWarning)
        return group_folds(strata, groups, count, seed)


def cross_fit(
    labels: _Indices, groups: _Indices, fitted_on: _Floats, measured_on: _Floats, seed: int = 0
) -> CrossFitted:
    """Fits parameters on all but one fold of look-alike groups and applies them to that fold, fold by fold.

    Args:
        labels: True classes, `[n]`.
        groups: Look-alike groups, `[n]`, two or more.
        fitted_on: Held-out logits that parameters are fitted on, `[repeats, n, k]`.
        measured_on: Held-out logits that parameters are applied to, `[repeats, n, k]`; usually the same.
        seed: Random seed of the folds, and of the slices that represent their groups in the prediction sets.
    """
    repeats, n, classes = measured_on.shape
    random = np.random.default_rng(seed)
    temperatures, thresholds, reached = [], [], []
    probabilities, sets = np.empty((repeats, n, classes)), np.empty((repeats, n, classes), np.bool_)
    answered, mostly = np.empty((repeats, n), np.bool_), np.empty((repeats, n), np.bool_)
    for others, own in cross_folds(labels, groups, seed):
        temperature = pooled_temperature(fitted_on[:, others], labels[others])
        known = with_temperature(fitted_on[:, others], temperature)
        chosen = abstention.threshold_for_accuracy(labels[others], known, ACCURACY)
        probabilities[:, own] = with_temperature(measured_on[:, own], temperature)
        top = probabilities[:, own].max(-1)
        answered[:, own] = top >= chosen.threshold
        mostly[:, own] = top >= abstention.threshold_for_coverage(known, COVERAGE)
        for repeat in range(repeats):
            drawn = one_a_group(groups[others], random)
            held_out = known[repeat % len(known), drawn]
            sets[repeat, own] = prediction_sets(held_out, labels[others][drawn], probabilities[repeat, own])
        temperatures.append(temperature)
        thresholds.append(chosen.threshold)
        reached.append(chosen.reached)
    return CrossFitted(tuple(temperatures), tuple(thresholds), tuple(reached), probabilities, answered, mostly, sets)


def calibration_figures(labels: _Indices, probabilities: _Floats, seed: int = 0) -> CalibrationFigures:
    """Calibration error with its band, Brier score, log loss and reliability bins.

    Args:
        labels: True classes, `[n]`.
        probabilities: Probabilities, `[repeats, n, k]`.
        seed: Random seed of the band.
    """
    error = calibration.calibration_error(labels, probabilities)
    low, high = calibration.calibration_band(probabilities, seed=seed)
    return CalibrationFigures(
        error=error,
        band=(low, high),
        inside=error <= high,
        brier=calibration.brier_score(labels, probabilities),
        loss=calibration.log_loss(labels, probabilities),
        bins=calibration.reliability(labels, probabilities),
    )


def answer_figures(labels: _Indices, fitted: CrossFitted, resamples: Resamples) -> Answers:
    """Coverage and accuracy with intervals: for all slices, at the two thresholds, and along the curve."""
    _, right = calibration.sure_and_right(labels, fitted.probabilities)
    every = np.ones_like(right)

    def measured(answered: _Mask) -> dict[str, Estimate]:
        return {
            "coverage": share(answered, every, resamples),
            "accuracy": share(answered & right, answered, resamples),
        }

    return Answers.made(
        {
            "accuracy": share(right, every, resamples),
            "at_threshold": {"wanted_accuracy": ACCURACY, **measured(fitted.answered)},
            "at_90_coverage": {"wanted_coverage": COVERAGE, **measured(fitted.mostly)},
            "risk_coverage": abstention.risks(labels, fitted.probabilities, _CURVE, resamples),
        }
    )


def set_figures(labels: _Indices, groups: _Indices, fitted: CrossFitted, resamples: Resamples) -> Conformal:
    """Sizes of the prediction sets, and their coverage per slice, class and group.

    `coverage_by_class` is in the order of the classes. In `coverage_by_group` each group counts once.
    """
    sets = fitted.sets
    held = sets[:, np.arange(len(labels)), labels]
    sizes = sets.sum(-1)
    members = np.unique(groups, return_inverse=True, return_counts=True)
    once = 1 / members[2][members[1]]
    return Conformal.made(
        {
            "confidence": CONFIDENCE,
            "coverage": share(held, np.ones_like(held), resamples),
            "coverage_by_class": _by_class(labels, held, sets.shape[-1], resamples),
            "coverage_by_group": share(held * once, np.broadcast_to(once, held.shape), resamples),
            "mean_size": float(sizes.mean()),
            "sizes": (np.bincount(sizes.ravel(), minlength=sets.shape[-1] + 1) / sizes.size).tolist(),
        }
    )


def refused(labels: _Indices, groups: _Indices, scores: NDArray[np.floating], seed: int = 0) -> _Mask:
    """Mask of the slices with an outlier score above the threshold of the other cross-fitting folds, `[n]`.

    Args:
        labels: True classes, `[n]`.
        groups: Look-alike groups, `[n]`, two or more.
        scores: Held-out outlier scores, `[n]`.
        seed: Random seed of the folds.
    """
    above = np.zeros(len(labels), np.bool_)
    for others, own in cross_folds(labels, groups, seed):
        above[own] = scores[own] > threshold_of(scores[others])
    return above


def outlier_figures(labels: _Indices, above: _Mask, classes: int, resamples: Resamples) -> Outliers:
    """The share of good slices that are refused, overall and by class.

    Args:
        labels: True classes, `[n]`.
        above: Mask from `refused`, `[n]`.
        classes: Number of classes.
        resamples: Resamples of the n slices.
    """
    return Outliers.made(
        {
            "percentile": PERCENTILE,
            "refused": share(above, np.ones_like(above), resamples),
            "refused_by_class": _by_class(labels, above, classes, resamples),
        }
    )


def _by_class(labels: _Indices, part: _Mask, classes: int, resamples: Resamples) -> list[Estimate]:
    inside = [np.broadcast_to(labels == number, part.shape) for number in range(classes)]
    return [share(part & one, one, resamples) for one in inside]

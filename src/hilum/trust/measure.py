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
from hilum.trust.conformal import CONFIDENCE, set_thresholds
from hilum.trust.outliers import PERCENTILE, threshold_of
from hilum.trust.promises import ACCURACY, answer_threshold

FOLDS = 5
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
        thresholds: Threshold of answers, of each fold.
        promised: Whether it was shown to keep the wanted accuracy, of each fold.
        probabilities: Calibrated probabilities, `[repeats, n, k]`.
        answered: Mask of slices above the threshold of answers, `[repeats, n]`.
        mostly: Mask of slices above the threshold for a coverage of 90 %, `[repeats, n]`.
        sets: Mask of the classes in the prediction sets, `[repeats, n, k]`.
    """

    temperatures: tuple[float, ...]
    thresholds: tuple[float, ...]
    promised: tuple[bool, ...]
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
        seed: Random seed of the folds, and of the evidence for the threshold of answers.
    """
    repeats, n, classes = measured_on.shape
    temperatures, thresholds, promised = [], [], []
    probabilities, sets = np.empty((repeats, n, classes)), np.empty((repeats, n, classes), np.bool_)
    answered, mostly = np.empty((repeats, n), np.bool_), np.empty((repeats, n), np.bool_)
    for others, own in cross_folds(labels, groups, seed):
        temperature = pooled_temperature(fitted_on[:, others], labels[others])
        known = with_temperature(fitted_on[:, others], temperature)
        threshold, promise = answer_threshold(labels[others], groups[others], known, seed)
        probabilities[:, own] = with_temperature(measured_on[:, own], temperature)
        top = probabilities[:, own].max(-1)
        answered[:, own] = top >= threshold
        mostly[:, own] = top >= abstention.threshold_for_coverage(known, COVERAGE)
        sets[:, own] = probabilities[:, own] >= set_thresholds(known, labels[others], groups[others])
        temperatures.append(temperature)
        thresholds.append(threshold)
        promised.append(promise.shown)
    return CrossFitted(tuple(temperatures), tuple(thresholds), tuple(promised), probabilities, answered, mostly, sets)


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


def answer_figures(
    labels: _Indices, groups: _Indices, probabilities: _Floats, answered: _Mask, mostly: _Mask, resamples: Resamples
) -> Answers:
    """Coverage and accuracy with intervals: for all slices, at two thresholds, and along the curve.

    Args:
        labels: True classes, `[n]`.
        groups: Look-alike groups, `[n]`; in `accuracy_by_group` each counts once.
        probabilities: Probabilities, `[repeats, n, k]`.
        answered: Mask of slices above the threshold of answers, `[repeats, n]`.
        mostly: Mask of slices above the threshold for a coverage of 90 %, `[repeats, n]`.
        resamples: Resamples of the n slices.
    """
    _, right = calibration.sure_and_right(labels, probabilities)
    every, once = np.ones_like(right), once_a_group(groups)

    def measured(answered: _Mask) -> dict[str, Estimate]:
        return {
            "coverage": share(answered, every, resamples),
            "accuracy": share(answered & right, answered, resamples),
            "accuracy_by_group": share((answered & right) * once, answered * once, resamples),
        }

    return Answers.made(
        {
            "accuracy": share(right, every, resamples),
            "at_threshold": {"wanted_accuracy": ACCURACY, **measured(answered)},
            "at_90_coverage": {"wanted_coverage": COVERAGE, **measured(mostly)},
            "risk_coverage": abstention.risks(labels, probabilities, _CURVE, resamples),
        }
    )


def set_figures(
    labels: _Indices, classes: int, groups: _Indices, sets: _Mask, held: _Mask, resamples: Resamples
) -> Conformal:
    """Sizes of the prediction sets, and their coverage per slice, class and group.

    `coverage_by_class` is in the order of the classes. In `coverage_by_group` each group counts once.

    Args:
        labels: True classes, `[n]`.
        classes: Number of true classes.
        groups: Look-alike groups, `[n]`.
        sets: Mask of the classes in the sets, `[repeats, n, k]`.
        held: Mask of the sets that hold the truth, `[repeats, n]`.
        resamples: Resamples of the n slices.
    """
    sizes, once = sets.sum(-1), once_a_group(groups)
    return Conformal.made(
        {
            "confidence": CONFIDENCE,
            "coverage": share(held, np.ones_like(held), resamples),
            "coverage_by_class": _by_class(labels, held, classes, resamples),
            "coverage_by_group": share(held * once, np.broadcast_to(once, held.shape), resamples),
            "mean_size": float(sizes.mean()),
            "sizes": (np.bincount(sizes.ravel(), minlength=sets.shape[-1] + 1) / sizes.size).tolist(),
        }
    )


def once_a_group(groups: _Indices) -> _Floats:
    """Weights of slices `[n]` with which each group counts once."""
    members, sizes = np.unique(groups, return_inverse=True, return_counts=True)[1:]
    weights: _Floats = 1 / sizes[members]
    return weights


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

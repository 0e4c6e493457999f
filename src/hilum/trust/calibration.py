"""Calibration: temperature, calibration error and the band of errors that chance alone explains.

Sources: C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017 (temperature); A. Kumar et al., Verified
Uncertainty Calibration, NeurIPS 2019 (bins of equal mass); J. Bröcker and L. A. Smith, Increasing the Reliability of
Reliability Diagrams, Weather and Forecasting 2007 (errors of a calibrated model by chance).
"""

import math

import numpy as np
from numpy.typing import NDArray

from hilum.records.calibration import Bin, MeasuredCalibration

BINS = 10
_LEVEL = 0.95
_BOUNDS = (math.log(0.02), math.log(50.0))  # for the logarithm of the temperature
_ALIKE = 1e-6  # difference of losses that counts as none
_DRAWS = 50  # simulated sets in memory at a time
_TINY = np.finfo(np.float64).eps

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]


def measured_calibration(labels: _Indices, probabilities: _Floats, seed: int = 0) -> MeasuredCalibration:
    """All that is reported of the calibration of probabilities that are used as they are.

    Args:
        labels: True classes, `[n]`.
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`.
        seed: Random seed of the band.
    """
    return MeasuredCalibration(
        error=calibration_error(labels, probabilities),
        band=calibration_band(probabilities, seed=seed),
        brier=brier_score(labels, probabilities),
        bins=reliability(labels, probabilities),
    )


def fit_temperature(logits: NDArray[np.floating], labels: _Indices) -> float:
    """The temperature that gives held-out logits the lowest log loss.

    There is no such temperature if every slice is called correctly or the logits carry no information: the loss then
    falls towards zero or infinity. The result is 1 in that case.

    Args:
        logits: Held-out logits, `[n, k]`; minus infinity is allowed for a class that a model never saw.
        labels: True classes, `[n]`, in `[0, k)`.

    Returns:
        A temperature above 0; values above 1 make probabilities more even.
    """
    from scipy.optimize import minimize_scalar  # not in the base install, which measures calibration but never fits it
    from scipy.special import log_softmax

    values = np.asarray(logits, np.float64)
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        true = log_softmax(values / math.exp(log_temperature), axis=1)[rows, labels]
        return float(-true.clip(math.log(_TINY)).mean())

    best = minimize_scalar(loss, bounds=_BOUNDS, method="bounded", options={"xatol": 1e-8})
    ends_no_worse = min(map(loss, _BOUNDS)) <= loss(float(best.x)) + _ALIKE
    return 1.0 if ends_no_worse else math.exp(float(best.x))


def with_temperature(logits: NDArray[np.floating], temperature: float) -> _Floats:
    """Softmax over the last axis of logits divided by a temperature."""
    from scipy.special import softmax

    probabilities: _Floats = softmax(np.asarray(logits, np.float64) / temperature, axis=-1)
    return probabilities


def calibration_error(labels: _Indices, probabilities: _Floats) -> float:
    """The top-label calibration error over 10 bins of equal mass, in `[0, 1]`.

    Slices are sorted by their top probability and cut into 10 parts of equal size. The error is the mean distance,
    weighted by size, between a part's mean top probability and its share of correct answers.

    Args:
        labels: True classes, `[n]`.
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`; the errors of repeats are averaged.
    """
    return float(np.mean([_error(*sure_and_right(labels, one)) for one in _repeats(probabilities)]))


def calibration_band(probabilities: _Floats, draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """The range of errors that a perfectly calibrated model would show in 95 of 100 sets of this size.

    Each answer is drawn as right with its own top probability. The repeats of a draw share their random numbers,
    because they are about the same slices.

    Args:
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`.
        draws: Number of simulated sets.
        seed: Random seed of the simulation.

    Returns:
        2.5th and 97.5th percentiles of the simulated errors.
    """
    tops = _repeats(probabilities).max(-1)
    random, errors = np.random.default_rng(seed), []
    for start in range(0, draws, _DRAWS):
        luck = random.random((min(_DRAWS, draws - start), tops.shape[1]))
        errors.append(np.mean([_error(top, luck < top) for top in tops], axis=0))
    low, high = np.quantile(np.concatenate(errors), [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)


def reliability(labels: _Indices, probabilities: _Floats) -> tuple[Bin, ...]:
    """The bins of `calibration_error` by ascending top probability. Each repeat of a slice counts once.

    Args:
        labels: True classes, `[n]`.
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`.
    """
    top, right = map(np.ravel, sure_and_right(labels, probabilities))
    order = np.argsort(top, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return tuple(
        Bin(confidence=float(top[part].mean()), accuracy=float(right[part].mean()), count=len(part)) for part in parts
    )


def brier_score(labels: _Indices, probabilities: _Floats) -> float:
    """The mean over slices (and repeats) of the squared distance between probabilities and truth, in `[0, 2]`.

    Args:
        labels: True classes, `[n]`.
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`.
    """
    truth = np.eye(probabilities.shape[-1])[labels]
    return float(np.square(probabilities - truth).sum(-1).mean())


def log_loss(labels: _Indices, probabilities: _Floats) -> float:
    """The mean over slices (and repeats) of the negative logarithm of the true class's probability, at least 0.

    Args:
        labels: True classes, `[n]`.
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`.
    """
    true = _repeats(probabilities)[:, np.arange(len(labels)), labels]
    return float(-np.log(true.clip(_TINY)).mean())


def sure_and_right(labels: _Indices, probabilities: _Floats) -> tuple[_Floats, NDArray[np.bool_]]:
    """The top probability of each slice, and whether it belongs to the true class: `[..., n]` from `[..., n, k]`."""
    return probabilities.max(-1), probabilities.argmax(-1) == labels


def _error(top: _Floats, right: NDArray[np.bool_]) -> _Floats:
    """The calibration error `[...]` of top probabilities `[n]` and answers `[..., n]`."""
    order = np.argsort(top, kind="stable")
    starts = np.unique([part[0] for part in np.array_split(np.arange(len(top)), BINS) if len(part)])
    excess = np.add.reduceat((right - top)[..., order], starts, axis=-1)
    error: _Floats = np.abs(excess).sum(-1) / len(top)
    return error


def _repeats(probabilities: _Floats) -> _Floats:
    return probabilities if probabilities.ndim == 3 else probabilities[None]

"""Whether probabilities mean what they say: temperature, calibration error and the band that chance alone explains.

Sources: C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017 (temperature); A. Kumar et al., Verified
Uncertainty Calibration, NeurIPS 2019 (bins of equal mass); J. Bröcker and L. A. Smith, Increasing the Reliability of
Reliability Diagrams, Weather and Forecasting 2007 (what a calibrated model shows by chance).
"""

import math

import numpy as np
from numpy.typing import NDArray

from hilum.records.model import Bin

BINS = 10
_LEVEL = 0.95
_BOUNDS = (math.log(0.02), math.log(50.0))  # of the logarithm of the temperature
_ALIKE = 1e-6  # losses
_TINY = np.finfo(np.float64).eps

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]


def fit_temperature(logits: NDArray[np.floating], labels: _Indices) -> float:
    """The temperature that gives held-out logits the lowest log loss.

    Where the loss only falls towards no or endless temperature (every slice is called correctly, or the logits say
    nothing), there is no such temperature, and the answer is 1.

    Args:
        logits: `[n, k]`; minus infinity is allowed for a class that a model never saw.
        labels: The true classes, `[n]`, in `[0, k)`.

    Returns:
        Above 0; above 1 makes probabilities more even.
    """
    from scipy.optimize import minimize_scalar  # the base install measures calibration, but fits none
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
    """Probabilities of logits divided by a temperature, over the last axis; the shape stays."""
    from scipy.special import softmax

    probabilities: _Floats = softmax(np.asarray(logits, np.float64) / temperature, axis=-1)
    return probabilities


def calibration_error(labels: _Indices, probabilities: _Floats) -> float:
    """The top-label calibration error over 10 bins of equal mass, in `[0, 1]`.

    Slices are sorted by their top probability and cut into 10 parts of equal size; the error is the mean over parts,
    by size, of the distance between mean top probability and share of correct answers.

    Args:
        labels: The true classes, `[n]`.
        probabilities: `[n, k]`, or `[repeats, n, k]`, for which the mean over the repeats is given.
    """
    return float(np.mean([_error(*sure_and_right(labels, one)) for one in _repeats(probabilities)]))


def calibration_band(probabilities: _Floats, draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """What error a perfectly calibrated model with these probabilities would show in 95 of 100 sets of this size.

    Answers are drawn as right with the top probability itself, slice by slice; the repeats of a draw share their luck,
    since they are about the same slices.

    Args:
        probabilities: `[n, k]` or `[repeats, n, k]`.
        draws: Number of simulated sets.
        seed: Of the simulation.

    Returns:
        The 2.5th and the 97.5th percentile of the simulated errors.
    """
    tops = _repeats(probabilities).max(-1)
    luck = np.random.default_rng(seed).random((draws, tops.shape[1]))
    errors = np.mean([_error(top, luck < top) for top in tops], axis=0)
    low, high = np.quantile(errors, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)


def reliability(labels: _Indices, probabilities: _Floats) -> tuple[Bin, ...]:
    """The bins of `calibration_error`, by ascending top probability; repeats are pooled, and counted once each.

    Args:
        labels: The true classes, `[n]`.
        probabilities: `[n, k]` or `[repeats, n, k]`.
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
        labels: The true classes, `[n]`.
        probabilities: `[n, k]` or `[repeats, n, k]`.
    """
    truth = np.eye(probabilities.shape[-1])[labels]
    return float(np.square(probabilities - truth).sum(-1).mean())


def log_loss(labels: _Indices, probabilities: _Floats) -> float:
    """The mean over slices (and repeats) of the negative logarithm of the true class's probability, at least 0.

    Args:
        labels: The true classes, `[n]`.
        probabilities: `[n, k]` or `[repeats, n, k]`.
    """
    true = _repeats(probabilities)[:, np.arange(len(labels)), labels]
    return float(-np.log(true.clip(_TINY)).mean())


def sure_and_right(labels: _Indices, probabilities: _Floats) -> tuple[_Floats, NDArray[np.bool_]]:
    """The top probability of each slice, and whether it is the true class's: `[..., n]` of `[..., n, k]`."""
    return probabilities.max(-1), probabilities.argmax(-1) == labels


def _error(top: _Floats, right: NDArray[np.bool_]) -> _Floats:
    """The calibration error of top probabilities `[n]` and answers `[..., n]`, `[...]`."""
    order = np.argsort(top, kind="stable")
    starts = np.unique([part[0] for part in np.array_split(np.arange(len(top)), BINS) if len(part)])
    excess = np.add.reduceat((right - top)[..., order], starts, axis=-1)
    error: _Floats = np.abs(excess).sum(-1) / len(top)
    return error


def _repeats(probabilities: _Floats) -> _Floats:
    return probabilities if probabilities.ndim == 3 else probabilities[None]

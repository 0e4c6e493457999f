"""When to answer: coverage and risk over thresholds on the top probability, and the threshold for a wanted accuracy.

Source: R. El-Yaniv and Y. Wiener, On the Foundations of Noise-free Selective Classification, JMLR 2010 (coverage and
risk); Y. Geifman and R. El-Yaniv, Selective Classification for Deep Neural Networks, NeurIPS 2017 (top probability).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.records.figures import Estimate
from hilum.records.model import CurvePoint, RiskPoint
from hilum.scoring.intervals import estimate, telling
from hilum.scoring.metrics import ratio
from hilum.trust.calibration import sure_and_right

POINTS = 100
FEWEST = 30  # answered slices needed to judge an accuracy

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Chosen:
    """A threshold on the top probability, and its effect on the slices that it was chosen on.

    Attributes:
        threshold: Top probability in `[0, 1]` below which a slice is not answered.
        coverage: Share of slices that are answered.
        accuracy: Share of answered slices that are right.
        reached: Whether the accuracy is as high as wanted.
    """

    threshold: float
    coverage: float
    accuracy: float
    reached: bool


def risk_coverage(labels: _Indices, probabilities: _Floats, points: int = POINTS) -> tuple[CurvePoint, ...]:
    """The risk-coverage curve by ascending threshold. Its first point answers everything.

    Args:
        labels: True classes, `[n]`, n at least 1.
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`; repeats are pooled.
        points: Approximate number of points, spread evenly over coverage; fewer if top probabilities tie.
    """
    top, right = _pooled(labels, probabilities)
    # The j-th threshold answers everything from place `first[j]` on.
    first = np.unique((np.arange(points) * len(top)) // points)
    first = np.unique(np.searchsorted(top, top[first], "left"))
    wrong_from = (~right)[::-1].cumsum()[::-1]
    return tuple(
        CurvePoint(_between(top, place), (len(top) - place) / len(top), float(wrong_from[place] / (len(top) - place)))
        for place in first.tolist()
    )


def risks(labels: _Indices, probabilities: _Floats, points: int, weights: NDArray[np.float32]) -> list[RiskPoint]:
    """The risk-coverage curve with an interval for each risk. `weights` come from `draw_resamples`."""
    top, right = sure_and_right(labels, probabilities)
    return [
        RiskPoint.made(
            {
                "threshold": point.threshold,
                "coverage": point.coverage,
                "risk": share((top >= point.threshold) & ~right, top >= point.threshold, weights),
            }
        )
        for point in risk_coverage(labels, probabilities, points)
    ]


def threshold_for_accuracy(labels: _Indices, probabilities: _Floats, accuracy: float = 0.95) -> Chosen:
    """The lowest threshold on the top probability at which answered slices are right often enough.

    Accuracy fluctuates along the thresholds. A threshold counts if it answers at least 30 slices (half of them if there
    are fewer than 60). The lowest one with the wanted accuracy is taken, which answers as many slices as possible; at a
    higher threshold a few confident errors may weigh more. If no threshold reaches the accuracy, the lowest one with
    the highest accuracy is taken, and `reached` is False.

    Args:
        labels: True classes, `[n]`, n at least 1.
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`; repeats are pooled, with 30 slices in each.
        accuracy: Wanted accuracy, in `[0, 1]`.
    """
    top, right = _pooled(labels, probabilities)
    fewest = max(1, min(FEWEST, len(labels) // 2)) * (len(top) // len(labels))
    first = np.searchsorted(top, np.unique(top), "left")
    first = first[len(top) - first >= fewest]
    right_from = right[::-1].cumsum()[::-1]
    shares = right_from[first] / (len(top) - first)
    enough = shares >= accuracy
    place = int((enough if enough.any() else shares).argmax())
    return Chosen(
        _between(top, int(first[place])),
        float((len(top) - first[place]) / len(top)),
        float(shares[place]),
        bool(enough.any()),
    )


def threshold_for_coverage(probabilities: _Floats, coverage: float) -> float:
    """The highest threshold on the top probability that answers at least a share of the slices.

    Args:
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`; repeats are pooled.
        coverage: Wanted share of answered slices, in `[0, 1]`.
    """
    top = np.sort(probabilities.max(-1), axis=None)
    place = min(len(top) - 1, int(np.floor((1 - coverage) * len(top) + 1e-9)))
    return _between(top, int(np.searchsorted(top, top[place], "left")))


def share(part: _Floats | _Mask, whole: _Floats | _Mask, weights: NDArray[np.float32]) -> Estimate:
    """The summed part over the summed whole, with its 95 % interval.

    Args:
        part: Contribution of each slice to the part, `[n]`, or `[repeats, n]` to be averaged.
        whole: Contribution of each slice to the whole, of the same shape; at least the part.
        weights: Resamples from `hilum.scoring.intervals.draw_resamples`, `[count, n]`.

    Returns:
        The share; None if the whole is zero, and without an interval if the whole is zero in every resample.
    """
    one, other = (np.asarray(each, np.float64) for each in (part, whole))
    parts, wholes = (
        np.append(each.sum(), telling(weights) @ each)
        for each in (each.mean(0) if each.ndim == 2 else each for each in (one, other))
    )
    return estimate(ratio(parts, wholes))


def _pooled(labels: _Indices, probabilities: _Floats) -> tuple[_Floats, _Mask]:
    """Top probabilities of all repeats, ascending, and whether each is right."""
    top, right = sure_and_right(labels, probabilities)
    order = np.argsort(top, axis=None, kind="stable")
    return top.ravel()[order], right.ravel()[order]


def _between(top: _Floats, place: int) -> float:
    """A threshold that answers ascending top probabilities from a place on; 0 if that is everything.

    It lies halfway to the probability below, where rounding on another machine changes no decision.
    """
    return float((top[place - 1] + top[place]) / 2) if place else 0.0

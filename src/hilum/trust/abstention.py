"""When to answer: coverage and risk over thresholds on the top probability, and the threshold for a wanted accuracy.

Source: R. El-Yaniv and Y. Wiener, On the Foundations of Noise-free Selective Classification, JMLR 2010 (coverage and
risk); Y. Geifman and R. El-Yaniv, Selective Classification for Deep Neural Networks, NeurIPS 2017 (top probability).
"""

from dataclasses import dataclass
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from hilum.records.figures import Estimate
from hilum.records.model import CurvePoint, ModelRecord
from hilum.records.trust import RiskPoint
from hilum.scoring.limits import estimate
from hilum.scoring.metrics import chunks, ratio
from hilum.scoring.resamples import Resamples
from hilum.trust.calibration import sure_and_right

POINTS = 100
FEWEST = 30  # answered slices needed to judge an accuracy

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
_Mask = NDArray[np.bool_]


Decision = Literal["class", "abstain", "outlier", "unreadable"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
_DECIMALS = 6  # what float32 carries


@dataclass(frozen=True)
class Limits:
    """Limits outside which a model does not answer.

    Attributes:
        answer: Top probability in `[0, 1]` below which the model abstains.
        outlier: Outlier score above which a slice is an outlier.
    """

    answer: float
    outlier: float

    @classmethod
    def of(cls, facts: ModelRecord, coverage: float | None = None, risk: float | None = None) -> Self:
        """The model's own limits, or with a coverage or risk those of `ModelRecord.threshold_for`.

        Raises:
            HilumError: Coverage or risk make no sense, or cannot be reached.
        """
        return cls(facts.threshold_for(coverage, risk), facts.thresholds.outlier)


def decide(top: float, outlier_score: float, doubt: str | None, limits: Limits) -> tuple[Decision, str]:
    """Decides on one slice, and says why: a doubt comes first, then the outlier score, then the top probability.

    Args:
        top: Highest calibrated probability, in `[0, 1]`.
        outlier_score: Outlier score; higher is less like the training slices.
        doubt: Reason why the picture is not an axial CT slice, or None.
        limits: The model's own limits, or those that the user chose.
    """
    if doubt is not None:
        return "outlier", doubt
    if outlier_score > limits.outlier:
        score, limit = _apart(outlier_score, limits.outlier)
        return "outlier", f"unlike the training slices: score {score}, limit {limit}"
    sure, limit = _apart(top, limits.answer)
    if top < limits.answer:
        return "abstain", f"not sure enough: {sure}, limit {limit}"
    return "class", f"sure enough: {sure}, limit {limit}"


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
        CurvePoint(between(top, place), (len(top) - place) / len(top), float(wrong_from[place] / (len(top) - place)))
        for place in first.tolist()
    )


def risks(labels: _Indices, probabilities: _Floats, points: int, resamples: Resamples) -> list[RiskPoint]:
    """The risk-coverage curve with an interval for each risk."""
    top, right = sure_and_right(labels, probabilities)
    curve = risk_coverage(labels, probabilities, points)
    answered = np.stack([top >= point.threshold for point in curve])
    return [
        RiskPoint.made({"threshold": point.threshold, "coverage": point.coverage, "risk": risk})
        for point, risk in zip(curve, shares(answered & ~right, answered, resamples), strict=True)
    ]


def threshold_for_accuracy(labels: _Indices, probabilities: _Floats, accuracy: float = 0.95) -> float:
    """The lowest threshold on the top probability at which answered slices are right often enough.

    That holds of these slices; it shows nothing about others (`hilum.trust.promises`). Accuracy fluctuates along the
    thresholds. A threshold counts if it answers at least 30 slices (half of them if there are fewer than 60). The
    lowest one with the wanted accuracy is taken, which answers as many slices as possible; at a higher threshold a few
    confident errors may weigh more. If no threshold reaches the accuracy, the lowest one with the highest accuracy is
    taken.

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
    return between(top, int(first[(enough if enough.any() else shares).argmax()]))


def threshold_for_coverage(probabilities: _Floats, coverage: float) -> float:
    """The highest threshold on the top probability that answers at least a share of the slices.

    Args:
        probabilities: Probabilities, `[n, k]` or `[repeats, n, k]`; repeats are pooled.
        coverage: Wanted share of answered slices, in `[0, 1]`.
    """
    top = np.sort(probabilities.max(-1), axis=None)
    place = min(len(top) - 1, int(np.floor((1 - coverage) * len(top) + 1e-9)))
    return between(top, int(np.searchsorted(top, top[place], "left")))


def share(part: _Floats | _Mask, whole: _Floats | _Mask, resamples: Resamples) -> Estimate:
    """The summed part over the summed whole, with its 95 % interval, which rests on the groups with some of the whole.

    Args:
        part: Contribution of each slice to the part, `[n]`, or `[repeats, n]` to be averaged.
        whole: Contribution of each slice to the whole, of the same shape; at least the part.
        resamples: Resamples of the n slices.

    Returns:
        The share; None if the whole is zero, and without an interval if the whole is zero in every resample.
    """
    return shares(part[None], whole[None], resamples)[0]


def shares(parts: _Floats | _Mask, wholes: _Floats | _Mask, resamples: Resamples) -> list[Estimate]:
    """`share` for several parts `[shares, n]` or `[shares, repeats, n]` and their wholes."""
    both = np.stack([parts, wholes]).astype(np.float64)
    of_slices = both.mean(2) if both.ndim == 4 else both
    sums = np.concatenate([of_slices @ chunk for chunk in chunks(resamples.weights)], axis=2)
    bases = [resamples.basis(whole > 0) for whole in of_slices[1]]
    return [estimate(ratio(part, whole), basis) for part, whole, basis in zip(*sums, bases, strict=True)]


def _pooled(labels: _Indices, probabilities: _Floats) -> tuple[_Floats, _Mask]:
    """Top probabilities of all repeats, ascending, and whether each is right."""
    top, right = sure_and_right(labels, probabilities)
    order = np.argsort(top, axis=None, kind="stable")
    return top.ravel()[order], right.ravel()[order]


def between(top: _Floats, place: int) -> float:
    """A threshold that answers ascending top probabilities from a place on; 0 if that is everything.

    It lies halfway to the probability below, where rounding on another machine changes no decision.
    """
    return float((top[place - 1] + top[place]) / 2) if place else 0.0


def _apart(value: float, limit: float) -> tuple[str, str]:
    """Both numbers with two decimals, or with more if they would look equal."""
    places = (places for places in range(2, _DECIMALS + 1) if f"{value:.{places}f}" != f"{limit:.{places}f}")
    decimals = next(places, 2)
    return f"{value:.{decimals}f}", f"{limit:.{decimals}f}"

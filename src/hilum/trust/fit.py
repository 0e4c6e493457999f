"""The one entry: from held-out predictions to everything that says how far a model's answers can be trusted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.evaluation.intervals import draw_resamples
from hilum.records.model import CurvePoint
from hilum.trust.abstention import risk_coverage, threshold_for_accuracy
from hilum.trust.calibration import with_temperature
from hilum.trust.conformal import one_a_group, set_threshold
from hilum.trust.crossfit import FOLDS, cross_folds
from hilum.trust.measure import (
    ACCURACY,
    answer_figures,
    calibration_figures,
    cross_fit,
    outlier_figures,
    pooled_temperature,
    refused,
    set_figures,
)
from hilum.trust.outliers import held_out_scores, threshold_of

_FEW = 30  # groups
_FARTHEST = 2.0  # two vectors of unit length cannot be farther apart

_Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Trust:
    """What a model carries beside its head.

    Attributes:
        temperature: By which logits are divided.
        answer_threshold: Calibrated top probability below which the model abstains, in `[0, 1]`.
        outlier_threshold: Outlier score above which a slice is an outlier, in `[0, 2]`.
        set_threshold: Probability from which on a class is in a prediction set, in `[0, 1]`.
        curve: Threshold, coverage and risk at about 100 thresholds, ascending; the first answers everything.
        figures: What all that was worth on slices that it was not fitted on, JSON-ready; `calibration`, `answers`,
            `conformal` and `outliers` are None where nothing could be held out, and `notes` says so.
    """

    temperature: float
    answer_threshold: float
    outlier_threshold: float
    set_threshold: float
    curve: tuple[CurvePoint, ...]
    figures: dict[str, Any]


def fit_trust(
    features: NDArray[np.floating],
    labels: _Indices,
    groups: _Indices,
    held_out_logits: NDArray[np.floating],
    folds: _Indices,
    *,
    seed: int = 0,
) -> Trust:
    """Fits temperature and thresholds to held-out predictions of n development slices, and measures them.

    What is returned is fitted on all n; every figure is cross-fitted: fitted on four folds of look-alike groups,
    measured on the fifth. Repeats are pooled.

    Args:
        features: Of the frozen backbone, `[n, width]`.
        labels: The true classes, `[n]`, in `[0, k)`.
        groups: Strict look-alike groups (or given ids), `[n]`.
        held_out_logits: `[repeats, n, k]`, each slice's by a head that had not seen its group; minus infinity for a
            class that the head never saw.
        folds: Which head that was, `[repeats, n]`.
        seed: Of folds, draws and resamples.

    Raises:
        ValueError: The arrays do not fit each other, or hold what is no number.
    """
    labels, groups, folds = (np.asarray(each, np.intp) for each in (labels, groups, folds))
    logits = np.asarray(held_out_logits, np.float64)
    _check(features, labels, groups, logits, folds)
    classes = logits.shape[2]
    notes: list[str] = []

    temperature = pooled_temperature(logits, labels)
    if temperature == 1.0:
        notes.append("The held-out predictions name no temperature (all are right, or none says anything); it is 1.")
    probabilities = with_temperature(logits, temperature)
    chosen = threshold_for_accuracy(labels, probabilities, ACCURACY)
    if not chosen.reached:
        notes.append(
            f"No threshold brought the accuracy of answered slices to {ACCURACY:.0%}; the one that is kept answers "
            f"{chosen.coverage:.0%} of the slices with an accuracy of {chosen.accuracy:.0%}."
        )
    scores = _scores(features, folds[0], notes)
    outlier_threshold = _FARTHEST if scores is None else threshold_of(scores)

    many = len(np.unique(groups))
    if many < _FEW:
        notes.append(f"There are {many} groups of slices only; thresholds and figures rest on few chests.")
    fitted = cross_fit(labels, groups, logits, logits, seed)
    figures: dict[str, Any] = {
        "n": len(labels),
        "groups": many,
        "repeats": len(logits),
        "cross_folds": int(cross_folds(labels, groups, seed).max()) + 1,
        "calibration": None,
        "answers": None,
        "conformal": None,
        "outliers": None,
        "notes": notes,
    }
    if fitted is None:
        notes.append("All slices are of one group of look-alikes, so that nothing could be measured on others.")
    else:
        if figures["cross_folds"] < FOLDS:
            notes.append(f"Figures are cross-fitted over {figures['cross_folds']} folds instead of {FOLDS}.")
        weights = draw_resamples(labels, groups, seed=seed)
        figures["calibration"] = {
            "temperatures": list(fitted.temperatures),
            "before": calibration_figures(labels, with_temperature(logits, 1.0), seed),
            "after": calibration_figures(labels, fitted.probabilities, seed),
        }
        figures["answers"] = answer_figures(labels, fitted, weights)
        figures["conformal"] = set_figures(labels, groups, fitted, weights)
        above = None if scores is None else refused(labels, groups, scores, seed)
        figures["outliers"] = None if above is None else outlier_figures(labels, above, classes, weights)
    curve = risk_coverage(labels, probabilities)
    once = one_a_group(groups, np.random.default_rng(seed))
    sets = set_threshold(probabilities[:, once].reshape(-1, classes), np.tile(labels[once], len(probabilities)))
    return Trust(temperature, chosen.threshold, outlier_threshold, sets, curve, figures)


def _scores(features: NDArray[np.floating], folds: _Indices, notes: list[str]) -> NDArray[np.float32] | None:
    """Held-out outlier scores `[n]`, as well as these folds allow."""
    if len(np.unique(folds)) > 1:
        return held_out_scores(features, folds)
    if len(features) < 2:
        notes.append("There is one slice only, so that no outlier threshold could be chosen: none is refused.")
        return None
    notes.append("There is one fold only; the outlier threshold comes from each slice against all others, and is low.")
    return held_out_scores(features, np.arange(len(features)))


def _check(
    features: NDArray[np.floating],
    labels: _Indices,
    groups: _Indices,
    logits: NDArray[np.float64],
    folds: _Indices,
) -> None:
    n = len(labels)
    if logits.ndim != 3 or not len(logits) or logits.shape[1] != n or logits.shape[2] < 2 or not n:
        raise ValueError(f"held_out_logits must be [repeats, {n}, k] with k >= 2, not {list(logits.shape)}")
    if features.ndim != 2 or len(features) != n or groups.shape != (n,) or folds.shape != logits.shape[:2]:
        raise ValueError(f"features, groups and folds must be those of {n} slices and {len(logits)} repeats")
    if not np.isfinite(features).all():
        raise ValueError("features must be finite")

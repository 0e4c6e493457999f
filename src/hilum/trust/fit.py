"""The entry point: from held-out predictions to temperature, thresholds and their measured figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.records import trained as records
from hilum.records.model import CurvePoint, Thresholds
from hilum.records.trust import Calibration
from hilum.scoring.resamples import draw_resamples
from hilum.trust.abstention import risk_coverage
from hilum.trust.calibration import with_temperature
from hilum.trust.conformal import FEWEST, set_thresholds
from hilum.trust.measure import (
    FOLDS,
    answer_figures,
    calibration_figures,
    cross_fit,
    outlier_figures,
    pooled_temperature,
    refused,
    set_figures,
)
from hilum.trust.outliers import held_out_scores, threshold_of
from hilum.trust.promises import answer_threshold

_FEW = 30  # groups

_Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Trust:
    """Calibration and abstention of a model.

    Attributes:
        temperature: Divisor of the logits.
        thresholds: Calibrated top probability below which the model abstains, outlier score above which a slice is an
            outlier, and lowest probability of each class with which it is in a prediction set.
        curve: Threshold, coverage and risk at about 100 ascending thresholds; the first answers everything.
        figures: Figures measured on slices that the parameters were not fitted on.
    """

    temperature: float
    thresholds: Thresholds
    curve: tuple[CurvePoint, ...]
    figures: records.Trust


def fit_trust(
    features: NDArray[np.floating],
    labels: _Indices,
    groups: _Indices,
    held_out_logits: NDArray[np.floating],
    folds: _Indices,
    names: Sequence[str],
    *,
    seed: int = 0,
) -> Trust:
    """Fits temperature and thresholds to held-out predictions of n development slices, and measures them.

    The parameters are fitted on all n slices. Every figure is cross-fitted: fitted on four folds of look-alike groups
    and measured on the fifth. Repeats are pooled.

    Args:
        features: Features from the frozen backbone, `[n, width]`.
        labels: True classes, `[n]`, in `[0, k)`.
        groups: Strict look-alike groups (or given ids), `[n]`, two or more.
        held_out_logits: Logits by heads that had not seen the slice's group, `[repeats, n, k]`; minus infinity for a
            class that the head never saw.
        folds: Number of the head that gave the logits, `[repeats, n]`, two or more per repeat.
        names: Names of the k classes.
        seed: Random seed of folds, draws and resamples.
    """
    logits = np.asarray(held_out_logits, np.float64)
    classes = logits.shape[2]
    notes: list[str] = []

    temperature = pooled_temperature(logits, labels)
    if temperature == 1.0:
        notes.append(
            "The held-out predictions determine no temperature (all are right, or they carry no information); it is 1."
        )
    probabilities = with_temperature(logits, temperature)
    answer, promise = answer_threshold(labels, groups, probabilities, seed)
    sets = dict(zip(names, set_thresholds(probabilities, labels, groups).tolist(), strict=True))
    if always := [name for name, least in sets.items() if least == 0]:
        notes.append(
            f"Every prediction set holds {', '.join(always)}: it takes {FEWEST} groups of a class that held-out heads "
            "knew to leave it out."
        )
    scores = held_out_scores(features, folds[0])
    count = len(np.unique(groups))
    if count < _FEW:
        notes.append(f"There are only {count} groups of slices; thresholds and figures rest on few chests.")
    fitted = cross_fit(labels, groups, logits, logits, seed)
    held = fitted.sets[:, np.arange(len(labels)), labels]
    if (cross := len(fitted.temperatures)) < FOLDS:
        notes.append(f"Figures are cross-fitted over {cross} folds instead of {FOLDS}.")
    resamples = draw_resamples(labels, groups, seed=seed, refitted=True)
    above = refused(labels, groups, scores, seed)
    figures = records.Trust(
        n=len(labels),
        groups=count,
        repeats=len(logits),
        cross_folds=cross,
        calibration=Calibration(
            temperatures=fitted.temperatures,
            before=calibration_figures(labels, with_temperature(logits, 1.0), seed),
            after=calibration_figures(labels, fitted.probabilities, seed),
        ),
        answers=answer_figures(labels, groups, fitted.probabilities, fitted.answered, fitted.mostly, resamples),
        conformal=set_figures(labels, classes, groups, fitted.sets, held, resamples),
        outliers=outlier_figures(labels, above, classes, resamples),
        notes=tuple(notes),
    )
    thresholds = Thresholds(answer=answer, outlier=threshold_of(scores), set=sets, promise=promise)
    return Trust(temperature, thresholds, risk_coverage(labels, probabilities), figures)

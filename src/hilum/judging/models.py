"""Models whose predictions were made elsewhere, in the form that scoring takes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hilum.audit.groups import labels_conflict
from hilum.comparison.result import ScoredModel, Scores
from hilum.heads.side_by_side import side_by_side
from hilum.judging.given import Given
from hilum.judging.plans import Protocols
from hilum.records.calibration import MeasuredCalibration
from hilum.records.figures import Figures
from hilum.scoring.intervals import Scored, plain_figures
from hilum.scoring.protocols import Protocol, Slices
from hilum.scoring.scoring import Predictions, scored_as
from hilum.slices.table import SliceTable
from hilum.text import spelt
from hilum.trust.calibration import measured_calibration


def as_read(slices: Slices, table: SliceTable, given: Given) -> Slices:
    """The slices in the classes of the predictions; -1 is the label of a slice of another class."""
    numbers = {name: number for number, name in enumerate(given.reading.classes)}
    labels = np.array([numbers.get(given.reading.folder.get(row.label, ""), -1) for row in table.rows], np.intp)
    conflicting = labels_conflict(labels, slices.same_slice)
    return replace(slices, labels=labels, conflicting=conflicting, classes=given.reading.classes)


def models_of(given: Given, protocols: Protocols, slices: Slices, negative: str | None) -> tuple[ScoredModel, ...]:
    """Every model with its predictions, and its figures on valid if it has rows of it."""
    valid: dict[str, Figures[float | None]] = {}
    for of in given.valid:
        if len(known := np.flatnonzero(slices.labels[of.rows] >= 0)):
            folds = None if of.folds is None else of.folds[:, known]
            labels, shares = slices.labels[of.rows[known]], of.probabilities[:, known]
            scored = Scored(labels, shares, known, folds, given.classes_only)
            valid[of.model] = plain_figures(scored, slices.classes, negative)
    return tuple(
        ScoredModel(name=name, title=spelt(name), valid=valid.get(name), predictions=found)
        for name, found in protocols.predictions.items()
    )


def best_model(
    models: Sequence[ScoredModel], headline: Protocol, slices: Slices, negative: str | None
) -> tuple[str, bool]:
    """The name of the best model, and whether it was chosen on valid; else its headline figure is the highest.

    Of equals it is the one with the lowest loss, as in a comparison.
    """
    figures = {of.name: of.valid for of in models if of.valid is not None}
    on_valid = len(figures) == len(models)
    if not on_valid:
        ran = {of.name: scored_as(of.predictions[headline], slices) for of in models if headline in of.predictions}
        figures = {name: plain_figures(of, slices.classes, negative) for name, of in ran.items()}
    return min(figures, key=lambda name: figures[name].rank), on_valid


def calibrated(scores: Scores, models: Sequence[ScoredModel], slices: Slices, seed: int) -> Scores:
    """The scores with the calibration of each model's first repeat; classes alone have none."""
    jobs = [
        (name, of.name, of.predictions[name])
        for name in scores.figures
        for of in models
        if name in of.predictions and not of.predictions[name].classes_only
    ]

    def measured(job: tuple[Protocol, str, Predictions]) -> MeasuredCalibration:
        return measured_calibration(slices.labels[job[2].plan.scored], job[2].probabilities[0], seed)

    figures = {name: dict(of) for name, of in scores.figures.items()}
    for (name, model, _), calibration in zip(jobs, side_by_side(measured, jobs), strict=True):
        figures[name][model] = figures[name][model].model_copy(update={"calibration": calibration})
    return replace(scores, figures=figures)

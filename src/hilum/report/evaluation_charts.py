"""The figures of an evaluation."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.records.evaluation import EvaluationRecord
from hilum.report.evaluation import FIGURES
from hilum.report.figures import confusion_figure
from hilum.report.roc import Side, draw_roc
from hilum.report.style import BLUE, empty_figure, styled
from hilum.report.trust import draw_bins, draw_reliability, draw_risk
from hilum.report.words import number, readable

_Labels = NDArray[np.intp]
_Probabilities = NDArray[np.float64]


def charts(record: EvaluationRecord, labels: _Labels, probabilities: _Probabilities) -> dict[str, Figure]:
    """Every figure of an evaluation by name; `roc` is missing if all slices are of one class.

    Args:
        record: The contents of `metrics.json`.
        labels: True classes of the slices that were scored, `[n]`.
        probabilities: Probabilities of the classes, `[n, classes]`.
    """
    drawn = {name: _chart(record, name, labels, probabilities) for name in FIGURES}
    return {name: figure for name, figure in drawn.items() if figure is not None}


def chart(record: EvaluationRecord, name: str, labels: _Labels, probabilities: _Probabilities) -> Figure:
    """One figure of `charts`.

    Raises:
        HilumError: There are no ROC curves, because all slices are of one class.
    """
    figure = _chart(record, name, labels, probabilities)
    if figure is None:
        raise HilumError("There is no ROC curve: all slices that were scored are of one class.")
    return figure


def _chart(record: EvaluationRecord, name: str, labels: _Labels, probabilities: _Probabilities) -> Figure | None:
    title = f"{record.model.name} on {record.data.folder}"
    if name == "confusion":
        return confusion_figure(record, record.classes, record.figures.confusion, title)
    if name == "roc":
        return draw_roc(record, _sides(record, labels, probabilities), title)
    return _calibration(record) if name == "calibration" else _risk(record)


def _sides(record: EvaluationRecord, labels: _Labels, probabilities: _Probabilities) -> Iterator[Side]:
    """Cancer against the negative class, if there is one, then each other class against the rest."""
    negative = record.figures.binary.negative if record.figures.binary else None
    for place, name in enumerate(record.classes):
        if name == negative:
            yield f"cancer against {readable(name)}", labels != place, 1 - probabilities[:, place]
    if negative and len(record.classes) == 2:
        return  # the other class is the same curve
    for place, name in enumerate(record.classes):
        if name != negative:
            yield readable(name), labels == place, probabilities[:, place]


@styled()
def _calibration(record: EvaluationRecord) -> Figure:
    found = record.calibration
    figure = empty_figure(record, 3.2)
    axes = figure.subplots()
    draw_reliability(axes)
    low, high = map(number, found.band)
    draw_bins(axes, found.bins, BLUE, "o", f"error {found.error:.3f}; by chance\nalone {low} to {high}")
    axes.legend(loc="lower right")
    return figure


@styled()
def _risk(record: EvaluationRecord) -> Figure:
    figure = empty_figure(record, 2.4)
    draw_risk(figure.subplots(), record.risk_coverage)
    return figure

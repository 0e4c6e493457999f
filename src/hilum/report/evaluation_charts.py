"""The figures of an evaluation."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.records.evaluation import EvaluationRecord
from hilum.report.evaluation import FIGURES
from hilum.report.figures import confusion_figure
from hilum.report.roc import draw_roc, sides
from hilum.report.style import BLUE, empty_figure, styled
from hilum.report.trust import draw_bins, draw_reliability, draw_risk
from hilum.report.words import number

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
    title = f"{record.model.shown} on {record.data.folder}"
    if name == "confusion":
        return confusion_figure(record, record.classes, record.figures.confusion, title)
    if name == "roc":
        negative = record.figures.binary.negative if record.figures.binary else None
        return draw_roc(record, sides(record.classes, negative, labels, probabilities), title)
    return _calibration(record) if name == "calibration" else _risk(record)


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

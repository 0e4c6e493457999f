"""The figure of a model's calibration and of its risk against coverage."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from hilum.records.trained import TrainedRecord
from hilum.records.trust import Calibration, RiskPoint
from hilum.report.style import BLUE, GREY, PALE, empty_figure, png, styled


def trust_png(record: TrainedRecord) -> bytes | None:
    """Draws the reliability diagram before and after calibration, and risk against coverage.

    Args:
        record: The contents of `model.json`.

    Returns:
        A PNG, or None if nothing could be measured.
    """
    calibration, answers = record.trust.calibration, record.trust.answers
    if not calibration or not answers:
        return None
    with styled():
        figure = empty_figure(record, 4.2, 8.4)
        left, right = figure.subplots(1, 2)
        _reliability(left, calibration)
        _risk(right, answers.risk_coverage)
    return png(figure)


def _reliability(axes: Axes, calibration: Calibration) -> None:
    axes.plot([0, 1], [0, 1], color=PALE, zorder=0)
    for figures, colour, marker, label in (
        (calibration.before, GREY, "s", "as the head gives it"),
        (calibration.after, BLUE, "o", "with temperature"),
    ):
        axes.plot(
            [one.confidence for one in figures.bins],
            [one.accuracy for one in figures.bins],
            f"{marker}-",
            color=colour,
            label=f"{label}: error {figures.error:.3f}",
        )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="mean top probability", ylabel="share right", aspect="equal")
    axes.set_title("Reliability, ten bins of equal size")
    axes.legend(loc="lower right", fontsize=9)


def _risk(axes: Axes, curve: Sequence[RiskPoint]) -> None:
    risks = [point.risk for point in curve]
    # An unknown figure becomes NaN, which is not drawn.
    values, low, high = np.array([(risk.value, risk.low, risk.high) for risk in risks], np.float64).T
    coverage = [point.coverage for point in curve]
    axes.fill_between(coverage, low, high, color=PALE, linewidth=0, label="95 % interval")
    axes.plot(coverage, values, "o-", color=BLUE, label="wrong among answered")
    axes.set(xlim=(0, 1.02), ylim=(0, None), xlabel="share of slices answered", ylabel="share wrong")
    axes.set_title("Risk against coverage")
    axes.legend(loc="upper left", fontsize=9)

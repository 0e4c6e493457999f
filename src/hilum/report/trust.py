"""The figures of calibration and of risk against coverage."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from hilum.records.calibration import Bin
from hilum.records.trained import TrainedRecord
from hilum.records.trust import RiskPoint
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
        figure = empty_figure(record, 5.0)
        above, below = figure.subplots(2, 1, height_ratios=[3, 2])
        draw_reliability(above)
        for figures, colour, marker, label in (
            (calibration.before, GREY, "s", "as the head gives it"),
            (calibration.after, BLUE, "o", "with temperature"),
        ):
            draw_bins(above, figures.bins, colour, marker, f"{label}: error {figures.error:.3f}")
        above.legend(loc="lower right")
        draw_risk(below, answers.risk_coverage)
    return png(figure)


def draw_reliability(axes: Axes) -> None:
    """An empty reliability diagram with the line of perfect calibration."""
    axes.plot([0, 1], [0, 1], color=PALE, zorder=0)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="mean top probability", ylabel="share right", aspect="equal")
    axes.set_title("Reliability, ten bins of equal size")


def draw_bins(axes: Axes, bins: Sequence[Bin], colour: str, marker: str, label: str) -> None:
    """The bins of one model as a line of a reliability diagram."""
    confidences, accuracies = [one.confidence for one in bins], [one.accuracy for one in bins]
    axes.plot(confidences, accuracies, color=colour, marker=marker, label=label)


def draw_risk(axes: Axes, curve: Sequence[RiskPoint]) -> None:
    """The share of wrong answers, with its interval, against the share of slices answered."""
    risks = [point.risk for point in curve]
    # An unknown figure becomes NaN, which is not drawn.
    values, low, high = np.array([(risk.value, risk.low, risk.high) for risk in risks], np.float64).T
    coverage = [point.coverage for point in curve]
    axes.fill_between(coverage, low, high, color=PALE, linewidth=0, label="95 % interval")
    axes.plot(coverage, values, color=BLUE, marker="o", ms=3, label="wrong among answered")
    top = min(1.02, 1.3 * axes.get_ylim()[1])  # room for the legend, as far as shares go
    axes.set(xlim=(0, 1.02), ylim=(0, top), xlabel="share of slices answered", ylabel="share wrong")
    axes.set_title("Risk against coverage")
    axes.legend(loc="best")

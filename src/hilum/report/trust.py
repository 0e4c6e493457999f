"""The picture of how far a model's answers can be trusted."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from hilum.report.style import BLUE, GREY, PALE, empty_figure, png, styled


def trust_png(record: Mapping[str, Any]) -> bytes | None:
    """Draws the reliability diagram before and after calibration, and risk against coverage.

    Args:
        record: The contents of `model.json`; every figure in it was measured on groups that the fit had not seen.

    Returns:
        A PNG, or None where nothing could be measured.
    """
    calibration, answers = record["trust"]["calibration"], record["trust"]["answers"]
    if not calibration or not answers:
        return None
    with styled():
        figure = empty_figure(record, 4.2, 8.4)
        left, right = figure.subplots(1, 2)
        _reliability(left, calibration)
        _risk(right, answers["risk_coverage"])
    return png(figure)


def _reliability(axes: Axes, calibration: Mapping[str, Any]) -> None:
    axes.plot([0, 1], [0, 1], color=PALE, zorder=0)
    for when, colour, marker, label in (
        ("before", GREY, "s", "as the head gives it"),
        ("after", BLUE, "o", "with temperature"),
    ):
        bins = calibration[when]["bins"]
        error = calibration[when]["error"]
        axes.plot(
            [one["confidence"] for one in bins],
            [one["accuracy"] for one in bins],
            f"{marker}-",
            color=colour,
            label=f"{label}: error {error:.3f}",
        )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="mean top probability", ylabel="share right", aspect="equal")
    axes.set_title("Reliability, ten bins of equal size")
    axes.legend(loc="lower right", fontsize=9)


def _risk(axes: Axes, curve: list[Mapping[str, Any]]) -> None:
    known = [point for point in curve if point["risk"]["value"] is not None]
    coverage = [point["coverage"] for point in known]
    low, high = (
        [point["risk"]["value"] if point["risk"][end] is None else point["risk"][end] for point in known]
        for end in ("low", "high")
    )
    axes.fill_between(coverage, low, high, color=PALE, linewidth=0, label="95 % interval")
    axes.plot(coverage, [point["risk"]["value"] for point in known], "o-", color=BLUE, label="wrong among answered")
    axes.set(xlim=(0, 1.02), ylim=(0, None), xlabel="share of slices answered", ylabel="share wrong")
    axes.set_title("Risk against coverage")
    axes.legend(loc="upper left", fontsize=9)

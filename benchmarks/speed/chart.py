"""The chart: what hilum takes beside its forward passes, how many times longer others take, and growth."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from hilum.backbones.zoo import backbone
from hilum.report.style import BLUE, COLOURS, GREY, MARKERS, VERMILION, Chart, styled
from speed.table import BUSY, Row

_BARS = {  # rows of the first panel, and what their bars are called
    "features alone": "features alone",
    "features alone, networks converted": "features, converted before",
    "hilum compare, cold": "whole comparison",
    "hilum predict": "predict",
}


@styled()
def chart(rows: Sequence[Row], facts: Mapping[str, str]) -> Chart:
    """A panel for each of the three that has rows, and a caption that names the machine."""
    ratios = [one for one in rows if one.what in _BARS and one.ratio and one.goal]
    others = [one for one in rows if one.part == "rivals" and one.ratio]
    growth = [one for one in rows if one.part == "growth" and one.unit == "s"]
    bar = 0.17  # inches
    panels = [
        (0.5 + bar * len(ratios), _passes, ratios),
        (0.5 + bar * len(others), _rivals, others),
        (2.1, _growth, growth),
    ]
    panels = [panel for panel in panels if panel[2]]
    heights = [height for height, _, _ in panels]
    caption = textwrap.fill(_caption(rows, facts), 80)
    figure = Chart(sum(heights) + 0.12 * len(caption.splitlines()))
    if panels:
        axes = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)[:, 0]
        for one, (_, draw, shown) in zip(axes, panels, strict=True):
            draw(one, shown)
    figure.supxlabel(caption, fontsize=6, color=GREY, x=0.01, ha="left")
    return figure


def _passes(axes: Axes, rows: Sequence[Row]) -> None:
    _bars(axes, rows, [_BARS[one.what] for one in rows])
    axes.set_title("Time, in bare forward passes", fontweight="bold")


def _rivals(axes: Axes, rows: Sequence[Row]) -> None:
    _bars(axes, rows, [f"{backbone(one.case).title}, {one.what.split(':')[0]}" for one in rows])
    _log(axes.set_xscale, axes.xaxis)
    axes.set_xlim(left=min([0.5, *(one.ratio or 1 for one in rows)]))
    axes.set_title("Reading, features and head:\ntime, in hilum's", fontweight="bold")


def _bars(axes: Axes, rows: Sequence[Row], names: Sequence[str]) -> None:
    """A bar a row, blue where its goal is met; a grey tick is the goal."""
    places = np.arange(len(rows))[::-1]
    for place, one in zip(places, rows, strict=True):
        axes.barh(place, one.ratio, color=BLUE if one.met == "yes" else VERMILION, height=0.6)
        goal = float(one.goal.split()[-1])
        axes.plot([goal, goal], [place - 0.4, place + 0.4], color="black")
        axes.text(max(one.ratio or 0, goal), place, f"  {one.ratio:.3g}", va="center")
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.15)


def _growth(axes: Axes, rows: Sequence[Row]) -> None:
    """Seconds against the number of slices, a line a step."""
    names = list(dict.fromkeys(one.what for one in rows))
    for name, colour, marker in zip(names, cycle(COLOURS), cycle(MARKERS), strict=False):
        line = [(int(one.case.replace(",", "")), one.value) for one in rows if one.what == name]
        axes.plot(*zip(*line, strict=True), color=colour, marker=marker, ms=3, label=name)
    axes.set_xscale("log")
    _log(axes.set_yscale, axes.yaxis)
    counts = sorted({int(one.case.replace(",", "")) for one in rows})
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("slices")
    axes.set_ylabel("seconds")
    axes.set_title("Growth", fontweight="bold")
    if names:
        axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.4, -0.25))


def _log(scale: Callable[[str], None], axis: Axis) -> None:
    """A logarithmic axis with plain numbers."""
    scale("log")
    axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_locator(NullLocator())


def _caption(rows: Sequence[Row], facts: Mapping[str, str]) -> str:
    busy = sum(one.machine == BUSY for one in rows)
    quiet = f"{busy} of {len(rows)} rows on a busy machine." if busy else "The machine was quiet."
    return (
        f"Blue: goal met; red: missed; black ticks: goals. {facts['processor']} ({facts['instruction sets']}), "
        f"{facts['cores']} cores, {facts['memory']}; {facts['versions']}. Slices: {facts['slices']}; "
        f"weights: {facts['weights']}. {quiet}"
    )

"""Charts of the scores by protocol and by similarity."""

import math
from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from hilum.records.audit import AuditRecord, GroupPoint
from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.records.figures import Estimate
from hilum.report.leaderboard import star
from hilum.report.scores import floor_beside
from hilum.report.style import BLUE, COLOURS, GREY, MARKERS, PALE, VERMILION, empty_figure, styled
from hilum.report.words import macro_f1, short_title
from hilum.scoring.protocols import FOLDS

LABEL = 48  # letters of a name that fit below a figure


@styled()
def protocols_chart(record: ComparisonRecord) -> Figure:
    """Macro-F1 of each model under each protocol with its interval, the highest floor as a bar; strict is shaded."""
    protocols, models = record.protocols, record.ranked
    figure = empty_figure(record, 2.15)
    axes = figure.subplots()
    step = 0.76 / len(models)  # between models of one protocol, whose places are 1 apart
    floored = False
    for number, (model, (colour, marker)) in enumerate(zip(models, _marks(), strict=False)):
        places = np.arange(len(protocols)) + step * (number - (len(models) - 1) / 2)
        # An unknown figure becomes NaN, which is not drawn.
        values, lows, highs = _spans([macro_f1(model, protocol.name) for protocol in protocols])
        axes.plot([places, places], [lows, highs], color=colour)
        size = 4 if len(models) < 6 else 2.5
        axes.plot(places, values, color=colour, marker=marker, ms=size, ls="", label=starred(model, record))
        floors = [floor_beside(record, model, protocol.name) for protocol in protocols]
        floored |= any(floors)
        beneath = _spans([floor and floor[1] for floor in floors])[0]
        axes.hlines(beneath, places - 0.45 * step, places + 0.45 * step, color=colour, lw=1.3)
    for place, protocol in enumerate(protocols):
        if protocol.name == record.headline:
            axes.axvspan(place - 0.5, place + 0.5, color=PALE, alpha=0.45, lw=0, zorder=0)
    axes.set_xticks(range(len(protocols)), [protocol.title.replace(" ", "\n", 1) for protocol in protocols])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.5, len(protocols) - 0.5)
    axes.set_ylabel("macro-F1")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    handles, labels = axes.get_legend_handles_labels()
    keys = {"95 % interval": "|", **({"its highest floor": "_"} if floored else {})}
    marks = [Line2D([], [], color=GREY, marker=mark, ms=8, mew=1.2, ls="") for mark in keys.values()]
    _legend(figure, [*handles, *marks], [*labels, *keys])
    return figure


@styled()
def similarity_chart(record: ComparisonRecord) -> Figure:
    """Macro-F1 of each model against the similarity above which slices are joined, and the groups that result."""
    points, models = record.curve, record.ranked
    figure = empty_figure(record, 3.5)
    scores, groups, largest = figure.subplots(3, 1, sharex=True, height_ratios=[2.4, 1, 1])
    for model, (colour, marker) in zip(models, _marks(), strict=False):
        if line := [(point.similarity, point.scores[model.name]) for point in points if model.name in point.scores]:
            _band(scores, line, colour, marker, short_title(model, record))
    for point in points:
        if (folds := point.folds or FOLDS) < FOLDS:
            above = scores.get_xaxis_transform()
            scores.text(point.similarity, 0.02, f"{folds} folds", transform=above, ha="center", color=GREY)
    scores.set_ylabel("macro-F1")
    scores.yaxis.set_major_locator(MaxNLocator(nbins=5))
    _groups(groups, largest, points)
    handles, labels = scores.get_legend_handles_labels()
    if handles:
        _legend(figure, handles, labels)
    return figure


@styled()
def groups_chart(record: AuditRecord, points: Sequence[GroupPoint]) -> Figure:
    """The number of groups and the size of the largest, against the similarity above which slices are joined."""
    figure = empty_figure(record, 2.35)
    groups, largest = figure.subplots(2, 1, sharex=True)
    _groups(groups, largest, points)
    return figure


def _groups(groups: Axes, largest: Axes, points: Sequence[GroupPoint]) -> None:
    similarities = [point.similarity for point in points]
    for axes, counts, colour, name in (
        (groups, [point.groups for point in points], BLUE, "groups"),
        (largest, [point.largest for point in points], VERMILION, "slices in\nthe largest"),
    ):
        axes.plot(similarities, counts, color=colour, marker="o", ms=2.5)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(name)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    largest.xaxis.set_major_locator(MultipleLocator(0.05))
    largest.set_xlabel("correlation above which slices are joined")


def _marks() -> Iterator[tuple[str, str]]:
    """A colour and a marker for each model, the first 49 all different."""
    for number in count():
        turn, place = divmod(number, len(COLOURS))
        yield COLOURS[place], MARKERS[(place + turn) % len(MARKERS)]


def _legend(figure: Figure, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """Puts a legend below a figure, which grows by its height; long names stand in one column and may be cut."""
    cut = [label if len(label) <= LABEL else f"{label[: LABEL - 1]}…" for label in labels]
    columns = 1 if max(map(len, cut)) > LABEL // 2 else 2
    figure.set_figheight(figure.get_figheight() + 0.16 * math.ceil(len(cut) / columns))
    figure.legend(handles, cut, loc="outside lower center", ncols=columns)


def _spans(figures: Sequence[Estimate | None]) -> NDArray[np.float64]:
    """Values, low and high ends, `[3, n]`; NaN where they are not known."""
    return np.array([(of.value, of.low, of.high) if of else (None,) * 3 for of in figures], np.float64).T


def _band(axes: Axes, line: list[tuple[float, Estimate]], colour: str, marker: str, title: str) -> None:
    values, lows, highs = _spans([of for _, of in line])
    similarities = [similarity for similarity, _ in line]
    axes.plot(similarities, values, color=colour, marker=marker, ms=3, label=title)
    axes.fill_between(similarities, lows, highs, color=colour, alpha=0.12, lw=0)


def starred(model: ComparedModel, record: ComparisonRecord) -> str:
    """A model's title on an axis, with a star for the best."""
    return f"{'★ ' if model.name == record.best and star(record) else ''}{short_title(model, record)}"

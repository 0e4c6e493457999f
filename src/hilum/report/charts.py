"""Charts of the scores by protocol and by similarity."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from hilum.records.audit import AuditRecord, GroupPoint
from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.records.figures import Estimate, highest_floor
from hilum.report.style import BLUE, COLOURS, GREY, MARKERS, VERMILION, empty_figure, styled
from hilum.report.words import macro_f1, short_title
from hilum.scoring.protocols import FOLDS


@styled()
def protocols_chart(record: ComparisonRecord) -> Figure:
    """Each model's macro-F1 with its interval, in a panel for each protocol, and the highest floor as a grey line."""
    protocols, models = record.protocols, record.ranked
    figure = empty_figure(record, 0.9 + len(protocols) * (0.5 + 0.24 * len(models)))
    panels = figure.subplots(len(protocols), 1, sharex=True, squeeze=False)[:, 0]
    places = np.arange(len(models))[::-1]
    for axes, protocol in zip(panels, protocols, strict=True):
        for place, model in zip(places, models, strict=True):
            colour = BLUE if model.name == record.best else GREY
            _bar(axes, place, macro_f1(model, protocol.name), colour)
        if floor := highest_floor(record.audit.floors.get(protocol.name, {})):
            axes.axvline(floor[1].value, color=GREY, ls="--", lw=1.2, zorder=0, label="highest floor")
        axes.set_yticks(places, [starred(model, record) for model in models])
        axes.set_ylim(-0.6, len(models) - 0.4)
        axes.tick_params(axis="y", length=0)
        axes.set_title(protocol.title, fontweight="bold")
    panels[-1].set_xlim(0, 1.02)
    panels[-1].set_xlabel("macro-F1, with 95% interval")
    for axes in panels:
        handles, labels = axes.get_legend_handles_labels()
        if handles and not figure.legends:
            figure.legend(handles, labels, loc="outside lower center")
    return figure


@styled()
def similarity_chart(record: ComparisonRecord) -> Figure:
    """Macro-F1 of each model against the similarity above which slices are joined, and the groups that result."""
    points, models = record.curve, record.ranked
    figure = empty_figure(record, 5.4 + 0.25 * ((len(models) + 1) // 2))
    scores, groups, largest = figure.subplots(3, 1, sharex=True, height_ratios=[2.4, 1, 1])
    for model, colour, marker in zip(models, cycle(COLOURS), cycle(MARKERS), strict=False):
        if line := [(point.similarity, point.scores[model.name]) for point in points if model.name in point.scores]:
            _band(scores, line, colour, marker, short_title(model, record))
    for point in points:
        if (folds := point.folds or FOLDS) < FOLDS:
            above = scores.get_xaxis_transform()
            scores.text(point.similarity, 0.02, f"{folds} folds", transform=above, ha="center", fontsize=9, color=GREY)
    scores.set_ylabel("macro-F1")
    scores.yaxis.set_major_locator(MaxNLocator(nbins=5))
    _groups(groups, largest, points)
    handles, labels = scores.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


@styled()
def groups_chart(record: AuditRecord, points: Sequence[GroupPoint]) -> Figure:
    """The number of groups and the size of the largest, against the similarity above which slices are joined."""
    figure = empty_figure(record, 3.6)
    groups, largest = figure.subplots(2, 1, sharex=True)
    _groups(groups, largest, points)
    return figure


def _groups(groups: Axes, largest: Axes, points: Sequence[GroupPoint]) -> None:
    similarities = [point.similarity for point in points]
    for axes, counts, colour, name in (
        (groups, [point.groups for point in points], BLUE, "groups"),
        (largest, [point.largest for point in points], VERMILION, "slices in\nthe largest"),
    ):
        axes.plot(similarities, counts, color=colour, marker="o", ms=4)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(name)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    largest.xaxis.set_major_locator(MultipleLocator(0.05))
    largest.set_xlabel("correlation above which slices are joined")


def _bar(axes: Axes, place: int, score: Estimate | None, colour: str) -> None:
    if score is None:
        axes.text(0.01, place, "not run", va="center", color=GREY, fontsize=9)
        return
    value, *ends = np.array([score.value, score.low, score.high], np.float64)  # NaN if not known
    axes.plot(ends, [place, place], color=colour, lw=2)
    axes.plot([value], [place], color=colour, marker="o", ms=6, ls="")


def _band(axes: Axes, line: list[tuple[float, Estimate]], colour: str, marker: str, title: str) -> None:
    # An unknown figure becomes NaN, which is not drawn.
    values, lows, highs = np.array([(of.value, of.low, of.high) for _, of in line], np.float64).T
    similarities = [similarity for similarity, _ in line]
    axes.plot(similarities, values, color=colour, marker=marker, ms=5, lw=1.4, label=title)
    axes.fill_between(similarities, lows, highs, color=colour, alpha=0.12, lw=0)


def starred(model: ComparedModel, record: ComparisonRecord) -> str:
    """A model's title on an axis, with a star for the best."""
    return f"{'★ ' if model.name == record.best else ''}{short_title(model, record)}"

"""The charts of what the scores are worth."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from hilum.evaluation.protocols import FOLDS
from hilum.records.audit import AuditRecord, GroupPoint
from hilum.records.comparison import Compared, ComparisonRecord
from hilum.records.figures import Estimate, highest_floor
from hilum.report.style import BLUE, COLOURS, GREY, MARKERS, VERMILION, empty_figure, styled
from hilum.report.words import macro_f1, short_title


@styled()
def protocols_chart(record: ComparisonRecord) -> Figure:
    """Each model's macro-F1 with its interval, a panel a protocol, and the highest floor as a grey line."""
    protocols, models = record.protocols, record.ranked
    figure = empty_figure(record, 0.9 + len(protocols) * (0.5 + 0.24 * len(models)))
    panels = figure.subplots(len(protocols), 1, sharex=True, squeeze=False)[:, 0]
    places = [len(models) - 1 - place for place in range(len(models))]
    for axes, protocol in zip(panels, protocols, strict=True):
        for place, model in zip(places, models, strict=True):
            colour = BLUE if model.name == record.best else GREY
            _bar(axes, place, macro_f1(model, protocol.name), colour)
        if floor := highest_floor(record.audit.floors.get(protocol.name, {})):
            axes.axvline(floor[1].value, color=GREY, ls="--", lw=1.2, zorder=0, label="highest floor")
        axes.set_yticks(places, [_starred(model, record) for model in models])
        axes.set_ylim(-0.6, len(models) - 0.4)
        axes.tick_params(axis="y", length=0)
        axes.set_title(protocol.title, fontweight="bold")
    panels[-1].set_xlim(0, 1.02)
    panels[-1].set_xlabel("macro-F1, with 95% interval")
    handles = {
        label: handle for axes in panels for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    if handles:
        figure.legend(list(handles.values()), list(handles), loc="outside lower center")
    return figure


@styled()
def strength_chart(record: ComparisonRecord) -> Figure:
    """Macro-F1 of each model against the strength at which slices are joined, above the groups that it makes."""
    points, models = record.curve, record.ranked
    figure = empty_figure(record, 5.4 + 0.25 * ((len(models) + 1) // 2))
    scores, groups, largest = figure.subplots(3, 1, sharex=True, height_ratios=[2.4, 1, 1])
    for place, model in enumerate(models):
        line = [(point.strength, point.scores[model.name]) for point in points if model.name in point.scores]
        if line:
            _band(
                scores, line, COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)], short_title(model, record)
            )
    for point in points:
        if (folds := point.folds or FOLDS) < FOLDS:
            scores.annotate(
                f"{folds} folds",
                (point.strength, 0.02),
                xycoords=("data", "axes fraction"),
                ha="center",
                fontsize=9,
                color=GREY,
            )
    scores.set_ylabel("macro-F1")
    scores.yaxis.set_major_locator(MaxNLocator(nbins=5))
    _groups(groups, largest, points)
    handles, labels = scores.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


@styled()
def groups_chart(record: AuditRecord, points: Sequence[GroupPoint]) -> Figure:
    """How many groups slices make, and how large the largest is, against the strength at which they are joined."""
    figure = empty_figure(record, 3.6)
    groups, largest = figure.subplots(2, 1, sharex=True)
    _groups(groups, largest, points)
    return figure


def _groups(groups: Axes, largest: Axes, points: Sequence[GroupPoint]) -> None:
    strengths = [point.strength for point in points]
    for axes, counts, colour, name in (
        (groups, [point.groups for point in points], BLUE, "groups"),
        (largest, [point.largest for point in points], VERMILION, "slices in\nthe largest"),
    ):
        axes.plot(strengths, counts, color=colour, marker="o", ms=4)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(name)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    largest.xaxis.set_major_locator(MultipleLocator(0.05))
    largest.set_xlabel("correlation above which slices are joined")


def _bar(axes: Axes, place: int, score: Estimate | None, colour: str) -> None:
    if score is None or score.value is None:
        axes.text(0.01, place, "not run", va="center", color=GREY, fontsize=9)
        return
    if score.low is not None and score.high is not None:
        axes.plot([score.low, score.high], [place, place], color=colour, lw=2)
    axes.plot([score.value], [place], color=colour, marker="o", ms=6, ls="")


def _band(axes: Axes, line: list[tuple[float, Estimate]], colour: str, marker: str, title: str) -> None:
    # A figure that is not known is NaN to NumPy, of which nothing is drawn.
    values, lows, highs = np.array([(of.value, of.low, of.high) for _, of in line], np.float64).T
    strengths = [strength for strength, _ in line]
    axes.plot(strengths, values, color=colour, marker=marker, ms=5, lw=1.4, label=title)
    axes.fill_between(strengths, lows, highs, color=colour, alpha=0.12, lw=0)


def _starred(model: Compared, record: ComparisonRecord) -> str:
    title = short_title(model, record)
    return f"★ {title}" if model.name == record.best else title

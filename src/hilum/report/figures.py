"""The figures of a comparison. The same record gives the same bytes."""

import re
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from hilum.progress import Tracker, silent
from hilum.records.base import Record
from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.report.charts import protocols_chart, similarity_chart, starred
from hilum.report.judged import no_figure
from hilum.report.roc import roc_chart
from hilum.report.scores import where
from hilum.report.style import BLUE, GREY, PALE, VERMILION, empty_figure, styled, write_figures
from hilum.report.words import number, readable, short_title

_LONGEST = 100  # letters of a name; predictions that were made elsewhere may come with any


def draw_figures(
    record: ComparisonRecord, history: pd.DataFrame, probabilities: pd.DataFrame, folder: Path, track: Tracker = silent
) -> dict[str, bytes]:
    """Draws every figure of a comparison and writes it as SVG, PDF and PNG.

    Args:
        record: The contents of `metrics.json`.
        history: The rows of `history.csv`.
        probabilities: The rows of `predictions.parquet`.
        folder: Folder for the files, made if it does not exist.
        track: Progress display.

    Returns:
        The SVG of each figure, by name.
    """
    return write_figures(charts(record, history, probabilities), folder, track)


def charts(record: ComparisonRecord, history: pd.DataFrame, probabilities: pd.DataFrame) -> dict[str, Figure]:
    """Every figure of a comparison, by name.

    These are `curves`, `models`, one for each model that ran (`confusion_names`), `protocols`, `roc` of the best model
    unless it is scored on one class only, and `similarity` if the record has a curve. Predictions that were made
    elsewhere have no `curves`, no `models` and, without probabilities, no `roc`.
    """
    models = record.ranked
    figures: dict[str, Figure] = {}
    if record.judged is None:
        figures |= {"curves": curves_chart(record, history, models), "models": models_chart(record)}
    names = confusion_names(record)
    figures |= {names[model.name]: confusion_chart(record, model) for model in models}
    figures["protocols"] = protocols_chart(record)
    if not no_figure(record, "roc") and (roc := roc_chart(record, probabilities, record.best_model)):
        figures["roc"] = roc
    if record.curve:
        figures["similarity"] = similarity_chart(record)
    return figures


def confusion_names(record: ComparisonRecord) -> dict[str, str]:
    """The name of each model's confusion matrix; names that would be one file, on any system, get a number."""
    names: dict[str, str] = {}
    for model in record.ranked:
        taken, name = {other.casefold() for other in names.values()}, f"confusion-{safe_name(model.name)}"
        every = chain([name], (f"{name}-{number}" for number in count(2)))
        names[model.name] = next(one for one in every if one.casefold() not in taken)
    return names


def safe_name(model: str) -> str:
    """A model's name as part of a file name: `timm-resnet10t` for `timm:resnet10t`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", model)[:_LONGEST]


@styled()
def curves_chart(record: ComparisonRecord, history: pd.DataFrame, models: Sequence[ComparedModel]) -> Figure:
    """Loss and accuracy by epoch or strength of the penalty, in a row for each model; ensembles have none."""
    models = [model for model in models if model.name in set(history["model"])]
    figure = empty_figure(record, 0.36 + 1.3 * len(models))
    if not models:
        return figure
    rows = figure.subplots(len(models), 2, squeeze=False)
    for model, (loss, accuracy) in zip(models, rows, strict=True):
        steps = history[history["model"] == model.name].sort_values("epoch")
        for axes, what in ((loss, "loss"), (accuracy, "accuracy")):
            _curve(axes, steps, what, model.best_epoch)
            axes.set_title(model.title if what == "loss" else "", fontweight="bold")
        accuracy.set_ylim(0, 1.03)
        accuracy.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])
        loss.set_ylim(bottom=0)
    handles, labels = rows[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, columnspacing=1.4)
    return figure


def _curve(axes: Axes, steps: pd.DataFrame, what: str, best: int | None) -> None:
    by_strength = bool(steps["strength"].notna().all())
    x = "strength" if by_strength else "epoch"
    marker = "." if by_strength or len(steps) < 2 else ""  # a line through one point is invisible
    axes.plot(steps[x], steps[f"train_{what}"], color=GREY, ls="--", marker=marker, label="train")
    axes.plot(steps[x], steps[f"valid_{what}"], color=BLUE, marker=marker, label="held out")
    chosen = steps[steps["epoch"] == best]
    axes.axvline(chosen[x].item(), color=PALE, lw=0.7, zorder=0)
    axes.plot(chosen[x], chosen[f"valid_{what}"], ls="", marker="D", ms=4, color=VERMILION, label="chosen")
    axes.set_ylabel(what)
    axes.set_xlabel("strength (inverse penalty)" if by_strength else "epoch")
    if by_strength:
        axes.set_xscale("log")
        axes.set_xticks(steps[x].tolist(), _strengths(steps[x].tolist()))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))


def _strengths(strengths: list[float]) -> list[str]:
    """Labels of strengths along a narrow axis: powers of ten, as many as fit."""
    tens = [value for value in strengths if np.isclose(np.log10(value) % 1, [0, 1]).any()]
    shown = tens[:: -(-len(tens) // 4) or 1]
    return [f"{value:g}" if value in shown else "" for value in strengths]


@styled()
def models_chart(record: ComparisonRecord) -> Figure:
    """Macro-F1 of each model on valid and, with its interval, on test, beside its seconds; the best on top."""
    models = record.ranked
    figure = empty_figure(record, 0.88 + 0.27 * len(models))
    f1, seconds = figure.subplots(1, 2, sharey=True, width_ratios=[2.1, 1])
    places = np.arange(len(models))[::-1]
    given = [model.protocols["given"].f1_macro for model in models]
    # An unknown figure becomes NaN, which is not drawn.
    valid = np.array([model.splits.valid.f1_macro if model.splits.valid else None for model in models], np.float64)
    test, lows, highs = np.array([(of.value, of.low, of.high) for of in given], np.float64).T
    f1.plot([valid, test], [places, places], color=PALE, lw=1.3, zorder=1)
    f1.plot([lows, highs], [places, places], color=VERMILION, zorder=1)
    f1.scatter(valid, places, s=19, color=BLUE, label="valid", zorder=3)
    label = "test" if np.isnan(lows).all() else "test, 95 % interval"
    f1.scatter(test, places, s=19, marker="D", color="white", edgecolor=VERMILION, label=label, zorder=2)
    f1.set_yticks(places, [starred(model, record) for model in models])
    for tick, model in zip(f1.get_yticklabels(), models, strict=True):
        tick.set_fontweight("bold" if model.name == record.best else "normal")
    f1.set_ylim(-0.6, len(models) - 0.4)
    # Limits at tenths around every value keep a small difference from looking large.
    every = np.concatenate([valid, test, lows, highs])
    known = every[~np.isnan(every)]
    low, high = (np.floor(10 * known.min() - 0.3) / 10, np.ceil(10 * known.max() + 0.3) / 10) if len(known) else (0, 1)
    f1.set_xlim(max(low, -0.02), min(high, 1.02))
    f1.set_xlabel("macro-F1")
    f1.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    f1.set_title("★ best, chosen on valid")
    _seconds(seconds, [model.seconds.total if model.seconds else 0 for model in models], places)
    for axes in (f1, seconds):
        axes.tick_params(axis="y", length=0)
    handles, labels = f1.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def _seconds(axes: Axes, seconds: list[float], places: np.ndarray) -> None:
    axes.barh(places, seconds, height=0.5, color=PALE)
    for place, value in zip(places, seconds, strict=True):
        axes.text(value, place, f" {number(value, 1)}", va="center")
    axes.set_xlim(0, max(*seconds, 0.1) * 1.8)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_title("seconds")


def confusion_chart(record: ComparisonRecord, model: ComparedModel) -> Figure:
    """The confusion matrix under strict, else on test: mean counts over repeats, and shares of each true class."""
    title = f"{short_title(model, record)} {where(record, model)}"
    return confusion_figure(record, record.data.classes, model.protocols[record.judged_by(model)].confusion, title)


@styled()
def confusion_figure(
    record: Record, classes: Sequence[str], confusion: Sequence[Sequence[float]], title: str
) -> Figure:
    """A confusion matrix as counts, which may be means over repeats, and as shares of each true class."""
    counts = np.asarray(confusion, dtype=float)
    means = not np.array_equal(counts, counts.round())
    digits = 1 if means and counts.max() < 100 else 0  # more would not fit into a cell
    support = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, support, out=np.full_like(counts, np.nan), where=support > 0)
    names = [_two_lines(readable(name)) for name in classes]
    figure = empty_figure(record, 1.33 + 0.325 * len(names))
    left, right = figure.subplots(1, 2, sharey=True)
    _matrix(left, shares, [[number(value, digits) for value in row] for row in counts], names)
    _matrix(right, shares, [[number(100 * value, 0) for value in row] for row in shares], names)
    unit = "slices, mean of repeats" if means else "slices"
    left.set_title(f"{title}\n{unit}")
    right.set_title("% of the true class")
    left.set_ylabel("true class")
    figure.supxlabel("predicted class")
    return figure


def _matrix(axes: Axes, shares: np.ndarray, cells: list[list[str]], classes: list[str]) -> None:
    axes.imshow(np.nan_to_num(shares), cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
    size = 7 if len(classes) <= 5 else 5
    for (row, column), share in np.ndenumerate(shares):
        colour = "white" if share > 0.8 else "black"
        axes.text(column, row, cells[row][column], ha="center", va="center", color=colour, fontsize=size)
    places = range(len(classes))
    axes.set_xticks(places, classes, rotation=90, fontsize=size, linespacing=1.0)
    axes.set_yticks(places, classes, fontsize=size, linespacing=1.0)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _two_lines(name: str) -> str:
    """A long name, broken at the blank nearest to its middle."""
    blanks = [place for place, letter in enumerate(name) if letter == " "]
    if len(name) <= 12 or not blanks:
        return name
    middle = min(blanks, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:middle]}\n{name[middle + 1 :]}"

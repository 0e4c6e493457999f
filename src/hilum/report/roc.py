"""The ROC curves of a model: cancer against the negative class, and each other class against the rest."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import auc, roc_curve

from hilum.records.base import Record
from hilum.records.comparison import ComparedModel, ComparisonRecord
from hilum.report.answers import answers
from hilum.report.scores import where
from hilum.report.style import COLOURS, PALE, WIDTH, empty_figure, styled
from hilum.report.words import readable, short_title

Side = tuple[str, NDArray[np.bool_], NDArray[np.float64]]
_DASHES = ("-", "--", "-.", ":")


def roc_chart(record: ComparisonRecord, predictions: pd.DataFrame, model: ComparedModel) -> Figure | None:
    """ROC curves under strict, else on the given test, with the areas below them.

    On the given test the areas are the record's AUCs. Under strict a curve ranks the slices of all folds together, by
    probabilities averaged over the repeats, while the record's AUC is the mean of those inside each fold.

    Args:
        record: The contents of `metrics.json`.
        predictions: The rows of `predictions.csv`.
        model: A model of the record.

    Returns:
        The figure, or None if there are slices of one class only.
    """
    title = f"{short_title(model, record)} {where(record, model)}"
    heading = "AUC, all folds together" if model.judged_by == "strict" else "AUC"
    return draw_roc(record, _sides(record, answers(record, model, predictions)), title, heading)


@styled()
def draw_roc(record: Record, sides: Iterable[Side], title: str, heading: str = "AUC") -> Figure | None:
    """A ROC curve for each side, with the area below it in a legend that has a heading.

    Args:
        record: Record whose warnings the figure carries.
        sides: Name, true sides and scores of each curve; those with slices of one side only are left out.
        title: Title of the figure.
        heading: Heading of the legend.

    Returns:
        The figure, or None if no curve is left.
    """
    known = [side for side in sides if side[1].any() and not side[1].all()]
    if not known:
        return None
    figure = empty_figure(record, WIDTH)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=PALE, zorder=0)
    for number, (name, true, score) in enumerate(known):
        false_positives, hits, _ = roc_curve(true, score)
        colour, dashes = COLOURS[number % len(COLOURS)], _DASHES[number % len(_DASHES)]
        axes.plot(false_positives, hits, color=colour, ls=dashes, label=f"{name} {auc(false_positives, hits):.3f}")
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set(xlabel="1 – specificity", ylabel="sensitivity", title=title)
    axes.legend(loc="lower right", title=heading)
    return figure


def _sides(record: ComparisonRecord, known: pd.DataFrame) -> Iterator[Side]:
    """Name, true sides and scores of each curve."""
    negative = record.settings.negative
    if negative:
        true = (known["label"] != negative).to_numpy()
        yield f"cancer against {readable(negative)}", true, 1 - known[f"p_{negative}"].to_numpy()
    for name in record.data.classes:
        if name != negative:  # whose curve is that of cancer, mirrored
            yield readable(name), (known["label"] == name).to_numpy(), known[f"p_{name}"].to_numpy()

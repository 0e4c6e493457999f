"""The ROC curves of a model: cancer against the negative class, and each other class against the rest."""

from collections.abc import Iterable, Iterator, Sequence

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


def roc_chart(record: ComparisonRecord, probabilities: pd.DataFrame, model: ComparedModel) -> Figure | None:
    """ROC curves under strict, else on the given test, with the areas below them.

    On the given test the areas are the record's AUCs. Under strict a curve ranks the slices of all folds together, by
    probabilities averaged over the repeats, while the record's AUC is the mean of those inside each fold.

    Args:
        record: The contents of `metrics.json`.
        probabilities: The rows of `predictions.parquet`.
        model: A model of the record.

    Returns:
        The figure, or None if there are slices of one class only.
    """
    title = f"{short_title(model, record)} {where(record, model)}"
    heading = "AUC, all folds together" if record.judged_by(model) == "strict" else "AUC"
    known, classes = answers(record, model, probabilities), record.data.classes
    labels = np.array([classes.index(name) for name in known["label"]], np.intp)
    shares = known[[f"p_{name}" for name in classes]].to_numpy()
    return draw_roc(record, sides(classes, record.settings.negative, labels, shares), title, heading)


@styled()
def draw_roc(record: Record, found: Iterable[Side], title: str, heading: str = "AUC") -> Figure | None:
    """A ROC curve for each side, with the area below it in a legend that has a heading.

    Args:
        record: Record whose warnings the figure carries.
        found: Name, true sides and scores of each curve, from `sides`; those with slices of one side only are left out.
        title: Title of the figure.
        heading: Heading of the legend.

    Returns:
        The figure, or None if no curve is left.
    """
    known = [side for side in found if side[1].any() and not side[1].all()]
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


def sides(
    classes: Sequence[str], negative: str | None, labels: NDArray[np.intp], probabilities: NDArray[np.float64]
) -> Iterator[Side]:
    """Name, true sides and scores of each curve: cancer, if a class is the negative one, then each other class.

    Args:
        classes: Names of the classes.
        negative: Name of the negative class, or None.
        labels: True classes, `[n]`.
        probabilities: Probabilities of the classes, `[n, classes]`.
    """
    if negative is not None:
        place = classes.index(negative)
        yield f"cancer against {readable(negative)}", labels != place, 1 - probabilities[:, place]
        if len(classes) == 2:
            return  # the other class has the same curve
    for place, name in enumerate(classes):
        if name != negative:  # whose curve is that of cancer, mirrored
            yield readable(name), labels == place, probabilities[:, place]

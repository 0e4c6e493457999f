"""Sentences on what may not be meant in predictions that can be scored."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from hilum.judging.cells import Texts, first_three
from hilum.judging.given import Answers
from hilum.judging.paths import names_of
from hilum.judging.trained import Trained
from hilum.report.words import plural
from hilum.scoring.classes import ClassReading
from hilum.slices.labels import class_name
from hilum.slices.table import SliceTable
from hilum.text import spelt

_MANY = 0.1  # share of scored slices that are trained on, from which on this is more than a few leaks
_FEWEST = 20  # scored slices, below which an accuracy says nothing of their order
_HIGH = 0.6  # accuracy at which another order of the classes is probably meant
_CLOSE = 1e-4  # by which rounded probabilities may differ from those that a class was called by


def about_labels(
    labels: Texts, slices: NDArray[np.intp], reading: ClassReading, table: SliceTable, source: str
) -> Iterator[str]:
    """What the column `label` says against the folder, whose labels are scored."""
    named = np.array([*map(class_name, labels.values), ""], object)[labels.codes]
    own = np.array([row.label for row in table.rows], object)[slices]
    meant = np.array([reading.folder.get(row.label, row.label) for row in table.rows], object)[slices]
    against = ~labels.empty & (named != own) & (named != meant)
    if not against.any():
        return
    first = first_three(
        np.flatnonzero(against), lambda place: f"{spelt(table.rows[slices[place]].path)} ({named[place]})"
    )
    yield (
        f"The column label of {source} contradicts the folder in {int(against.sum()):,} of {len(slices):,} rows: "
        f"{first}. The folder's labels are scored."
    )


def about_answers(
    probabilities: NDArray[np.float64],
    slices: NDArray[np.intp],
    reading: ClassReading,
    table: SliceTable,
    classes_only: bool,
) -> Iterator[str]:
    """What makes answers look like labels, or like classes in place of probabilities.

    Args:
        probabilities: Probabilities of the classes of `reading`, `[n, classes]`.
        slices: Row of the table of each answer, `[n]`.
        reading: Classes that they are read as.
        table: The slices.
        classes_only: Whether there are no probabilities.
    """
    if not np.isin(probabilities, (0, 1)).all():
        return
    truth = _truth(reading, table)[slices]
    known = truth >= 0
    if known.any() and (probabilities.argmax(1) == truth)[known].all():
        yield "Every answer is right. Are these the labels, and not what a model predicted?"
    if not classes_only:
        yield (
            "All probabilities are 0 or 1. If these are classes, give them in a column predicted instead; loss, AUC "
            "and calibration mean little here."
        )


def about_order(answers: Sequence[Answers], reading: ClassReading, table: SliceTable) -> Iterator[str]:
    """What makes class names or rows look as if they were in another order than the probabilities.

    Args:
        answers: Predictions of each model.
        reading: Classes that they are read as.
        table: The slices.
    """
    truth, classes, reported = _truth(reading, table), reading.classes, [of for of in answers if of.protocol == "given"]
    for of in reported:
        known = truth[of.rows] >= 0
        if known.sum() < _FEWEST:
            continue
        called = of.probabilities[:, known].argmax(2)
        counts = np.zeros((len(classes), len(classes)), np.intp)
        np.add.at(counts, (np.broadcast_to(truth[of.rows][known], called.shape), called), 1)
        right, guessed = counts.trace(), counts.sum(1).max()
        if right >= guessed:
            continue
        whose = f" of {spelt(of.model)}" if len(reported) > 1 else ""
        # Of equal orders, the one that moves the fewest classes.
        true, column = linear_sum_assignment(counts * (len(classes) + 1) + np.eye(len(classes)), maximize=True)
        start = f"The predictions{whose} are right for {100 * right / called.size:.0f} % of the slices"
        if (turned := counts[true, column].sum()) >= _HIGH * called.size:
            meant = [f"{classes[j]} means {classes[i]}" for i, j in zip(true, column, strict=True) if i != j]
            yield (
                f"{start}; with the class names in another order ({', '.join(meant)}) they would be for "
                f"{100 * turned / called.size:.0f} %. Check the order of the class names."
            )
        else:
            yield (
                f"{start}, worse than always naming the commonest class ({100 * guessed / called.size:.0f} %). Are "
                "rows and paths in the same order?"
            )


def about_predicted(called: NDArray[np.intp], probabilities: NDArray[np.float64], source: str) -> Iterator[str]:
    """What a column `predicted` says against the probabilities beside it, which are scored.

    Args:
        called: Predicted class, -1 if it has no probability, `[n]`.
        probabilities: Probabilities of the classes, `[n, classes]`.
        source: Name of the file.
    """
    given = np.take_along_axis(probabilities, called.clip(0)[:, None], 1)[:, 0]
    other = (called < 0) | (given < probabilities.max(1) - _CLOSE)
    if other.any():
        yield (
            f"The column predicted of {source} is not the class of the highest probability in {int(other.sum()):,} of "
            f"{len(other):,} rows. The probabilities are scored."
        )


def about_splits(slices: NDArray[np.intp], table: SliceTable, source: str) -> Iterator[str]:
    """Which slices a file with splits calls test, and the folder train or valid."""
    if table.split_drawn:
        return
    other = np.unique(slices[~table.in_split("test")[slices]])
    if len(other):
        yield (
            f"{source} calls {plural(len(other), 'slice')} test, but the folder train or valid: "
            f"{names_of(other, table)}."
        )


def about_trained(reported: Sequence[Answers], trained: Trained) -> Iterator[str]:
    """How many scored slices count as trained on themselves, if these are many."""
    rows = reported[0].rows
    count = int(np.any([trained.beside(of)[rows] for of in reported], axis=0).sum())
    if count >= _MANY * len(rows) and count:
        every = "All" if count == len(rows) > 1 else f"{count:,} of the"
        yield (
            f"Serious: {every} {plural(len(rows), 'scored slice')} {'is' if count == 1 else 'are'} in "
            f"{trained.said}, which counts as trained on. If the model was trained on another split, give it with "
            "--table or --trained-on."
        )


def about_missing(scored: NDArray[np.intp], others: NDArray[np.intp], table: SliceTable) -> Iterator[str]:
    """Which slices have no prediction, though others of their split have.

    Args:
        scored: Rows of the table whose predictions are scored.
        others: Rows of the table with a prediction that is not scored.
        table: The slices.
    """
    lacking = np.ones(len(table.rows), np.bool_)
    lacking[scored] = lacking[others] = False
    splits = {table.rows[place].split for place in np.unique(scored)}
    if not table.split_drawn:
        lacking &= [row.split in splits for row in table.rows]
    if len(scored) and lacking.any():
        rows = np.flatnonzero(lacking)
        yield (
            f"Without a prediction, and not scored: {plural(len(rows), 'slice')}, {names_of(rows, table)}. Figures on "
            "the others may be too high."
        )


def _truth(reading: ClassReading, table: SliceTable) -> NDArray[np.intp]:
    """Number of each slice's class in the reading, -1 if it is none, `[rows]`."""
    return np.array([_number(reading.classes, reading.folder.get(row.label)) for row in table.rows], np.intp)


def _number(classes: Sequence[str], name: str | None) -> int:
    return -1 if name is None else classes.index(name)

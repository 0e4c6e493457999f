"""Predictions that were made elsewhere, matched with the rows of a table."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.scoring.classes import ClassReading


@dataclass(frozen=True, repr=False)
class Answers(Brief):
    """The predictions of one model on m rows of a table.

    Attributes:
        model: Name of the model.
        protocol: Protocol that the file names, as those of hilum's own runs do; `given` if it names none.
        rows: Rows of the table, sorted, each once, `[m]`.
        probabilities: Probabilities of the classes of `Given.reading`, each row summing to 1, `[repeats, m, classes]`;
            1 for the predicted class if the file has no probabilities.
        folds: Number (0-based) of the fold that each row was held out in, `[repeats, m]`; None if there are no folds.
    """

    model: str
    protocol: str
    rows: NDArray[np.intp]
    probabilities: NDArray[np.float64]
    folds: NDArray[np.intp] | None


@dataclass(frozen=True, repr=False)
class Given(Brief):
    """All predictions of a file.

    Attributes:
        source: Name of the file, or what they were otherwise.
        digest: SHA-256 of the file, or of the rows if they came otherwise.
        count: Number of rows.
        reading: Classes that they are read as.
        classes_only: Whether they are classes without probabilities.
        scored: Predictions that are scored: those of `test` if the file has splits, else all. Under a protocol, all
            models have the same rows and the same number of repeats.
        valid: Predictions on rows that the file calls `valid`, one of each model; empty if a model has none.
        trained: Rows of the table that the file calls `train` or `valid`, `[rows]`.
        notes: Sentences that a reader of the figures should know.
    """

    source: str
    digest: str
    count: int
    reading: ClassReading
    classes_only: bool
    scored: tuple[Answers, ...]
    valid: tuple[Answers, ...]
    trained: NDArray[np.bool_]
    notes: tuple[str, ...]

"""What models that were made elsewhere were trained on, as far as it is known."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.judging.given import Answers, Given
from hilum.judging.trained_on import TrainedOn
from hilum.report.words import listed as words_joined
from hilum.slices.labels import SPLITS
from hilum.slices.table import SliceTable

_Mask = NDArray[np.bool_]


@dataclass(frozen=True, repr=False)
class Trained(Brief):
    """What models were trained on beside the other folds of a slice.

    Attributes:
        rows: Rows of the table, `[rows]`.
        count: Number of rows that some model was trained on, those in folds included.
        said: What it was, in words: `train and valid of slices`; None if nothing is known.
    """

    rows: _Mask
    count: int
    said: str | None

    @classmethod
    def of(cls, table: SliceTable, given: Given, listed: TrainedOn | None = None) -> Self:
        """What is known of the training.

        Args:
            table: The slices.
            given: The predictions.
            listed: List of what was trained on, in place of the folder's train and valid.
        """
        rows, words = np.zeros(len(table.rows), np.bool_), list[str]()
        own = [split for split in SPLITS[:2] if not table.split_drawn and table.in_split(split).any()]
        if listed is not None:
            rows |= listed.rows
            words.append(f"the slices of {listed.source}")
        elif own:
            for split in own:
                rows |= table.in_split(split)
            words.append(f"{' and '.join(own)} of {table.root.resolve().name}")
        if (given.trained & ~rows).any():
            words.append(f"what {given.source} calls train or valid")
        rows |= given.trained
        in_folds = [of.rows for of in given.scored if of.folds is not None]
        if in_folds:
            words.append("the other folds")
        counted = rows.copy()
        counted[np.concatenate([np.empty(0, np.intp), *in_folds])] = True
        return cls(rows, int(counted.sum()), words_joined(words) if words else None)

    def beside(self, answers: Answers) -> _Mask:
        """The rows that a model was trained on beside other folds, `[rows]`; the folds tell it of those in them."""
        rows = self.rows.copy()
        if answers.folds is not None:
            rows[answers.rows] = False
        return rows

    def seen(self, answers: Answers, groups: NDArray[np.intp]) -> _Mask:
        """Which rows of some predictions have a row of their group `[rows]` in the training of some repeat, `[m]`."""
        own = groups[answers.rows]
        seen = np.isin(own, groups[self.beside(answers)])
        for folds in () if answers.folds is None else answers.folds:
            seen |= in_several(own, folds)
        return seen


def in_several(groups: NDArray[np.intp], folds: NDArray[np.intp]) -> _Mask:
    """Which rows are of a group that has rows in several folds, `[m]`."""
    lowest, highest = np.full(groups.max() + 1, folds.max()), np.zeros(groups.max() + 1, np.intp)
    np.minimum.at(lowest, groups, folds)
    np.maximum.at(highest, groups, folds)
    several: _Mask = (lowest < highest)[groups]
    return several

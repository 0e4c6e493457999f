"""The rows of predictions put together by protocol, model and repeat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.errors import HilumError
from hilum.judging.cells import Texts
from hilum.judging.given import Answers
from hilum.judging.paths import names_of
from hilum.report.words import plural
from hilum.slices.table import SliceTable

_Indices = NDArray[np.intp]


@dataclass(frozen=True, repr=False)
class Answered(Brief):
    """Predictions of n rows, each on a slice of a table.

    Attributes:
        slices: Row of the table, `[n]`.
        protocols: Name of the protocol.
        models: Name of the model.
        repeats: Repeat; None if there are none.
        folds: Fold; None if there are none.
        probabilities: Probabilities, `[n, classes]`.
    """

    slices: _Indices
    protocols: Texts
    models: Texts
    repeats: Texts | None
    folds: Texts | None
    probabilities: NDArray[np.float64]

    def __getitem__(self, rows: NDArray[np.bool_]) -> "Answered":
        """Some of the rows."""
        return Answered(
            self.slices[rows],
            self.protocols[rows],
            self.models[rows],
            self.repeats and self.repeats[rows],
            self.folds and self.folds[rows],
            self.probabilities[rows],
        )


def put_together(rows: Answered, table: SliceTable) -> tuple[Answers, ...]:
    """The predictions of each model under each protocol, in the order in which they first appear.

    Raises:
        HilumError: A slice is predicted twice in a repeat; a repeat or a model lacks slices that others have; or some
            rows have no repeat or no fold.
    """
    repeats = rows.repeats.ranks() if rows.repeats else np.zeros(len(rows.slices), np.intp)
    order = np.lexsort((rows.slices, repeats, rows.models.codes, rows.protocols.codes))
    key = np.stack([rows.protocols.codes[order], rows.models.codes[order]], 1)
    starts = np.flatnonzero((key[1:] != key[:-1]).any(1)) + 1
    ranks = rows.folds.ranks() if rows.folds else None
    made = []
    for part in np.split(order, starts) if len(order) else ():
        protocol, model = (of.values[of.codes[part[0]]] for of in (rows.protocols, rows.models))
        block = _Block(model, part, rows.slices[part], repeats[part], None if ranks is None else ranks[part], table)
        made.append(block.answers(protocol, rows.probabilities))
    _check_alike(made, table)
    return tuple(made)


@dataclass(frozen=True)
class _Block:
    """The rows of one model under a protocol, sorted by repeat and slice."""

    model: str
    rows: _Indices
    slices: _Indices
    repeats: _Indices
    folds: _Indices | None
    table: SliceTable

    def answers(self, protocol: str, probabilities: NDArray[np.float64]) -> Answers:
        folds = self._known_folds()
        for named, what in ((self.repeats, "repeat"), (folds, "fold")):
            if named is not None and (named < 0).any() and (named >= 0).any():
                raise HilumError(
                    f"Without a {what}: {plural(int((named < 0).sum()), 'row')} of {self.model}, "
                    f"{self._names(self.slices[named < 0])}. Fill in the column {what} in all rows, or leave it out."
                )
        self._check_doubles(folds)
        count = len(np.unique(self.repeats))
        slices = np.unique(self.slices)
        if len(self.rows) != count * len(slices):
            often = np.bincount(self.slices)
            lacking = np.flatnonzero((often > 0) & (often < count))
            raise HilumError(
                f"Not in all {count} repeats of {self.model}: {plural(len(lacking), 'slice')}, {self._names(lacking)}. "
                "Each repeat must have the same slices."
            )
        shape = (count, len(slices))
        return Answers(
            self.model,
            protocol,
            slices,
            probabilities[self.rows].reshape(*shape, -1),
            None if folds is None else np.unique(folds, return_inverse=True)[1].reshape(shape).astype(np.intp),
        )

    def _known_folds(self) -> _Indices | None:
        return None if self.folds is None or (self.folds < 0).all() else self.folds

    def _check_doubles(self, folds: _Indices | None) -> None:
        twice = (self.slices[1:] == self.slices[:-1]) & (self.repeats[1:] == self.repeats[:-1])
        if not twice.any():
            return
        doubled = np.unique(self.slices[1:][twice])
        named = f"{plural(len(doubled), 'slice')} of {self.model}"
        if folds is not None and (folds[1:] != folds[:-1])[twice].all():
            raise HilumError(
                f"In two folds of a repeat: {named}, {self._names(doubled)}. A slice is predicted in the one fold "
                "that it was held out in; number repeats in a column repeat."
            )
        raise HilumError(
            f"Predicted twice: {named}, {self._names(doubled)}. Keep one row for each slice, or say in a column "
            "model, repeat or split what the rows are."
        )

    def _names(self, slices: _Indices) -> str:
        return names_of(slices, self.table)


def _check_alike(made: list[Answers], table: SliceTable) -> None:
    """Checks that all models have the same slices and number of repeats under a protocol."""
    first: dict[str, Answers] = {}
    for one in made:
        other = first.setdefault(one.protocol, one)
        if len(one.probabilities) != len(other.probabilities):
            raise HilumError(
                f"{other.model} has {len(other.probabilities)} repeats and {one.model} {len(one.probabilities)}. "
                "Differences are paired, so all models need the same number; or judge them one at a time."
            )
        if len(lacking := np.setxor1d(one.rows, other.rows)):
            raise HilumError(
                f"Predicted by only one of {other.model} and {one.model}: {plural(len(lacking), 'slice')}, "
                f"{names_of(lacking, table)}. Differences are paired, so all models need the same slices; or judge "
                "them one at a time."
            )

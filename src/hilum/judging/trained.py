"""What models that were made elsewhere were trained on, as far as it is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.errors import HilumError
from hilum.judging.given import Answers, Given
from hilum.judging.paths import Places
from hilum.report.words import listed as words_joined
from hilum.slices.csv_rows import read_rows
from hilum.slices.labels import SPLITS, listed
from hilum.slices.table import SliceTable
from hilum.text import spelt

_Mask = NDArray[np.bool_]
_TABLES = (".csv", ".tsv")


@dataclass(frozen=True, repr=False)
class TrainedOn(Brief):
    """What a list of training files says.

    Attributes:
        source: Name of the list, or what it was otherwise.
        rows: Rows of the table that it names, `[rows]`.
        notes: Sentences that a reader of the figures should know.
    """

    source: str
    rows: NDArray[np.bool_]
    notes: tuple[str, ...]


def read_trained_on(trained_on: str | Path | Sequence[str], table: SliceTable) -> TrainedOn:
    """Reads a list of training files. Paths are found as those of predictions are; a file means all of its frames.

    Args:
        trained_on: CSV file with a column `path`, text file with a path a line, or the paths.
        table: The slices.

    Raises:
        HilumError: The list cannot be read or is empty, a path can mean several slices, or none is in the table.
    """
    paths, source = _paths(trained_on)
    if not paths:
        raise HilumError(f"{source} names no file. Give the paths of what the model was trained on, one a line.")
    places = Places(table)
    rows = np.zeros(len(table.rows), np.bool_)
    single = []
    for path in dict.fromkeys(paths):
        if frames := places.frames(path):
            rows[frames] = True
        else:
            single.append(path)
    found = places.find(single)
    rows[found.rows[found.rows >= 0]] = True
    lacking = [spelt(single[place]) for place in np.flatnonzero(found.rows < 0)]
    if not rows.any():
        raise HilumError(
            f"None of the {len(paths):,} paths in {source} is in {table.root}: {listed(lacking, 3)}. Write them "
            f"relative to that folder, as in {spelt(table.rows[0].path)}; or leave the list out if the model never saw "
            "the folder."
        )
    notes = list(found.notes)
    if lacking:
        notes.append(
            f"{len(lacking):,} of the {len(paths):,} paths in {source} are not slices of the folder, so their copies "
            f"and look-alikes cannot be found: {listed(lacking, 3)}."
        )
    return TrainedOn(source, rows, tuple(notes))


def _paths(trained_on: str | Path | Sequence[str]) -> tuple[list[str], str]:
    """The paths, and the name of the list."""
    if not isinstance(trained_on, str | Path):
        return [str(path) for path in trained_on], "the list of training files"
    file = Path(trained_on)
    if file.suffix.lower() in _TABLES:
        _, rows = read_rows(file, {"path"}, set())
        return [path for row in rows if (path := row.values.get("path"))], file.name
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HilumError(
            f"The list {file} cannot be read ({getattr(error, 'strerror', None) or 'it is not in UTF-8'}). It should "
            "be a text in UTF-8 with a path a line, or a CSV file with a column path."
        ) from error
    return [line.strip() for line in lines if line.strip()], file.name


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

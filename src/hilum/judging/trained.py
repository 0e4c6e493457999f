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
from hilum.report.words import plural
from hilum.slices.csv_rows import read_rows
from hilum.slices.labels import SPLITS, Split, listed, split_name
from hilum.slices.table import SliceTable
from hilum.text import spelt

_Mask = NDArray[np.bool_]
_TABLES = (".csv", ".tsv")


@dataclass(frozen=True, repr=False)
class TrainedOn(Brief):
    """What a list of training files says.

    Attributes:
        source: Name of the list, or what it was otherwise.
        rows: Rows of the table that it says were trained on, `[rows]`.
        notes: Sentences that a reader of the figures should know.
        splits: Those of its splits that count as trained on; none if it has no column `split`.
    """

    source: str
    rows: NDArray[np.bool_]
    notes: tuple[str, ...]
    splits: tuple[Split, ...] = ()


def read_trained_on(trained_on: str | Path | Sequence[str], table: SliceTable) -> TrainedOn:
    """Reads a list of training files. Paths are found as those of predictions are; a file means all of its frames.

    Args:
        trained_on: CSV file with a column `path`, of which rows that a column `split` calls test were not trained on;
            text file with a path a line, or the paths.
        table: The slices.

    Raises:
        HilumError: The list cannot be read or is empty, has folds or unknown splits, a path can mean several slices, or
            none is in the table.
    """
    paths, source, splits = _paths(trained_on)
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
    if splits:
        what = f"{' and '.join(splits)} of {source}"
        notes.append(f"What counts as trained on is {what}, {plural(len(paths), 'file')}; its other rows do not.")
    if lacking:
        notes.append(
            f"{len(lacking):,} of the {len(paths):,} paths in {source} are not slices of the folder, so their copies "
            f"and look-alikes cannot be found: {listed(lacking, 3)}."
        )
    return TrainedOn(source, rows, tuple(notes), splits)


def _paths(trained_on: str | Path | Sequence[str]) -> tuple[list[str], str, tuple[Split, ...]]:
    """The paths that were trained on, the name of the list, and the splits that they are of if it has splits."""
    if not isinstance(trained_on, str | Path):
        return [str(path) for path in trained_on], "the list of training files", ()
    file = Path(trained_on)
    if file.suffix.lower() in _TABLES:
        return _of_table(file)
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HilumError(
            f"The list {file} cannot be read ({getattr(error, 'strerror', None) or 'it is not in UTF-8'}). It should "
            "be a text in UTF-8 with a path a line, or a CSV file with a column path."
        ) from error
    return [line.strip() for line in lines if line.strip()], file.name, ()


def _of_table(file: Path) -> tuple[list[str], str, tuple[Split, ...]]:
    names, rows = read_rows(file, {"path"}, {"split", "fold"})
    paths = {row.values["path"]: row.values.get("split", "") for row in rows if row.values.get("path")}
    if "split" not in names:
        if "fold" in names:
            raise HilumError(
                f"{file.name} has folds, so what was trained on differs from slice to slice. Leave the list out and "
                "give the predictions a column fold."
            )
        return [*paths], file.name, ()
    if unknown := sorted({text for text in paths.values() if split_name(text) is None}):
        raise HilumError(
            f"The column split of {file.name} has {listed(list(map(repr, unknown)), 3)}. Use {', '.join(SPLITS)}, or "
            "leave the column out."
        )
    learnt = [path for path, text in paths.items() if split_name(text) != "test"]
    found = {split_name(paths[path]) for path in learnt}
    if paths and not learnt:
        raise HilumError(f"{file.name} calls every file test, so it names none that was trained on.")
    return learnt, file.name, tuple(split for split in SPLITS if split in found)


@dataclass(frozen=True, repr=False)
class Trained(Brief):
    """What models were trained on beside the other folds of a slice.

    Attributes:
        rows: Rows of the table, `[rows]`.
        count: Number of rows that some model was trained on, those in folds included.
        said: What it was, in words: `train and valid of slices`; None if nothing is known.
        notes: Sentences on what is not taken for it.
    """

    rows: _Mask
    count: int
    said: str | None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: SliceTable, given: Given, listed: TrainedOn | None = None) -> Self:
        """What is known of the training.

        Folds say what was trained on; the folder's own train and valid then do not count beside them.

        Args:
            table: The slices.
            given: The predictions.
            listed: List of what was trained on, in place of the folder's train and valid.
        """
        rows, words, notes = np.zeros(len(table.rows), np.bool_), list[str](), list[str]()
        folds = [of.folds is not None for of in given.scored if of.protocol == "given"]
        own = [split for split in SPLITS[:2] if not table.split_drawn and table.in_split(split).any()]
        its = f"{' and '.join(own)} of {_name_of(table)}"
        in_own = np.isin([row.split for row in table.rows], own)
        if listed is not None:
            rows |= listed.rows
            words.append(f"{' and '.join(listed.splits) or 'the slices'} of {listed.source}")
        elif own and not (folds and all(folds)):
            rows |= in_own
            words.append(its)
        if (given.trained & ~rows).any():
            words.append(f"what {given.source} calls train or valid")
        rows |= given.trained
        if any(folds):
            words.append("the other folds")
        counted = rows.copy()
        for of in given.scored:
            if of.folds is not None:
                counted[of.rows] = True
        if listed is None and (beside := int((in_own & ~counted).sum())):
            notes.append(
                f"The folds of {given.source} say what was trained on. Not taken for it: {plural(beside, 'slice')} in "
                f"{its} in no fold. If these were trained on too, list them with --trained-on."
            )
        return cls(rows, int(counted.sum()), words_joined(words) if words else None, tuple(notes))

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


def _name_of(table: SliceTable) -> str:
    """What the splits of a table are known by: the CSV file that they come from, or else the folder."""
    if table.source is None:
        return table.root.resolve().name
    if table.source.rows is not table.rows:
        return "the table"  # split anew in Python
    return table.root.resolve().name if table.source.table is None else Path(table.source.table).name

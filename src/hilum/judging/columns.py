"""Which columns of predictions are what."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.errors import HilumError
from hilum.judging.cells import Texts, numbers, texts
from hilum.judging.classes import as_known
from hilum.judging.sheet import Sheet
from hilum.report.words import plural
from hilum.slices.labels import class_name, listed

_MARKS = ("predicted", "model", "split", "fold", "repeat", "protocol", "label")
_OURS = {"group", "left_out", ""}  # in hilum's own files, or the number of a row; not needed
_OF_PREDICT = {"decision", "frame", "class", "outlier_score", "reason"}  # in files of `hilum predict`
_UNDECIDED = ("abstain", "outlier")
_SHARES = ("p_", "probability ")  # begin a column of probabilities; the second in files of `hilum predict`


@dataclass(frozen=True, repr=False)
class Columns(Brief):
    """The columns of n rows.

    Attributes:
        paths: Paths as they were written.
        marks: `predicted`, `model`, `split`, `fold`, `repeat`, `protocol`, `label`, as far as there are such columns.
        classes: Classes that have a column.
        shares: Their probabilities as they were written, `[n, classes]`.
        unread: Names of the columns that were not read.
        notes: Sentences on how the columns were read.
    """

    paths: Texts
    marks: Mapping[str, Texts]
    classes: tuple[str, ...]
    shares: NDArray[np.float64]
    unread: tuple[str, ...]
    notes: tuple[str, ...]

    def __getitem__(self, rows: NDArray[np.bool_]) -> "Columns":
        """The columns of some rows."""
        marks = {name: mark[rows] for name, mark in self.marks.items()}
        return replace(self, paths=self.paths[rows], marks=marks, shares=self.shares[rows])

    def marked(self, name: str, mark: Texts) -> "Columns":
        """The columns with another of `marks`."""
        return replace(self, marks={**self.marks, name: mark})


def find_columns(sheet: Sheet, known: Collection[str]) -> Columns:
    """Finds the columns by name, ignoring case.

    Columns of probabilities are `p_CLASS`, or `probability CLASS`, or if there is none, those named as a known class.

    Args:
        sheet: The predictions.
        known: Classes of the folder, and those that they are mapped to.

    Raises:
        HilumError: There are no paths or no predictions, a column is there twice, or a path is empty.
    """
    frame, source = sheet.frame, sheet.source
    names = [str(name).strip() for name in frame.columns]
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        places[name.lower()].append(place)
    if "path" not in places and "" in places:  # pandas writes an index of paths so
        places["path"] = places.pop("")
    for name in ("path", *_MARKS):
        if len(places[name]) > 1:
            raise HilumError(f"{source} has the column {name} twice. Keep one.")
    found = {name: places[name][0] for name in ("path", *_MARKS) if places[name]}
    if "path" not in found:
        raise HilumError(
            f"{source} has no column path; its columns are {_named(names)}. Name the column with the files path."
        )
    notes: list[str] = []
    shares = _class_columns(names, {*found.values()}, known, source, notes)
    _check_answers(shares, found, source, names)
    values, commas = _numbers(frame, list(shares.values()))
    if commas:
        notes.append(f"{source}: decimal commas were read as points.")
    read = {*found.values(), *shares.values()}
    ours = _OURS | (_OF_PREDICT if places.keys() >= _OF_PREDICT else set())
    unread = [name for place, name in enumerate(names) if place not in read and name.lower() not in ours]
    if ours > _OURS and (count := int(frame.iloc[:, places["decision"][0]].isin(_UNDECIDED).sum())):
        verb = "is" if count == 1 else "are"
        notes.append(
            f"{source}: {plural(count, 'row')} without a class (abstain, outlier) {verb} scored by the most probable "
            "one."
        )
    if of_strict := [name for name in unread if name.lower().startswith("strict_p")]:
        unread = [name for name in unread if name not in of_strict]
        notes.append(
            f"{source} is the table of a run of hilum, scored here as it was trained on train. predictions.parquet "
            "beside it has every protocol."
        )
    columns = {name: texts(frame.iloc[:, place]) for name, place in found.items()}
    paths = columns.pop("path")
    if paths.empty.any():
        raise HilumError(
            f"{source} has {plural(int(paths.empty.sum()), 'row')} without a path. Fill in the column path."
        )
    return Columns(paths, columns, tuple(shares), values, tuple(unread), tuple(notes))


def _class_columns(
    names: list[str], taken: set[int], known: Collection[str], source: str, notes: list[str]
) -> dict[str, int]:
    """The places of the columns of probabilities, by class."""
    beginning = next((one for one in _SHARES if any(name.lower().startswith(one) for name in names)), "")
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if place in taken or not name.lower().startswith(beginning):
            continue
        written = class_name(name[len(beginning) :])
        meant = as_known(written, known)
        if meant not in known and not beginning:
            continue
        if meant != written:
            notes.append(f"{source}: the class {written} is read as {meant}.")
        if places.setdefault(meant, place) != place:
            raise HilumError(
                f"{source} has two columns for the class {meant}: {names[places[meant]]} and {name}. Keep one."
            )
    return places


def _check_answers(shares: Mapping[str, int], found: Mapping[str, int], source: str, names: list[str]) -> None:
    """Checks that there are predictions of two classes or more, or predicted classes.

    Raises:
        HilumError: There are not.
    """
    if len(shares) == 1 and "predicted" not in found:
        only = next(iter(shares))
        raise HilumError(
            f"{source} has probabilities of one class only, {only}. Add a column for each other class; of two classes "
            f"the other has 1 - {names[shares[only]]}."
        )
    if shares or "predicted" in found:
        return
    labels = " The column label is what the slices are, not what a model said." if "label" in found else ""
    raise HilumError(
        f"{source} has no predictions; its columns are {_named(names)}.{labels} Give a column of probabilities for "
        "each class, named p_CLASS, or a column predicted with the class of each slice."
    )


def _numbers(frame: pd.DataFrame, places: list[int]) -> tuple[NDArray[np.float64], bool]:
    values, commas = np.empty((len(frame), len(places))), False
    for column, place in enumerate(places):
        values[:, column], comma = numbers(frame.iloc[:, place])
        commas |= comma
    return values, commas


def _named(names: list[str]) -> str:
    return listed([repr(name[:40]) for name in names], 8)

"""The slices of a table that a model was trained on, as a list of paths names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.errors import HilumError
from hilum.judging.paths import Places
from hilum.slices.csv_rows import read_rows
from hilum.slices.labels import listed
from hilum.slices.table import SliceTable
from hilum.text import spelt

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
            f"The list {file} cannot be read ({error}). It should be a text in UTF-8 with a path a line, or a CSV file "
            "with a column path."
        ) from error
    return [line.strip() for line in lines if line.strip()], file.name

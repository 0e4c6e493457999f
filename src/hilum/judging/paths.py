"""Which rows of a table are meant by paths that were written elsewhere."""

import posixpath
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.errors import HilumError
from hilum.judging.cells import Texts
from hilum.report.words import plural
from hilum.slices.labels import listed
from hilum.slices.table import SliceTable
from hilum.text import from_cell, plain_path, spelt

UNKNOWN, SKIPPED = -1, -2  # in place of a row: not in the table; a file that could not be read


@dataclass(frozen=True, repr=False)
class Found(Brief):
    """What paths stand for.

    Attributes:
        rows: Row of the table that each path stands for, `UNKNOWN` or `SKIPPED`, `[paths]`.
        by_end: Paths that were found by their end only, each with the path of its row.
    """

    rows: NDArray[np.intp]
    by_end: dict[str, str]

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was found by its end only."""
        if not self.by_end:
            return ()
        written, row = next(iter(self.by_end.items()))
        return (
            f"Found by the end of the path only, since they begin with another folder: "
            f"{plural(len(self.by_end), 'path')}, as {spelt(written)} for {spelt(row)}. If these are other slices, the "
            "figures mean nothing.",
        )


class Places:
    """The slices of a table by their paths.

    A slice is found by its path relative to the folder, absolute or not, with slashes or backslashes; by its name or
    the end of its path, if that is unique; and by a path from another place that ends in its whole path.
    """

    def __init__(self, table: SliceTable) -> None:
        self._table = table
        self._roots = _roots(table)
        self._rows: dict[str, int] = {skipped.path: SKIPPED for skipped in table.skipped}
        self._frames: dict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(table.rows):
            self._rows[row.path] = number
            self._rows.setdefault(plain_path(row.path), number)
            if row.facts.frame is not None:
                self._frames[row.path.removesuffix(f"#{row.facts.frame}")].append(number)

    def find(self, paths: Sequence[str]) -> Found:
        """Finds the slice that each path stands for.

        Raises:
            HilumError: A path can mean several slices.
        """
        rows, by_end = np.empty(len(paths), np.intp), dict[str, str]()
        ambiguous: dict[str, list[str]] = {}
        for number, written in enumerate(paths):
            known = self._rows.get(written)
            if known is None:
                could, elsewhere = self._candidates(written)
                known = self._rows[could[0]] if could else UNKNOWN
                if len(could) > 1:
                    ambiguous[written] = could
                elif elsewhere and known >= 0:
                    by_end[written] = could[0]
            rows[number] = known
        if ambiguous:
            raise HilumError(_ambiguous(ambiguous, self._table))
        return Found(rows, by_end)

    def frames(self, path: str) -> list[int]:
        """The rows of all frames of a multi-frame file, if the path is that of one."""
        return self._frames.get(self._relative(path), [])

    @cached_property
    def _ends(self) -> dict[str, list[str]]:
        """Paths in the table by each of their ends, such as a name."""
        ends: dict[str, list[str]] = defaultdict(list)
        for path in self._rows:
            end = path
            while "/" in end:
                end = end.partition("/")[2]
                ends[end].append(path)
        return ends

    def _candidates(self, written: str) -> tuple[list[str], bool]:
        """The paths in the table that a path may stand for, and whether it comes from another place."""
        for path in dict.fromkeys((self._relative(written), self._relative(from_cell(written)))):
            for name in (path, path.removesuffix("#1")):
                if name in self._rows:
                    return [name], False
            if frames := self._frames.get(path):
                return [self._table.rows[number].path for number in frames], False
            if ends := self._ends.get(path):
                return ends, False
            rest = path
            while "/" in rest:
                rest = rest.partition("/")[2]
                # A name alone says too little to find a slice of another folder.
                if rest in self._rows and "/" in rest:
                    return [rest], True
        return [], False

    def _relative(self, written: str) -> str:
        """A path with slashes, without the folder of the table, `.` and `..`."""
        path = posixpath.normpath(written if written in self._rows else written.replace("\\", "/"))
        return next((path[len(root) :] for root in self._roots if path.startswith(root)), path)


def names_of(rows: NDArray[np.intp], table: SliceTable) -> str:
    """The paths of the first of some rows, and how many more there are."""
    return listed([spelt(table.rows[row].path) for row in rows], 3)


def check_known(paths: Texts, rows: NDArray[np.intp], table: SliceTable, source: str) -> None:
    """Checks that all paths are of slices in the table.

    Args:
        paths: The paths, `[n]`.
        rows: Row of the table that each stands for, `[n]`.
        table: The slices.
        source: Name of what has the paths, for the message.

    Raises:
        HilumError: Some are not.
    """
    if unknown := [spelt(paths.values[code]) for code in np.unique(paths.codes[rows == UNKNOWN])]:
        raise HilumError(
            f"{len(unknown):,} of the {len(paths.values):,} paths in {source} are not in {table.root}: "
            f"{listed(unknown, 3)}. Write them relative to that folder, as in {spelt(table.rows[0].path)}, absolute, "
            "or as names that are unique there."
        )


def _roots(table: SliceTable) -> list[str]:
    """Beginnings of paths that mean the folder of a table, the longest first."""
    given = table.source.folder if table.source else None
    folders = [table.root, *([] if given is None else [Path(given)])]
    outer = [*folders, *(folder.absolute() for folder in folders), *(folder.resolve() for folder in folders)]
    inner = [table.root.relative_to(folder) for folder in folders if table.root.is_relative_to(folder)]
    roots = {f"{folder.as_posix().rstrip('/')}/" for folder in (*outer, *inner) if folder != Path()}
    return sorted(roots, key=lambda root: (-len(root), root))


def _ambiguous(found: dict[str, list[str]], table: SliceTable) -> str:
    written, could = next(iter(found.items()))
    others = f" ({len(found):,} paths are like this)" if len(found) > 1 else ""
    return (
        f"The path {spelt(written)} can mean {listed(list(map(spelt, could)), 3)} in {table.root}{others}. "
        "Write more of the path."
    )

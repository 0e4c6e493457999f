"""The table of slices: one row a readable file, checked so that a comparison can be made of it."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.progress import Tracker, silent
from hilum.slices.facts import FactsCache, SliceFacts
from hilum.slices.labels import SPLITS, Split
from hilum.slices.layout import Layout, Skipped, SliceFile, folder_layout, table_layout, with_groups
from hilum.slices.read import UnreadableSlice
from hilum.slices.split import connected_groups, split_groups


@dataclass(frozen=True)
class SliceRow:
    """One slice: where it is, what it shows, and facts about its file."""

    path: str
    label: str
    split: Split
    group: str | None
    facts: SliceFacts


@dataclass(frozen=True)
class SliceTable:
    """All slices of a data set.

    Attributes:
        root: The folder that the rows' paths are relative to.
        rows: One a readable file, in the order train, valid, test, then by path.
        classes: Names of the classes, sorted; their positions are the labels' numbers.
        skipped: Files left out, with reasons.
        notes: Sentences that a reader of any score should see.
    """

    root: Path
    rows: tuple[SliceRow, ...]
    classes: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]

    @property
    def labels(self) -> NDArray[np.intp]:
        """The position of each row's class in `classes`, `[rows]`."""
        numbers = {name: number for number, name in enumerate(self.classes)}
        return np.array([numbers[row.label] for row in self.rows], dtype=np.intp)

    def in_split(self, split: Split) -> NDArray[np.bool_]:
        """Which rows belong to a split, `[rows]`."""
        return np.array([row.split == split for row in self.rows], dtype=np.bool_)

    @property
    def counts(self) -> Mapping[Split, Mapping[str, int]]:
        """Files a split and class."""
        counted = Counter((row.split, row.label) for row in self.rows)
        return {split: {name: counted[split, name] for name in self.classes} for split in SPLITS}

    @property
    def distinct(self) -> int:
        """Number of pictures that differ in at least one pixel."""
        return len({row.facts.pixels for row in self.rows})

    @property
    def digest(self) -> str:
        """SHA-256 over every row's path, split, label and content."""
        lines = sorted(f"{row.path}\t{row.split}\t{row.label}\t{row.facts.content}" for row in self.rows)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_table(
    folder: str | Path | None = None,
    *,
    table: str | Path | None = None,
    groups: str | Path | None = None,
    seed: int = 0,
    strict: bool = False,
    track: Tracker = silent,
) -> SliceTable:
    """Reads a data set.

    Args:
        folder: `train|valid|test/<class>/<file>`, also inside an outer `Data/`; or `<class>/<file>`, which is split
            70/10/20. With `table`, the folder that its paths are relative to.
        table: A CSV file with the columns `path,label` and, if wanted, `split,group`.
        groups: A CSV file with the columns `path,group`, paths relative to the folder; what shares a group (a patient,
            a series) stays together wherever hilum splits.
        seed: Of the split, where there is none.
        strict: Makes a file that cannot be read an error instead of leaving it out.
        track: Shows progress.

    Raises:
        HilumError: The folder or table has no usable layout; a split or class has no readable file; there is one class
            only; test or valid has a class that train lacks; the groups file names files that are not there; or, with
            `strict`, a file cannot be read.
    """
    if table is not None:
        layout = table_layout(Path(table), Path(folder) if folder is not None else None)
    elif folder is not None:
        layout = folder_layout(Path(folder))
    else:
        raise HilumError("Give a folder with slices, or --table FILE.csv.")
    if groups is not None:
        layout = with_groups(layout, Path(groups))
    read, unreadable = _read_facts(layout, track)
    skipped = (*layout.skipped, *unreadable)
    if strict and skipped:
        named = "; ".join(f"{one.path}: {one.reason}" for one in skipped[:5])
        more = f" and {len(skipped) - 5} more" if len(skipped) > 5 else ""
        raise HilumError(f"{len(skipped)} file(s) cannot be used, and --strict was given: {named}{more}.")
    notes = list(layout.notes)
    given = all(file.split is not None for file, _ in read)
    rows = _rows_as_given(read) if given else _rows_newly_split(read, seed, notes)
    rows.sort(key=lambda row: (SPLITS.index(row.split), row.path))
    classes = tuple(sorted({file.label for file in layout.files}))
    _check(layout.root, rows, classes)
    notes += _leaks(rows)
    return SliceTable(layout.root, tuple(rows), classes, skipped, tuple(notes))


def _read_facts(layout: Layout, track: Tracker) -> tuple[list[tuple[SliceFile, SliceFacts]], list[Skipped]]:
    cache = FactsCache()

    def read(file: SliceFile) -> SliceFacts | Skipped:
        try:
            return cache.facts(layout.root / file.path)
        except UnreadableSlice as error:
            return Skipped(file.path, str(error))

    readable, unreadable = [], []
    with track("reading slices", len(layout.files)) as advance, ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, answer in zip(layout.files, pool.map(read, layout.files), strict=True):
            if isinstance(answer, Skipped):
                unreadable.append(answer)
            else:
                cache.keep(answer)
                readable.append((file, answer))
            advance()
    cache.flush()
    return readable, unreadable


def _rows_as_given(read: list[tuple[SliceFile, SliceFacts]]) -> list[SliceRow]:
    return [
        SliceRow(file.path, file.label, file.split, file.group, facts) for file, facts in read if file.split is not None
    ]


def _rows_newly_split(read: list[tuple[SliceFile, SliceFacts]], seed: int, notes: list[str]) -> list[SliceRow]:
    groups = connected_groups([facts.pixels for _, facts in read], [file.group for file, _ in read])
    splits = split_groups([file.label for file, _ in read], groups, seed)
    notes.append(
        f"The data came without splits: split 70/10/20 with seed {seed}; identical pictures and groups stay together."
    )
    return [
        SliceRow(file.path, file.label, split, file.group, facts)
        for (file, facts), split in zip(read, splits, strict=True)
    ]


def _check(root: Path, rows: list[SliceRow], classes: tuple[str, ...]) -> None:
    if len(classes) == 1:
        raise HilumError(f"{root} has one class only, {classes[0]}. A comparison needs at least two.")
    for split in SPLITS:
        if not any(row.split == split for row in rows):
            raise HilumError(
                f"The split {split} of {root} has no readable file. Add slices to it, or see which were skipped."
            )
    in_train = {row.label for row in rows if row.split == "train"}
    for name in classes:
        if not any(row.label == name for row in rows):
            raise HilumError(
                f"The class {name} of {root} has no readable file. Add slices to it, or remove its folder."
            )
        if name not in in_train:
            where = next(row.split for row in rows if row.label == name)
            raise HilumError(
                f"The class {name} is in {where} but not in train, so that no model could know it. "
                "Add training slices of it, or remove it."
            )


def _leaks(rows: list[SliceRow]) -> Iterator[str]:
    """Sentences about identical pictures and given groups on both sides of a split."""
    pictures = [row.facts.pixels for row in rows]
    groups = [row.group for row in rows]
    for name, values in (("picture", pictures), ("group", groups)):
        seen = {value for row, value in zip(rows, values, strict=True) if row.split != "test"} - {None}
        test = [(row.label, value) for row, value in zip(rows, values, strict=True) if row.split == "test"]
        leaked = Counter(label for label, value in test if value in seen)
        if leaked:
            classes = ", ".join(f"{count} {label}" for label, count in sorted(leaked.items()))
            yield (
                f"{leaked.total()} of {len(test)} test slices ({classes}) share their {name} with train or valid: "
                "scores on test are too high by what was learnt from them."
            )

"""The table of slices: one row per readable file or frame, checked for use in a comparison."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from hilum.errors import HilumError
from hilum.progress import Tracker, silent
from hilum.slices.checks import check_complete, leaks
from hilum.slices.file_info import FactsCache, SliceFacts
from hilum.slices.formats import is_dicom
from hilum.slices.frames import file_of, frame_path
from hilum.slices.kept import Kept
from hilum.slices.labels import SPLITS, SYNTHETIC_PREFIX, Split
from hilum.slices.layout import Layout, Skipped, SliceFile, folder_layout, table_layout, with_groups
from hilum.slices.pool import reading_threads
from hilum.slices.read import UnreadableSlice
from hilum.slices.source import Source
from hilum.slices.split import connected_groups, split_groups
from hilum.slices.unread import left_out_lines, reasons, unread_classes
from hilum.slices.windows import check_window
from hilum.text import spelt

Say = Callable[[str], None]
_DRAWN = (
    "The data came without splits and were split 70/10/20 with seed {seed}; "
    "identical pictures and groups stay together."
)


def unsaid(sentence: str) -> None:
    """Says nothing; the sentences are in the table anyway."""


@dataclass(frozen=True)
class SliceRow:
    """One slice: its place, its class, and facts about its file.

    Attributes:
        path: Path of the file relative to the table's root; `scan.dcm#3` is the third frame of a multi-frame file.
        label: Class of the slice.
        split: Split of the slice.
        group: Group that must stay on one side of a split. It is the given group or, for DICOM files without one, a
            salted hash of the patient or the series; None if none is known.
        facts: Facts about the content.
    """

    path: str
    label: str
    split: Split
    group: str | None
    facts: SliceFacts


@dataclass(frozen=True)
class SliceTable:
    """All slices of a data set.

    Attributes:
        root: Folder that the rows' paths are relative to.
        rows: One row per readable file or frame, in the order train, valid, test, then by path.
        classes: Sorted names of the classes; labels are positions in it.
        skipped: Files left out, with reasons.
        notes: Sentences that a reader of any score should see.
        split_drawn: Whether hilum drew the split.
        reading: Sentence that says what was read as splits and as classes.
        kept: Pictures that have been decoded already.
        source: How the table was read; None for one that was not read.
    """

    root: Path
    rows: tuple[SliceRow, ...]
    classes: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    split_drawn: bool = False
    reading: str = ""
    kept: Kept = field(default_factory=Kept, repr=False, compare=False)
    source: Source | None = field(default=None, repr=False, compare=False)

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
        """Number of rows by split and class."""
        counted = Counter((row.split, row.label) for row in self.rows)
        return {split: {name: counted[split, name] for name in self.classes} for split in SPLITS}

    @property
    def distinct(self) -> int:
        """Number of pictures that differ in at least one pixel."""
        return len({row.facts.pixels for row in self.rows})

    @property
    def synthetic(self) -> bool:
        """Whether hilum drew any of the slices."""
        return any(PurePath(row.path).name.startswith(SYNTHETIC_PREFIX) for row in self.rows)

    @property
    def digest(self) -> str:
        """SHA-256 over every row's path, split, label and content."""
        lines = sorted(f"{row.path}\t{row.split}\t{row.label}\t{row.facts.content}" for row in self.rows)
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def read_table(
    folder: str | Path | None = None,
    *,
    table: str | Path | None = None,
    groups: str | Path | None = None,
    seed: int = 0,
    strict: bool = False,
    window: str = "auto",
    complete: bool = True,
    say: Say = unsaid,
    track: Tracker = silent,
) -> SliceTable:
    """Reads a data set.

    Args:
        folder: Folder with `train|valid|test/<class>/<file>`, or with `<class>/<file>`, which is split 70/10/20. It may
            be inside an outer folder. With `table`, the folder that its paths are relative to.
        table: CSV file with the columns `path,label` and, optionally, `split,group`.
        groups: CSV file with the columns `path,group`, paths relative to the folder. Slices of a group, such as a
            patient or a series, stay together wherever hilum splits.
        seed: Random seed of the split, for data without splits.
        strict: Whether a file that cannot be read is an error; otherwise it is left out.
        window: Window for DICOM files, as `hilum.slices.frames.read_frames` takes it.
        complete: Whether missing splits and classes, or too few slices to split, are errors. An audit reports them
            instead.
        say: Called with one sentence on what the data are read as, before any file is opened, then with each note and
            each file that is left out.
        track: Tracker of the progress.

    Raises:
        HilumError: The folder or table has no usable layout or no readable file; the groups file names files that are
            not there; the window is unknown; with `complete`, a split or class has no readable file, there is only one
            class, or test or valid has a class that train lacks; or, with `strict`, a file cannot be read.
    """
    layout = _layout(folder, table, groups)
    kept = Kept()
    rows, skipped, notes = _read(layout, window, kept, strict, say, track)
    given = all(file.split is not None for file in layout.files)
    rows, drawn = (rows, []) if given else _newly_split(rows, seed, complete)
    rows.sort(key=lambda row: (SPLITS.index(row.split), row.path))
    classes = tuple(sorted({file.label for file in layout.files}))
    if complete:
        check_complete(layout, rows, classes, skipped)
    about_split = [*drawn, *leaks(rows)]
    for note in about_split:
        say(note)
    notes = (*notes, *about_split)
    read = tuple(rows)
    source = Source(folder, table, groups, window, strict, read, None if given else seed)
    return SliceTable(layout.root, read, classes, skipped, notes, not given, layout.reading, kept, source)


def read_labelled(
    folder: str | Path | None = None,
    *,
    table: str | Path | None = None,
    groups: str | Path | None = None,
    strict: bool = False,
    window: str = "auto",
    say: Say = unsaid,
    track: Tracker = silent,
) -> SliceTable:
    """Reads labelled slices for scoring a model: every row is in test, regardless of its split.

    Args:
        folder: Folder as `read_table` takes it, with any number of classes.
        table: CSV file as `read_table` takes it.
        groups: CSV file of groups as `read_table` takes it.
        strict: Whether a file that cannot be read is an error; otherwise it is left out.
        window: Window for DICOM files, as `hilum.slices.frames.read_frames` takes it.
        say: Called with the sentences that `read_table` describes.
        track: Tracker of the progress.

    Raises:
        HilumError: The folder or table has no usable layout or no readable file, the groups file names files that are
            not there, the window is unknown, or, with `strict`, a file cannot be read.
    """
    layout = _layout(folder, table, groups, one_class=True)
    kept = Kept()
    rows, skipped, notes = _read(layout, window, kept, strict, say, track)
    read = tuple(sorted((replace(row, split="test") for row in rows), key=lambda row: row.path))
    classes = tuple(sorted({row.label for row in read}))
    source = Source(folder, table, groups, window, strict, read)
    return SliceTable(layout.root, read, classes, skipped, notes, reading=layout.reading, kept=kept, source=source)


def _layout(
    folder: str | Path | None, table: str | Path | None, groups: str | Path | None, one_class: bool = False
) -> Layout:
    if table is not None:
        layout = table_layout(Path(table), Path(folder) if folder is not None else None)
        if not any(os.path.lexists(layout.root / file.path) for file in layout.files):
            named = [file.path for file in layout.files] + [one.path for one in layout.skipped]
            raise HilumError(
                f"None of the files that {table} names is in {layout.root}; the first is {named[0]}. "
                "Give the folder that its paths are relative to in addition to the table."
            )
    elif folder is not None:
        layout = folder_layout(Path(folder), one_class)
    else:
        raise HilumError("Give a folder with slices, or --table FILE.csv.")
    layout = layout if groups is None else with_groups(layout, Path(groups))
    return replace(layout, reading=spelt(layout.reading), notes=tuple(map(spelt, layout.notes)))


def _read(
    layout: Layout, window: str, kept: Kept, strict: bool, say: Say, track: Tracker
) -> tuple[list[SliceRow], tuple[Skipped, ...], tuple[str, ...]]:
    """The readable slices, the files left out, and notes. Each sentence is said as soon as it is known.

    Slices of a data set without splits are in train.
    """
    for line in (layout.reading, *layout.notes, *left_out_lines(layout.skipped)):
        say(line)
    rows, unreadable = _read_facts(layout, window, kept, track)
    rows, grouping = _grouped(rows)
    noted = [*map(spelt, unread_classes(layout.files, unreadable)), *grouping]
    for line in (*left_out_lines(unreadable), *noted):
        say(line)
    skipped = (*layout.skipped, *unreadable)
    if strict and skipped:
        named = "; ".join(f"{one.path}: {one.reason}" for one in skipped[:5])
        more = f" and {len(skipped) - 5} more" if len(skipped) > 5 else ""
        raise HilumError(f"{len(skipped)} file(s) cannot be used, and --strict was given: {named}{more}.")
    if not rows:
        why = f": {reasons(skipped)}" if skipped else ""
        raise HilumError(f"{layout.root} has no readable slice{why}.")
    return rows, skipped, (*layout.notes, *noted)


def _read_facts(layout: Layout, window: str, kept: Kept, track: Tracker) -> tuple[list[SliceRow], list[Skipped]]:
    """The readable slices and the files left out."""
    check_window(window)
    cache = FactsCache(kept)

    def read(file: SliceFile) -> list[SliceFacts] | Skipped:
        path = layout.root / file.path
        try:
            return cache.dicom_facts(path, window) if is_dicom(path) else [cache.facts(path)]
        except UnreadableSlice as error:
            return Skipped(file.path, str(error))

    rows, unreadable = [], []
    with track("reading slices", len(layout.files)) as advance, reading_threads() as pool:
        for file, answer in zip(layout.files, pool.map(read, layout.files), strict=True):
            if isinstance(answer, Skipped):
                unreadable.append(answer)
            else:
                for facts in answer:
                    cache.keep(facts)
                    path = frame_path(file.path, facts.frame)
                    rows.append(SliceRow(path, file.label, file.split or "train", file.group, facts))
            advance()
    cache.flush()
    return rows, unreadable


def _grouped(rows: list[SliceRow]) -> tuple[list[SliceRow], list[str]]:
    """Groups DICOM slices by patient if no groups were given, or by series if all name the same patient."""
    patients, series = ({getattr(row.facts, name) for row in rows} - {None} for name in ("patient", "series"))
    if not patients or any(row.group is not None for row in rows):
        return rows, []
    by_patient = len(patients) > 1 or not len(series) > 1
    count, named = (
        (len(patients), "patients") if by_patient else (len(series), "series, since all name the same patient")
    )
    note = f"DICOM slices are grouped by what their headers say: {count:,} {named}, known by salted hashes only."
    return [replace(row, group=row.facts.patient if by_patient else row.facts.series) for row in rows], [note]


def _newly_split(rows: list[SliceRow], seed: int, complete: bool) -> tuple[list[SliceRow], list[str]]:
    """Rows with a drawn split, and a note on it. Without `complete`, slices that are too few to split stay in train."""
    files = [file_of(row.path, row.facts.frame) for row in rows]
    groups = connected_groups([row.facts.pixels for row in rows], [row.group for row in rows], files)
    try:
        splits = split_groups([row.label for row in rows], groups, seed)
    except HilumError as error:
        if complete:
            raise
        return rows, [f"No split could be drawn, so every slice is in train. {error}"]
    return [replace(row, split=split) for row, split in zip(rows, splits, strict=True)], [_DRAWN.format(seed=seed)]

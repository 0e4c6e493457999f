"""The table of slices: one row per readable file or frame, checked for use in a comparison."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Many
from hilum.errors import HilumError
from hilum.notebook import automatic
from hilum.progress import Tracker
from hilum.slices import shown
from hilum.slices.checks import check_complete, leaks
from hilum.slices.kept import Kept
from hilum.slices.labels import SPLITS, SYNTHETIC_PREFIX, Split
from hilum.slices.layout import Layout, Skipped, folder_layout, table_layout, with_groups
from hilum.slices.rows import SliceRow, grouped, newly_split, read_rows
from hilum.slices.source import Source
from hilum.slices.unread import left_out_lines, reasons, unread_classes
from hilum.text import spelt

if TYPE_CHECKING:
    import pandas as pd

Say = Callable[[str], None]


def unsaid(sentence: str) -> None:
    """Says nothing; the sentences are in the table anyway."""


@dataclass(frozen=True)
class SliceTable:
    """All slices of a data set. A notebook shows the number of slices of each class in each split, and the notes.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> table
        SliceTable(phantom: 48 slices of 4 classes; train ..., valid ..., test ...)
        >>> table.counts["test"]["normal"] > 0
        True

    Attributes:
        root: Folder that the rows' paths are relative to.
        rows: One row per readable file or frame, in the order train, valid, test, then by path.
        classes: Sorted names of the classes; labels are positions in it.
        skipped: Files left out, with reasons.
        notes: Sentences that a reader of any score should see.
        split_drawn: Whether hilum drew the split.
        split_notes: Those of the notes that are about the split.
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
    split_notes: tuple[str, ...] = ()
    reading: str = ""
    kept: Kept = field(default_factory=Kept, repr=False, compare=False)
    source: Source | None = field(default=None, repr=False, compare=False)

    @property
    def labels(self) -> NDArray[np.intp]:
        """The position of each row's class in `classes`, `[rows]`."""
        numbers = {name: number for number, name in enumerate(self.classes)}
        return np.array([numbers[row.label] for row in self.rows], dtype=np.intp)

    def in_split(self, split: Split) -> NDArray[np.bool_]:
        """Which rows belong to a split, `[rows]`.

        Example:
            >>> bool(table.in_split("test").any())
            True
        """
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

    def to_frame(self) -> "pd.DataFrame":
        """One row per slice: `path`, `label`, `split`, `group`, and facts about its file.

        Raises:
            MissingExtra: pandas is not installed.

        Example:
            >>> table.to_frame()["label"].nunique()
            4
        """
        return shown.frame(self)

    def __repr__(self) -> str:
        return shown.line(self)

    def _repr_html_(self) -> str:
        return shown.page(self)


def check_table(given: object, whose: str, reader: str = "read_table") -> None:
    """Checks that a table was given, and not the folder of one.

    Args:
        given: What was given as a table.
        whose: Name of the function that takes it, for the message.
        reader: Name of the function that makes such a table.

    Raises:
        HilumError: It is no table.
    """
    if not isinstance(given, SliceTable):
        folder = f'"{given}"' if isinstance(given, str | Path) else "FOLDER"
        raise HilumError(f"{whose} needs a table; make one with hilum.{reader}({folder}).")


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
    track: Tracker = automatic,
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

    Example:
        >>> hilum.read_table("phantom").classes
        ('adenocarcinoma', 'large_cell_carcinoma', 'normal', 'squamous_cell_carcinoma')
    """
    layout = _layout(folder, table, groups)
    kept = Kept()
    rows, skipped, notes = _read(layout, window, kept, strict, say, track)
    given = all(file.split is not None for file in layout.files)
    rows, drawn = (rows, []) if given else newly_split(rows, seed, complete)
    rows.sort(key=lambda row: (SPLITS.index(row.split), row.path))
    classes = tuple(sorted({file.label for file in layout.files}))
    if complete:
        check_complete(layout, rows, classes, skipped)
    about_split = (*drawn, *leaks(rows))
    for note in about_split:
        say(note)
    notes = (*notes, *about_split)
    read = Many(rows)
    source = Source(folder, table, groups, window, strict, read, None if given else seed)
    return SliceTable(
        layout.root, read, classes, skipped, notes, not given, about_split, layout.reading, kept=kept, source=source
    )


def read_labelled(
    folder: str | Path | None = None,
    *,
    table: str | Path | None = None,
    groups: str | Path | None = None,
    strict: bool = False,
    window: str = "auto",
    say: Say = unsaid,
    track: Tracker = automatic,
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

    Example:
        >>> hilum.read_labelled("phantom/test")
        SliceTable(test: ... slices of 4 classes; train 0, valid 0, test ...)
    """
    layout = _layout(folder, table, groups, one_class=True)
    kept = Kept()
    rows, skipped, notes = _read(layout, window, kept, strict, say, track)
    read = Many(sorted((replace(row, split="test") for row in rows), key=lambda row: row.path))
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
    rows, unreadable = read_rows(layout, window, kept, track)
    rows, grouping = grouped(rows)
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
    return rows, Many(skipped), (*layout.notes, *noted)

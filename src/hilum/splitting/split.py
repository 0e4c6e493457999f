"""Splits a data set anew, so that nothing that belongs together is on two sides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hilum.audit.groups import find_groups
from hilum.brief import Many
from hilum.errors import HilumError
from hilum.notebook import automatic
from hilum.options import COPIES, check_likeness, check_name, check_seed
from hilum.progress import Tracker
from hilum.slices.labels import SPLITS, Split
from hilum.slices.layout import Skipped
from hilum.slices.rows import SliceRow, newly_split
from hilum.slices.split import connected_groups
from hilum.slices.table import SliceTable, check_table
from hilum.splitting.division import asked_shares, folded, nearest_split
from hilum.splitting.files import SplitFile, check_names, folder_of, marks_of, written_paths
from hilum.splitting.new_split import NewSplit
from hilum.splitting.notes import about_groups, about_marks, about_parts, ids_would_help
from hilum.text import to_cell


def check_split(
    shares: Sequence[float], folds: int | None, copies: str, look_alike: float | None, seed: int
) -> Mapping[str, float]:
    """Checks the options of `split`.

    Returns:
        The share of each split or fold, by its name.

    Raises:
        HilumError: One of them is out of range or unknown.
    """
    check_seed(seed)
    check_likeness(look_alike)
    check_name("way with copies", copies, COPIES)
    return asked_shares(shares, folds)


def split(
    table: SliceTable,
    *,
    shares: Sequence[float] = (70, 10, 20),
    folds: int | None = None,
    copies: str = "drop",
    look_alike: float | None = None,
    seed: int = 0,
    track: Tracker = automatic,
) -> NewSplit:
    """Splits slices into train, valid and test, or into folds, stratified by class and without leaks.

    Slices of one group are in one part: those with the same id (patient or series), or else look-alikes, as in the
    strict protocol, and always copies and the same slice. Splits that the slices came in are ignored.

    Args:
        table: Table from `read_table`.
        shares: Percentages of train, valid and test.
        folds: Number of folds to make instead of splits.
        copies: `drop` leaves out copies and files with label conflicts, `keep` keeps them with a mark.
        look_alike: Correlation above which slices without ids stay together; None is 0.87, or less if the data are
            sure of it.
        seed: Random seed.
        track: Reports progress.

    Raises:
        HilumError: An option is out of range, a class has too few groups for three splits, there are fewer groups than
            folds, a name cannot be written to a table, or a file changed since the table was read.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> hilum.split(table, shares=(60, 20, 20))
        NewSplit(phantom: ... slices of 4 classes; train ..., valid ..., test ...)
        >>> hilum.split(table, folds=3)
        NewSplit(phantom: ... slices of 4 classes; fold 0 ..., fold 1 ..., fold 2 ...)
    """
    check_table(table, "split")
    asked = check_split(shares, folds, copies, look_alike, seed)
    # Nothing may depend on the splits that the slices came in, so these are forgotten first.
    rows = sorted((replace(row, split="train") for row in table.rows), key=lambda row: row.path)
    groups = find_groups(replace(table, rows=tuple(rows)), track, look_alike=look_alike)
    together = connected_groups(list(map(str, groups.strict)), [row.file for row in rows])
    paths = written_paths(table)
    marks = marks_of(rows, groups, paths)
    kept = [place for place, row in enumerate(rows) if copies == "keep" or row.file not in marks]
    if not kept:
        raise HilumError("Every file has a label conflict, so none is left to split. Correct the labels.")
    labels, numbers = [rows[place].label for place in kept], [together[place] for place in kept]
    try:
        parts = nearest_split(labels, numbers, seed, asked) if folds is None else folded(labels, numbers, seed, folds)
    except HilumError as error:
        raise HilumError(f"{error}{ids_would_help(groups)}") from error
    made = [rows[place] for place in kept]
    files = _files(made, parts, numbers, paths, marks)
    check_names((file.path for file in files), {file.label for file in files})
    marked = {paths[file]: mark for file, mark in sorted(marks.items())}
    dropped = marked if copies == "drop" else {}
    return NewSplit(
        table=_in_splits(table, made, parts, asked, seed) if folds is None else _drawn(table, made, seed),
        files=files,
        left_out=tuple(Skipped(path, mark) for path, mark in dropped.items()),
        shares=asked,
        notes=(
            *about_groups(table, groups, len({*numbers})),
            *about_marks(marked, copies == "drop"),
            *about_parts(labels, parts, numbers, asked, table.classes),
        ),
        folder=folder_of(table),
        folds=folds is not None,
        marked=copies == "keep",
    )


def _files(
    rows: Sequence[SliceRow],
    parts: Sequence[str],
    groups: Sequence[int],
    paths: Mapping[str, str],
    marks: Mapping[str, str],
) -> tuple[SplitFile, ...]:
    slices = Counter(row.file for row in rows)
    last = {row.file: (row, part, group) for row, part, group in zip(rows, parts, groups, strict=True)}
    found = sorted(last.items())  # of the frames of each file, which are in one part and group
    number = {group: place for place, group in enumerate(dict.fromkeys(group for _, (*_, group) in found))}
    return Many(
        SplitFile(paths[file], row.label, part, number[group], slices[file], row.group or "", marks.get(file, ""))
        for file, (row, part, group) in found
    )


def _in_splits(
    table: SliceTable, rows: Sequence[SliceRow], parts: Sequence[str], asked: Mapping[str, float], seed: int
) -> SliceTable:
    """The table in its new splits."""
    split_of: Mapping[str, Split] = {split: split for split in SPLITS}
    new = [replace(row, split=split_of[part]) for row, part in zip(rows, parts, strict=True)]
    shares = "/".join(f"{100 * share:g}" for share in asked.values())
    note = f"Split {shares} by hilum split with seed {seed}; groups and copies stay together."
    return _with_rows(table, new, [note], drawn=False)


def _drawn(table: SliceTable, rows: list[SliceRow], seed: int) -> SliceTable:
    """The table in a split that is drawn as `read_table` draws it, which has no use for folds."""
    return _with_rows(table, *newly_split(rows, seed, complete=False), drawn=True)


def _with_rows(table: SliceTable, rows: list[SliceRow], about: Sequence[str], *, drawn: bool) -> SliceTable:
    as_read = (replace(row, group=row.group and to_cell(row.group)) for row in rows)  # from the file that is written
    ordered = Many(sorted(as_read, key=lambda row: (SPLITS.index(row.split), row.path)))
    notes = [note for note in table.notes if note not in table.split_notes]
    return replace(
        table,
        rows=ordered,
        classes=tuple(sorted({row.label for row in ordered})),
        notes=(*notes, *about),
        split_notes=tuple(about),
        split_drawn=drawn,
    )

"""Which files of a folder are slices, and what their places say: split and class."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from hilum.errors import HilumError
from hilum.slices.labels import SPLITS, Split, class_name, split_name

_LAYOUT_HINT = (
    "Expected train/, valid/ and test/ with a folder a class in each, or just a folder a class. "
    "Other layouts can be given as --table FILE.csv with the columns path,label and, if wanted, split,group."
)
_ENDINGS = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")
_LEADS_OUT = "a symbolic link that leads out of the folder; not followed"


@dataclass(frozen=True)
class SliceFile:
    """One file that should be a slice.

    Attributes:
        path: Relative to the layout's root, with forward slashes.
        label: Its class.
        split: Its split, or None where the data set is still to be split.
        group: What must stay on one side of a split (a patient, say), or None.
    """

    path: str
    label: str
    split: Split | None = None
    group: str | None = None


@dataclass(frozen=True)
class Skipped:
    """A file that is left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Layout:
    """The files of a data set, before any of them is read."""

    root: Path
    files: tuple[SliceFile, ...]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = field(default=())


def folder_layout(folder: Path) -> Layout:
    """Reads the layout of a folder: Kaggle's (also inside its outer `Data/`), or a folder a class.

    Raises:
        HilumError: The folder does not exist, or has neither layout.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise HilumError(f"The folder {folder} {what}. Give the folder that holds the slices.")
    folders = _folders(folder)
    inner = [path for path in folders if path.name.lower() == "data"]
    if inner and not any(split_name(path.name) for path in folders):
        return folder_layout(inner[0])
    split_folders = {path: split for path in folders if (split := split_name(path.name))}
    if not split_folders:
        files, skipped = _files_of_classes(folder, folder, None)
        if not files:
            raise HilumError(f"No class folder with files was found in {folder}. {_LAYOUT_HINT}")
        return Layout(folder, tuple(files), tuple(skipped))
    files, skipped = [], []
    for path, split in split_folders.items():
        found, left_out = _files_of_classes(folder, path, split)
        files += found
        skipped += left_out
    others = [path.name for path in folders if path not in split_folders]
    notes = [f"Folders beside the splits were not read: {', '.join(others)}."] if others else []
    return Layout(folder, tuple(files), tuple(skipped), tuple(notes))


def table_layout(table: Path, folder: Path | None) -> Layout:
    """Reads a CSV file with the columns `path,label` and, if wanted, `split,group`.

    Paths are relative to `folder`, or to the table's own folder where none is given.

    Raises:
        HilumError: The table cannot be read, lacks a column, or a row makes no sense.
    """
    root = folder or table.parent
    columns, rows = _read_csv(table, {"path", "label"})
    files = [_file_of_row(row, f"{table}, row {number}", "split" in columns) for number, row in enumerate(rows, 2)]
    if not files:
        raise HilumError(f"The table {table} has no rows.")
    paths = [file.path for file in files]
    if len(set(paths)) < len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        raise HilumError(f"The table {table} names {twice} more than once. Keep one row a file.")
    inside, skipped = [], []
    for file in files:
        if _leads_out(root / file.path, root):
            skipped.append(Skipped(file.path, "leads out of the folder; not followed"))
        else:
            inside.append(file)
    return Layout(root, tuple(inside), tuple(skipped))


def with_groups(layout: Layout, groups: Path) -> Layout:
    """Gives the files of a layout the groups of a CSV file with the columns `path,group`.

    Files that it does not name keep no group, which a note says.

    Raises:
        HilumError: The file cannot be read, gives a file two groups or an empty one, or names files that are not there.
    """
    _, rows = _read_csv(groups, {"path", "group"})
    given: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        path, group = Path((row["path"] or "").strip()).as_posix(), (row["group"] or "").strip()
        if not group:
            raise HilumError(f"{groups}, row {number}: the group of {path} is empty. Name one, or leave the row out.")
        if given.setdefault(path, group) != group:
            raise HilumError(f"{groups} gives {path} two groups, {given[path]} and {group}. Keep one row a file.")
    known = {file.path for file in layout.files} | {skipped.path for skipped in layout.skipped}
    if unknown := sorted(given.keys() - known):
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise HilumError(
            f"{groups} names files that are not in {layout.root}: {', '.join(unknown[:3])}{more}. "
            "Paths are relative to that folder, with forward slashes."
        )
    files = tuple(replace(file, group=given.get(file.path)) for file in layout.files)
    without = sum(file.group is None for file in files)
    note = f"{without} of {len(files)} files have no group in {groups.name}; they go by their look-alikes."
    return replace(layout, files=files, notes=(*layout.notes, *([note] if without else [])))


def _read_csv(table: Path, needed: set[str]) -> tuple[set[str], list[dict[str, str]]]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            columns = set(reader.fieldnames or ())
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise HilumError(f"The table {table} cannot be read ({error}). It should be a CSV file in UTF-8.") from error
    if missing := needed - columns:
        raise HilumError(f"The table {table} lacks the column {' and '.join(sorted(missing))}.")
    return columns, rows


def _file_of_row(row: dict[str, str], where: str, with_split: bool) -> SliceFile:
    path, label = (row["path"] or "").strip(), (row["label"] or "").strip()
    if not path or not label:
        raise HilumError(f"{where}: path and label must not be empty.")
    if "\0" in path:
        raise HilumError(f"{where}: no path holds a zero byte. Is the table in UTF-8?")
    split = split_name((row["split"] or "").strip()) if with_split else None
    if with_split and split is None:
        raise HilumError(f"{where}: the split {row['split']!r} is none of {', '.join(SPLITS)}.")
    return SliceFile(Path(path).as_posix(), class_name(label), split, (row.get("group") or "").strip() or None)


def _files_of_classes(root: Path, parent: Path, split: Split | None) -> tuple[list[SliceFile], list[Skipped]]:
    if _leads_out(parent, root):
        return [], [Skipped(_relative(parent, root), _LEADS_OUT)]
    files: list[SliceFile] = []
    skipped = [Skipped(_relative(path, root), "a picture outside every class folder") for path in _pictures(parent)]
    for folder in _folders(parent):
        if folder.is_symlink() and _leads_out(folder, root):
            skipped.append(Skipped(_relative(folder, root), _LEADS_OUT))
            continue
        label = class_name(folder.name)
        for path in _walk(folder):
            if path.is_symlink() and (path.is_dir() or _leads_out(path, root)):
                reason = "a symbolic link to a folder; not followed" if path.is_dir() else _LEADS_OUT
                skipped.append(Skipped(_relative(path, root), reason))
            else:
                files.append(SliceFile(_relative(path, root), label, split))
    return files, skipped


def _walk(folder: Path) -> Iterator[Path]:
    """Every visible file below a folder, and the links to folders, which are not entered; sorted."""
    for parent, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if _visible(name))
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        yield from (Path(parent) / name for name in sorted([*filter(_visible, files), *links]))


def _folders(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _pictures(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.suffix.lower() in _ENDINGS and path.is_file()]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if _visible(path.name))
    except OSError as error:
        _unreadable(error)


def _unreadable(error: OSError) -> NoReturn:
    raise HilumError(f"The folder {error.filename} cannot be read ({error.strerror}).") from error


def _visible(name: str) -> bool:
    return not name.startswith((".", "__MACOSX")) and name.lower() not in ("thumbs.db", "desktop.ini")


def _leads_out(path: Path, root: Path) -> bool:
    # Not Path.resolve: before Python 3.13 it raises RuntimeError for a link that leads to itself.
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()

"""The files of a folder or a table that should be slices, each with its split, class and group."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hilum.errors import HilumError
from hilum.slices.csv_rows import CsvRow, read_rows
from hilum.slices.folders import check_classes, filled_folders, find_folders
from hilum.slices.labels import SPLITS, Split, class_name, doubtful, listed, merged, split_name
from hilum.slices.walking import is_output, leads_out, left_out, pictures, relative, subfolders, walk

OUTSIDE = "a picture outside every class folder"
_LAYOUT_HINT = (
    "Expected train/, valid/ and test/ with one folder per class in each, or just one folder per class. "
    "Other layouts can be given as --table FILE.csv with the columns path,label and, if wanted, split,group."
)
_OF_SPLITTING = {"fold", "mark", "together"}  # columns of `hilum split`, for whoever trains elsewhere
_LEADS_OUT = "a symbolic link that leads out of the folder; not followed"


@dataclass(frozen=True)
class SliceFile:
    """One file that should be a slice.

    Attributes:
        path: Path relative to the layout's root, with forward slashes.
        label: Class of the slice.
        split: Split of the slice, or None if the data set is still to be split.
        group: Name of a group that must stay on one side of a split, such as a patient, or None.
    """

    path: str
    label: str
    split: Split | None = None
    group: str | None = None


@dataclass(frozen=True)
class Skipped:
    """A file that is left out, and the reason."""

    path: str
    reason: str


@dataclass(frozen=True)
class Layout:
    """The files of a data set, before any of them is read.

    Attributes:
        root: Folder that the files' paths are relative to.
        files: Files that should be slices.
        skipped: Files that are left out.
        notes: Sentences about anything that may not be as intended.
        reading: Sentence that says what was read as splits and as classes.
    """

    root: Path
    files: tuple[SliceFile, ...]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    reading: str = ""


def folder_layout(folder: Path, one_class: bool = False) -> Layout:
    """Reads the layout of a folder: splits with one folder per class in each, or one folder per class.

    Args:
        folder: The folder, or one around it.
        one_class: Whether the data may have a single class.

    Raises:
        HilumError: The folder does not exist, has neither layout, or can be read in two ways.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise HilumError(f"The folder {folder} {what}. Give the folder that holds the slices.")
    if is_output(folder):
        raise HilumError(f"The folder {folder} was written by hilum itself. Give the folder that holds the slices.")
    root, found, notes = find_folders(folder, one_class)
    parents = {parent: split for parent, split in found.items() if not leads_out(parent, root)}
    files: list[SliceFile] = []
    skipped = [Skipped(relative(parent, root), _LEADS_OUT) for parent in found if parent not in parents]
    skipped += [] if root in parents else _outside(root, root)
    for parent, split in parents.items():
        check_classes(root, parent)
        here, left = _files_of_classes(root, parent, split)
        files += here
        skipped += left
    if not files:
        why = _why_no_class(skipped)
        raise HilumError(f"No class folder with files was found in {folder}.{why} {_LAYOUT_HINT}")
    notes += [*_notes(root, parents, files), *_left_out_note(folder)]
    inside = "" if root == folder else f" inside {relative(root, folder)}"
    names = {split: [relative(parent, root) for parent, its in parents.items() if its == split] for split in SPLITS}
    return Layout(root, tuple(files), tuple(skipped), tuple(notes), f"Read{inside} as {_described(files, names)}.")


def table_layout(table: Path, folder: Path | None) -> Layout:
    """Reads a CSV file with the columns `path,label` and, optionally, `split,group`.

    Args:
        table: The file.
        folder: Folder that its paths are relative to; None is the table's own folder.

    Raises:
        HilumError: The table cannot be read, lacks a column or has an invalid row.
    """
    root = folder or table.parent
    read = {"path", "label", "split", "group"}
    columns, rows = read_rows(table, {"path", "label"}, read)
    files = [_file_of_row(row, f"{table}, row {row.line}", "split" in columns, root) for row in rows]
    if not files:
        raise HilumError(f"The table {table} has no rows.")
    lines: dict[str, list[str]] = defaultdict(list)
    for file, row in zip(files, rows, strict=True):
        lines[file.path].append(str(row.line))
    if twice := next((path for path, named in lines.items() if len(named) > 1), None):
        raise HilumError(
            f"The table {table} names {twice} more than once, in lines {listed(lines[twice], 5)}. "
            "Keep one row per file."
        )
    outside = {file for file in files if leads_out(root / file.path, root)}
    skipped = tuple(Skipped(file.path, "leads out of the folder; not followed") for file in files if file in outside)
    inside = tuple(file for file in files if file not in outside)
    notes = [
        *merged(row.values["label"] for row in rows),
        *doubtful({file.label for file in files}, "class"),
        *doubtful({file.group for file in files if file.group}, "group"),
        *_slashed_note(rows, lines, root),
    ]
    if others := sorted(columns - read - _OF_SPLITTING - {""}):
        notes.append(
            f"Columns of {table.name} that were not read: {listed(others)}. Only {listed(sorted(read))} are read."
        )
    return Layout(root, inside, skipped, tuple(notes), f"Read {table.name} as {_described(files)}.")


def with_groups(layout: Layout, groups: Path) -> Layout:
    """Gives the files of a layout the groups of a CSV file with the columns `path,group`.

    Files that it does not name have no group, and a note says so.

    Raises:
        HilumError: The CSV file cannot be read, gives a slice two groups or an empty one, or names files that are not
            there.
    """
    known = {file.path for file in layout.files} | {skipped.path for skipped in layout.skipped}
    _, rows = read_rows(groups, {"path", "group"}, set())
    given: dict[str, str] = {}
    for row in rows:
        path, group = _path(row.values.get("path", ""), known.__contains__, layout.root), row.values.get("group", "")
        if not group:
            raise HilumError(f"{groups}, row {row.line}: the group of {path} is empty. Name one, or leave the row out.")
        if given.setdefault(path, group) != group:
            raise HilumError(f"{groups} gives {path} two groups, {given[path]} and {group}. Keep one row per file.")
    if unknown := sorted(given.keys() - known):
        raise HilumError(
            f"{groups} names files that are not in {layout.root}: {listed(unknown, 3)}. "
            "Paths are relative to that folder, with forward slashes."
        )
    files = tuple(replace(file, group=given.get(file.path)) for file in layout.files)
    notes = [*layout.notes, *doubtful(set(given.values()), "group"), *_slashed_note(rows, given, layout.root)]
    if without := sum(file.group is None for file in files):
        notes.append(
            f"{without} of {len(files)} files have no group in {groups.name}; they are grouped with their look-alikes."
        )
    return replace(layout, files=files, notes=tuple(notes))


def _file_of_row(row: CsvRow, where: str, with_split: bool, root: Path) -> SliceFile:
    path, label = row.values.get("path", ""), row.values.get("label", "")
    if not path or not label:
        raise HilumError(
            f"{where}: path and label must not be empty. Fill in both, separated as in the first line, or remove the "
            "row."
        )
    if "\0" in path:
        raise HilumError(f"{where}: a path cannot contain a zero byte. Is the table in UTF-8?")
    if "\n" in path + label:
        raise HilumError(f"{where}: path and label must not span several lines. Is a quote missing?")
    written = row.values.get("split", "")
    split = split_name(written) if with_split else None
    if with_split and split is None:
        raise HilumError(
            f"{where}: {written!r} is not a split. Use one of {', '.join(SPLITS)} in every row, or leave the column "
            "out to have the split drawn."
        )
    path = _path(path, lambda path: os.path.lexists(root / path), root)
    return SliceFile(path, class_name(label), split, row.values.get("group") or None)


def _path(written: str, known: Callable[[str], bool], root: Path) -> str:
    """A path below the root with forward slashes. Backslashes are replaced if a file is found only then."""
    path, slashed = (_below(root, text) for text in (written, written.replace("\\", "/")))
    return slashed if slashed != path and known(slashed) and not known(path) else path


def _below(root: Path, written: str) -> str:
    """A path with forward slashes; an absolute path below the root becomes relative."""
    path, top = Path(written), root.absolute()
    return (path.relative_to(top) if path.is_relative_to(top) else path).as_posix()


def _slashed_note(rows: Sequence[CsvRow], paths: Container[str], root: Path) -> Iterator[str]:
    if slashed := sum(_below(root, row.values["path"]) not in paths for row in rows):
        yield f"Backslashes were read as slashes in {slashed:,} of {len(rows):,} paths."


def _files_of_classes(root: Path, parent: Path, split: Split | None) -> tuple[list[SliceFile], list[Skipped]]:
    files: list[SliceFile] = []
    skipped = _outside(parent, root)
    for folder in subfolders(parent):
        if folder.is_symlink() and leads_out(folder, root):
            skipped.append(Skipped(relative(folder, root), _LEADS_OUT))
            continue
        label = class_name(folder.name)
        for path in walk(folder):
            if path.is_symlink() and (path.is_dir() or leads_out(path, root)):
                reason = "a symbolic link to a folder; not followed" if path.is_dir() else _LEADS_OUT
                skipped.append(Skipped(relative(path, root), reason))
            else:
                files.append(SliceFile(relative(path, root), label, split))
    return files, skipped


def _outside(folder: Path, root: Path) -> list[Skipped]:
    return [Skipped(relative(path, root), OUTSIDE) for path in pictures(folder)]


def _why_no_class(skipped: Sequence[Skipped]) -> str:
    outside = [one.path for one in skipped if one.reason == OUTSIDE]
    links = [one.path for one in skipped if one.reason != OUTSIDE]
    places = sorted({Path(path).parent.as_posix() for path in outside} - {"."})
    where = f", in {listed(places, 5)}" if places else ""
    lie = f" {len(outside):,} pictures lie outside every class folder{where}." if outside else ""
    return lie + (f" Links that lead out were not followed: {listed(links, 5)}." if links else "")


def _notes(root: Path, parents: Mapping[Path, Split | None], files: Sequence[SliceFile]) -> Iterator[str]:
    """Sentences about anything unexpected in the folders that were read as splits and classes."""
    for parent in parents:
        classes = filled_folders(parent)
        yield from merged(path.name for path in classes)
        if not classes:
            yield (
                f"{relative(parent, root)} holds no class folder, so its {len(pictures(parent)):,} pictures have no "
                "label. Sort them into one folder per class, or give labels in --table FILE.csv."
            )
    yield from doubtful({file.label for file in files}, "class")
    empty = {path for holder in (root, *parents) for path in {*subfolders(holder)}.difference(filled_folders(holder))}
    found = {(file.split, file.label) for file in files}
    for parent, split in parents.items():
        empty |= {path for path in subfolders(parent) if (split, class_name(path.name)) not in found}
    if empty:
        names = sorted(relative(path, root) for path in empty)
        yield f"Folders without a file to read were left out: {listed(names)}."
    deeper = {
        relative(below, root)
        for parent in parents
        for path in filled_folders(parent)
        if not path.is_symlink()
        for below in filled_folders(path)
    }
    if deeper:
        yield (
            f"Folders inside class folders were read as part of their class: {listed(sorted(deeper), 5)}. If they are "
            "the classes, give the folder that holds them, or --table FILE.csv."
        )


def _left_out_note(folder: Path) -> Iterator[str]:
    if others := left_out(folder):
        most = sorted(others.items(), key=lambda item: (-item[1], item[0]))
        kinds = listed([f"{name} ({count:,})" for name, count in most], 5)
        yield f"Hidden files and those of other programs or of hilum were left out, {others.total():,} in all: {kinds}."


def _described(files: Sequence[SliceFile], folders: Mapping[Split, Sequence[str]] | None = None) -> str:
    """The splits and classes that files were read as, with the splits' folders if these have other names."""
    splits, classes = Counter(file.split for file in files), Counter(file.label for file in files)
    word = "class" if len(classes) == 1 else "classes"
    if None in splits:
        named = listed([f"{name} ({count:,})" for name, count in sorted(classes.items())])
        return f"{len(classes)} {word} without splits, with these numbers of files: {named}"
    counted = []
    for split in SPLITS:
        if split in splits:
            origin = "".join(f"{name}, " for name in (folders or {}).get(split, ()) if name != split)
            counted.append(f"{split} ({origin}{splits[split]:,} file{'' if splits[split] == 1 else 's'})")
    many = "1 split" if len(counted) == 1 else f"{len(counted)} splits"
    return f"{many}, {listed(counted)}, of {len(classes)} {word}: {listed(sorted(classes))}"

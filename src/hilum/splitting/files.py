"""The files of a table of slices: which are copies or carry two labels, and whether a table can name them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hilum.audit.groups import Groups
from hilum.errors import HilumError
from hilum.slices.labels import listed
from hilum.slices.rows import SliceRow
from hilum.slices.table import SliceTable
from hilum.text import plain_path, to_cell

CONFLICT = "label conflict"
COPY = "copy of "


@dataclass(frozen=True)
class SplitFile:
    """A file, which is one row of the table that is written.

    Attributes:
        path: Path relative to the folder, with forward slashes.
        label: Class of the slice.
        part: Split, or number of the fold as a text.
        together: Number of the group whose slices are all in one part, from 0 in the order of the files.
        slices: Number of slices in the file.
        group: Id that the file came with (patient or series), or nothing.
        mark: `copy of PATH`, `label conflict`, or nothing.
    """

    path: str
    label: str
    part: str
    together: int
    slices: int
    group: str = ""
    mark: str = ""


def given_folder(table: SliceTable) -> Path | None:
    """The folder that slices were read from; None if a table of theirs was given alone."""
    if table.source is None:
        return table.root
    return None if table.source.folder is None else Path(table.source.folder)


def folder_of(table: SliceTable) -> Path:
    """The folder that paths are written relative to, within which the table's root may lie deeper."""
    return given_folder(table) or table.root


def written_paths(table: SliceTable) -> dict[str, str]:
    """The path of each file relative to `folder_of`, by that relative to the root."""
    inside = table.root.relative_to(folder_of(table))
    return {row.file: (inside / row.file).as_posix() for row in table.rows}


def marks_of(rows: Sequence[SliceRow], groups: Groups, paths: Mapping[str, str]) -> dict[str, str]:
    """The mark of each file that is left out of a table, or marked in it.

    A file with several frames has a label conflict if one of them does. It is a copy if all of them are. Of equal
    files, the one with the shortest name is the original: `10.png` rather than `10 - Copy.png`.

    Args:
        rows: The slices.
        groups: Their groups.
        paths: Path of each file as it is written.
    """
    files, pictures = [row.file for row in rows], groups.picture.tolist()
    marks = {file: CONFLICT for file, of in zip(files, groups.conflicting.tolist(), strict=True) if of}
    origin: dict[int, str] = {}
    sound = [(file, picture) for file, picture in zip(files, pictures, strict=True) if file not in marks]
    for file, picture in sorted(sound, key=lambda one: (len(PurePosixPath(one[0]).name), one)):
        origin.setdefault(picture, file)
    originals = {*origin.values()}
    for file, picture in sound:
        if file not in originals:
            marks.setdefault(file, f"{COPY}{paths[origin[picture]]}")
    return marks


def check_names(paths: Iterable[str], labels: Iterable[str]) -> None:
    """Checks that a table can name files and classes such that reading it finds them again.

    Raises:
        HilumError: It cannot.
    """
    cells = [(path, PurePosixPath(to_cell(plain_path(path)).strip()).as_posix()) for path in paths]
    cells += [(label, to_cell(label).strip()) for label in labels]
    wrong = [name for name, read in cells if read != name or "\n" in name]
    if wrong:
        raise HilumError(
            f"A table cannot hold these names: {listed(sorted(map(repr, wrong)), 3)}. Rename the files or folders, "
            "without line breaks, control characters, bytes other than UTF-8, or spaces at an end."
        )

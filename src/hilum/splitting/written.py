"""The table of a new split: its columns, its rows, and the CSV file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hilum.outputs import OutputFile
from hilum.text import csv_line, plain_path

if TYPE_CHECKING:
    from hilum.splitting.new_split import NewSplit


def columns(new: "NewSplit") -> tuple[str, ...]:
    """Names of the columns."""
    return "path", "label", "fold" if new.folds else "split", "group", *(("mark",) if new.marked else ())


def rows(new: "NewSplit") -> Iterator[tuple[str | int, ...]]:
    """The cells of each row."""
    for file in new.files:
        part = int(file.part) if new.folds else file.part
        yield plain_path(file.path), file.label, part, file.group, *((file.mark,) if new.marked else ())


def write_table(new: "NewSplit", output: OutputFile) -> None:
    """Writes the table to a place that has been tried.

    Raises:
        HilumError: It cannot be written.
    """
    with output.writing() as place:
        place.write_bytes(b"".join(csv_line(cells) for cells in (columns(new), *rows(new))))

"""The table of a new split: its columns, and the CSV file."""

from typing import TYPE_CHECKING

from hilum.outputs import OutputFile
from hilum.text import csv_line, plain_path

if TYPE_CHECKING:
    from hilum.splitting.new_split import NewSplit


def columns(new: "NewSplit") -> dict[str, list[str] | list[int]]:
    """The cells of each column, by its name.

    There is a column `group` only if there are ids, since whoever reads the table takes its cells for ids.
    """
    files = new.files
    made: dict[str, list[str] | list[int]] = {
        "path": [plain_path(file.path) for file in files],
        "label": [file.label for file in files],
    }
    if new.folds:
        made["fold"] = [int(file.part) for file in files]
    else:
        made["split"] = [file.part for file in files]
    made["together"] = [file.together for file in files]
    if any(file.group for file in files):
        made["group"] = [file.group for file in files]
    if new.marked:
        made["mark"] = [file.mark for file in files]
    return made


def write_table(new: "NewSplit", output: OutputFile) -> None:
    """Writes the table to a place that has been tried.

    Raises:
        HilumError: It cannot be written.
    """
    made = columns(new)
    with output.writing() as place:
        place.write_bytes(b"".join(map(csv_line, ([*made], *zip(*made.values(), strict=True)))))

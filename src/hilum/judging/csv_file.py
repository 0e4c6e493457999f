"""Predictions in a CSV file."""

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow

from hilum.errors import HilumError
from hilum.judging.limits import check_rows

_SEPARATORS = ",;\t|"
_HEAD = 2**20  # bytes in which the first line ends
_PIECE = 2**24


def read_csv(path: Path) -> pd.DataFrame:
    """Reads a CSV file in UTF-8, all cells as texts.

    The separator is a comma, semicolon, tab or bar: the one with which the first line has a column `path`, else the one
    with which it has the most columns.

    Raises:
        HilumError: The file is empty, has too many rows, or is no CSV in UTF-8.
    """
    _check_lines(path)
    try:
        names, separator, skipped, ended = _heading(path)
        if ended:
            return pd.DataFrame(columns=names)
        with pa.OSFile(str(path)) as file:
            table = arrow.read_csv(
                file,
                read_options=arrow.ReadOptions(column_names=_apart(names), skip_rows=skipped),
                parse_options=arrow.ParseOptions(delimiter=separator),
                convert_options=arrow.ConvertOptions(column_types=dict.fromkeys(_apart(names), pa.string())),
            )
    except (UnicodeDecodeError, csv.Error, pa.ArrowInvalid) as error:
        reason = str(error).removeprefix("CSV parse error: ")
        raise HilumError(
            f"{path} cannot be read as predictions ({reason}). It should be CSV in UTF-8 with the same number of "
            "columns in each row, or Parquet."
        ) from error
    frame: pd.DataFrame = table.to_pandas()
    return frame.set_axis(names, axis=1)


def _heading(path: Path) -> tuple[list[str], str, int, bool]:
    """The names of the columns, the separator, the number of lines before the first row, and whether there is none."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    lines = head.decode("utf-8-sig", "strict" if len(head) < _HEAD else "ignore").splitlines()
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("sep="):  # Excel's own first line
            by_mark = {mark: _names(line, mark) for mark in _SEPARATORS}
            mark = next(
                (mark for mark, names in by_mark.items() if "path" in map(str.lower, names)),
                max(by_mark, key=lambda mark: len(by_mark[mark])),
            )
            ended = len(head) < _HEAD and not any(map(str.strip, lines[number + 1 :]))
            return by_mark[mark], mark, number + 1, ended
    raise HilumError(f"{path} is empty. It needs a first line such as path,p_normal,p_cancer and a row for each slice.")


def _names(line: str, separator: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line], delimiter=separator))]


def _apart(names: list[str]) -> list[str]:
    """Names for reading, which may not be given twice."""
    return [str(number) for number in range(len(names))]


def _check_lines(path: Path) -> None:
    """Checks the number of rows before they fill the memory."""
    ends = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            ends += piece.count(b"\n")
            check_rows(ends - 2, path.name)

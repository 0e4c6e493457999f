"""The formats that predictions come in, each read as a frame: CSV, Parquet and `.npz`."""

import csv
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow
from pyarrow import parquet

from hilum.errors import HilumError
from hilum.slices.csv_rows import SEPARATORS
from hilum.slices.labels import listed
from hilum.text import first_sentence

LARGEST_ROWS = 2_000_000
LARGEST_BYTES = 2 * 2**30  # of a file, and of what is packed in it


def check_rows(rows: int, source: str) -> None:
    """Checks that there are not too many rows.

    Raises:
        HilumError: There are.
    """
    if rows > LARGEST_ROWS:
        raise HilumError(f"{source} has more than {LARGEST_ROWS:,} rows. Give one model or one repeat at a time.")


def check_bytes(size: int, source: str) -> None:
    """Checks that what a file holds fits in memory.

    Raises:
        HilumError: It does not.
    """
    if size > LARGEST_BYTES:
        raise HilumError(
            f"{source} holds {size / 2**30:.1f} GB, more than {LARGEST_BYTES // 2**30}. "
            "Give one model or one repeat at a time."
        )


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
        not_text = isinstance(error, UnicodeDecodeError)
        reason = "it is not in UTF-8" if not_text else str(error).removeprefix("CSV parse error: ")
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
            by_mark = {mark: _names(line, mark) for mark in SEPARATORS}
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


_INDEX = "__index_level_0__"  # how pandas calls an index without a name


def read_parquet(path: Path) -> pd.DataFrame:
    """Reads a Parquet file.

    Raises:
        HilumError: The file cannot be read, or is too large.
    """
    try:
        with parquet.ParquetFile(path) as file:
            facts = file.metadata
            check_rows(facts.num_rows, path.name)
            check_bytes(sum(facts.row_group(i).total_byte_size for i in range(facts.num_row_groups)), path.name)
            table = file.read()
            table.validate(full=True)
            # What pandas wrote about itself is not needed, and may be anything; its index is a column too.
            frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
            return frame.rename(columns={_INDEX: ""})
    except (pa.ArrowException, OSError, ValueError) as error:
        raise HilumError(f"{path} cannot be read as Parquet ({first_sentence(error)}). Write it again.") from error


_NEEDED = ("filenames", "probabilities", "class_names")
_MARKS = ("model", "split", "fold", "repeat", "protocol")  # one for all rows, or one for each
_AS_HERE = 'np.savez("predictions.npz", filenames=paths, probabilities=array, class_names=names)'


def read_npz(path: Path) -> pd.DataFrame:
    """Reads the arrays `filenames`, `probabilities` and `class_names`; nothing is unpickled.

    Raises:
        HilumError: The file cannot be read or is too large, an array is missing, or their lengths differ.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            held = {one.filename.removesuffix(".npy"): one.file_size for one in packed.infolist()}
        if "xl/workbook.xml" in held:
            raise HilumError(f"{path} is a workbook of a spreadsheet. Save its sheet as CSV in UTF-8.")
        if missing := [name for name in _NEEDED if name not in held]:
            raise HilumError(
                f"{path} has no array {' and '.join(missing)}; it holds {listed(sorted(held), 5)}. "
                f"Save predictions as CSV, Parquet or {_AS_HERE}."
            )
        check_bytes(sum(held.values()), path.name)
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in (*_NEEDED, *_MARKS) if name in held}
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        reason = first_sentence(error) or type(error).__name__
        raise HilumError(
            f"{path} cannot be read ({reason}). Arrays of Python objects are never opened: save paths and names as "
            f"texts, np.array(paths, dtype=str), and all as {_AS_HERE}."
        ) from error
    return _frame({name: _texts(array) for name, array in arrays.items()}, path)


def _frame(arrays: dict[str, NDArray[Any]], path: Path) -> pd.DataFrame:
    paths, probabilities, names = (arrays[name] for name in _NEEDED)
    if paths.ndim != 1 or names.ndim != 1 or probabilities.shape != (len(paths), len(names)):
        raise HilumError(
            f"{path} has {paths.size:,} filenames, {names.size:,} class_names and probabilities of the shape "
            f"{probabilities.shape}. That should be filenames by class_names: {(paths.size, names.size)}."
        )
    check_rows(len(paths), path.name)
    marks = {name: arrays[name] for name in _MARKS if name in arrays}
    if wrong := [name for name, array in marks.items() if array.shape not in ((), paths.shape)]:
        raise HilumError(f"{path} has {len(paths):,} filenames, but {wrong[0]} has the shape {marks[wrong[0]].shape}.")
    columns = [paths, *(np.broadcast_to(array, paths.shape) for array in marks.values()), *probabilities.T]
    frame = pd.concat([pd.Series(column) for column in columns], axis=1)
    return frame.set_axis(["path", *marks, *(f"p_{name}" for name in names)], axis=1)


def _texts(array: NDArray[Any]) -> NDArray[Any]:
    """An array whose bytes are texts."""
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array

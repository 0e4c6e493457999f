"""Rows of a CSV file that a user wrote: columns are found by name, and no field is lost."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hilum.errors import HilumError
from hilum.slices.labels import listed

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class CsvRow:
    """One row.

    Attributes:
        line: Line of the file on which the row begins, counted from 1.
        values: Fields without surrounding spaces, by column name in lower case.
    """

    line: int
    values: dict[str, str]


def read_rows(table: Path, needed: set[str], optional: set[str]) -> tuple[set[str], list[CsvRow]]:
    """Reads a CSV file in UTF-8.

    The separator is a comma, semicolon, tab or bar: the one with which the first line names the needed columns. Case
    and surrounding spaces in these names do not matter, and empty lines are skipped.

    Args:
        table: The file.
        needed: Required columns.
        optional: Columns that may be present.

    Returns:
        The names of all columns, in lower case, and the rows.

    Raises:
        HilumError: The file cannot be read, lacks a required column, names a column twice, or has rows with more fields
            than columns.
    """
    try:
        text = re.sub(r"\Asep=.\r?\n", "\n", table.read_bytes().decode("utf-8-sig"))  # Excel's own first line
        separator = next((mark for mark in SEPARATORS if needed <= set(_names(text, mark))), None)
        if separator is None:
            raise HilumError(_lacking(table, text, needed))
        names = _names(text, separator)
        records = [(line, fields) for line, fields in _records(text, separator) if fields][1:]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise HilumError(
            f"The table {table} cannot be read ({_why(error)}). It should be a CSV file in UTF-8."
        ) from error
    if twice := sorted(name for name in needed | optional if names.count(name) > 1):
        raise HilumError(f"The table {table} names the column {' and '.join(twice)} twice in line 1. Keep one.")
    if longer := [str(line) for line, fields in records if any(map(str.strip, fields[len(names) :]))]:
        raise HilumError(
            f"The table {table} has {len(names)} columns, but more fields in these lines: {listed(longer, 5)}. "
            f'Put values that contain {SEPARATORS[separator]} in quotes, as in "a{separator} b".'
        )
    rows = [CsvRow(line, dict(zip(names, map(str.strip, fields), strict=False))) for line, fields in records]
    return set(names), rows


def _why(error: Exception) -> str:
    """Why a text could not be read, without names and numbers of Python's own."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not in UTF-8"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _lacking(table: Path, text: str, needed: set[str]) -> str:
    separator = max(SEPARATORS, key=lambda mark: len(_names(text, mark)))
    names = _names(text, separator)
    has = f"Its first line names {listed([repr(name[:40]) for name in names])}" if names else "It is empty"
    separated = f", separated by {SEPARATORS[separator]}" if len(names) > 1 else ""
    missing = " and ".join(sorted(needed - set(names)))
    first = ",".join(name for name in ("path", "label", "group") if name in needed)
    return (
        f"The table {table} lacks the column {missing}. {has}{separated}. "
        f"Save it as CSV in UTF-8 with a first line such as {first}."
    )


def _names(text: str, separator: str) -> list[str]:
    records = _records(text, separator, strict=False)  # quotes need not fit a separator that is only being tried
    return next(([field.strip().lower() for field in fields] for _, fields in records if fields), [])


def _records(text: str, separator: str, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Records and the lines on which they begin. With `strict`, an unclosed quote is an error."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(f"{error}, in the row that begins in line {line}; is a quote missing?") from error

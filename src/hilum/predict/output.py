"""Rows as JSON lines or CSV, and back again."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal

from pydantic import TypeAdapter

from hilum.predict.rows import WRITTEN, Row
from hilum.text import csv_line, from_cell

Format = Literal["json", "csv"]
_SHARES = "probabilities"  # the field with one column per class in CSV
_PREFIX = "probability "  # before the name of the class in a column of CSV
_EMPTY = {"path": "", "reason": ""}  # fields whose empty cell is an empty text; in others it is None
_ROWS = TypeAdapter(Row)


def head(format: Format, classes: Sequence[str]) -> bytes:
    """The column names in CSV; nothing in JSON lines."""
    return b"" if format == "json" else csv_line(columns(classes))


def line(row: Row, format: Format, classes: Sequence[str]) -> bytes:
    """A row as one line of JSON or one record of CSV, in UTF-8, with the line feed.

    A record of CSV can contain line feeds inside quotes, if a path has some. Its texts are written by
    `hilum.text.to_cell`.
    """
    if format == "json":
        return (json.dumps(row.as_json(), allow_nan=False) + "\n").encode()
    return csv_line([*flat(row, classes).values()])


def parse(data: bytes, format: Format, classes: Sequence[str]) -> Row:
    """The row that `line` wrote.

    Raises:
        ValueError: The line was not written by `line`.
    """
    try:
        fields = json.loads(data) if format == "json" else _from_csv(data.decode(), classes)
    except (csv.Error, RecursionError) as error:
        raise ValueError("not a line of the format") from error
    if not isinstance(fields, dict) or tuple(fields) != WRITTEN:
        raise ValueError("other keys than a row's")
    row = _ROWS.validate_json(json.dumps(fields), strict=format == "json")
    if row.label not in (None, *classes) or tuple(row.probabilities or ()) not in ((), tuple(classes)):
        raise ValueError("other classes than the model's")
    return row


def records(file: BinaryIO, format: Format) -> Iterator[bytes]:
    """The complete records of an output, with their line feeds; a last record that was cut short is left out.

    A record of CSV continues over a line feed inside quotes, that is, after an odd number of quotes.
    """
    record = b""
    for data in file:
        record += data
        if record.endswith(b"\n") and (format == "json" or record.count(b'"') % 2 == 0):
            yield record
            record = b""


def flat(row: Row, classes: Sequence[str]) -> dict[str, Any]:
    """A row as the columns of a table, with one column per class."""
    fields = row.as_json()
    shares = fields.pop(_SHARES) or {}
    fields |= {_PREFIX + name: shares.get(name) for name in classes}
    return {column: fields[column] for column in columns(classes)}


def columns(classes: Sequence[str]) -> list[str]:
    """The names of the columns of a table of rows."""
    shares = [_PREFIX + name for name in classes]
    return [column for key in WRITTEN for column in (shares if key == _SHARES else [key])]


def _from_csv(text: str, classes: Sequence[str]) -> dict[str, Any]:
    (record,) = csv.reader(io.StringIO(text, newline=""), strict=True)
    cells = dict(zip(columns(classes), map(from_cell, record), strict=True))
    shares = {name: cells[_PREFIX + name] for name in classes}
    known = shares if shares[classes[0]] else None
    return {key: known if key == _SHARES else cells[key] or _EMPTY.get(key) for key in WRITTEN}

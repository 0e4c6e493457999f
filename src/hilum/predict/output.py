"""Rows as JSON lines or CSV, and back again."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal

from pydantic import TypeAdapter

from hilum.predict.rows import WRITTEN, Row
from hilum.text import from_cell, to_cell

Format = Literal["json", "csv"]
_SHARES = "probabilities"  # the field that is a column a class in CSV
_PREFIX = "probability "  # of a column of CSV, before the name of the class
_EMPTY = {"path": "", "reason": ""}  # the only fields that an empty cell is no None of
_ROWS = TypeAdapter(Row)


def head(format: Format, classes: Sequence[str]) -> bytes:
    """What stands before the first row: the names of the columns in CSV, nothing in JSON lines."""
    return b"" if format == "json" else csv_line(_columns(classes))


def line(row: Row, format: Format, classes: Sequence[str]) -> bytes:
    """A row as one line of JSON, or as a record of CSV; UTF-8, with the line feed.

    Only CSV can hold line feeds of its own: inside quotes, where a path has some. Its texts are written as
    `hilum.text.to_cell` gives them.
    """
    if format == "json":
        return (json.dumps(row.as_json(), allow_nan=False) + "\n").encode()
    fields = row.as_json()
    shares = fields.pop(_SHARES) or {}
    fields |= {_PREFIX + name: shares.get(name) for name in classes}
    return csv_line([fields[column] for column in _columns(classes)])


def csv_line(fields: Sequence[object]) -> bytes:
    """A record of CSV with the line feed; its texts are written as `hilum.text.to_cell` gives them."""
    text = io.StringIO(newline="")
    cells = [to_cell(field) if isinstance(field, str) else field for field in fields]
    csv.writer(text).writerow(cells)  # whose default end makes it quote carriage returns too
    return text.getvalue().removesuffix("\r\n").encode() + b"\n"


def parse(data: bytes, format: Format, classes: Sequence[str]) -> Row:
    """The row of a line.

    Raises:
        ValueError: It is not what `line` gives.
    """
    try:
        fields = json.loads(data) if format == "json" else _from_csv(data.decode(), classes)
    except (csv.Error, RecursionError) as error:
        raise ValueError("no line of the format") from error
    if not isinstance(fields, dict) or tuple(fields) != WRITTEN:
        raise ValueError("other keys than a row's")
    row = _ROWS.validate_json(json.dumps(fields), strict=format == "json")
    if row.label not in (None, *classes) or tuple(row.probabilities or ()) not in ((), tuple(classes)):
        raise ValueError("other classes than the model's")
    return row


def records(file: BinaryIO, format: Format) -> Iterator[bytes]:
    """The whole records of an output, with their line feeds; a last one that was cut short is left out.

    A record of CSV goes on over a line feed inside quotes, that is, after an odd number of them.
    """
    record = b""
    for data in file:
        record += data
        if record.endswith(b"\n") and (format == "json" or record.count(b'"') % 2 == 0):
            yield record
            record = b""


def _columns(classes: Sequence[str]) -> list[str]:
    shares = [_PREFIX + name for name in classes]
    return [column for key in WRITTEN for column in (shares if key == _SHARES else [key])]


def _from_csv(text: str, classes: Sequence[str]) -> dict[str, Any]:
    (record,) = csv.reader(io.StringIO(text, newline=""), strict=True)
    cells = dict(zip(_columns(classes), map(from_cell, record), strict=True))
    shares = {name: cells[_PREFIX + name] for name in classes}
    known = shares if shares[classes[0]] else None
    return {key: known if key == _SHARES else cells[key] or _EMPTY.get(key) for key in WRITTEN}

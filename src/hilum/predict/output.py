"""Rows as JSON lines or CSV, and back again."""

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal

from hilum.predict.rows import DECISIONS, Row
from hilum.text import from_cell, to_cell

Format = Literal["json", "csv"]
_KEYS = ("path", "frame", "decision", "class", "probabilities", "outlier_score", "reason")
_PREFIX = "probability "  # of a column of CSV, before the name of the class


def head(format: Format, classes: Sequence[str]) -> bytes:
    """What stands before the first row: the names of the columns in CSV, nothing in JSON lines."""
    return b"" if format == "json" else _csv_line(_columns(classes))


def line(row: Row, format: Format, classes: Sequence[str]) -> bytes:
    """A row as one line of JSON, or as a record of CSV; UTF-8, with the line feed.

    Only CSV can hold line feeds of its own: inside quotes, where a path has some. Its texts are written as
    `hilum.text.to_cell` gives them.
    """
    if format == "json":
        return (json.dumps(row.as_json(), allow_nan=False) + "\n").encode()
    shares = [row.probabilities[name] for name in classes] if row.probabilities else [None] * len(classes)
    return _csv_line([row.path, row.frame, row.decision, row.label, *shares, row.outlier_score, row.reason])


def parse(data: bytes, format: Format, classes: Sequence[str]) -> Row:
    """The row of a line.

    Raises:
        ValueError: It is not what `line` gives.
    """
    try:
        fields = json.loads(data) if format == "json" else _from_csv(data.decode(), classes)
    except (csv.Error, RecursionError) as error:
        raise ValueError("no line of the format") from error
    if not isinstance(fields, dict) or tuple(fields) != _KEYS:
        raise ValueError("other keys than a row's")
    row = Row(*fields.values())
    shares = {} if row.probabilities is None else row.probabilities
    score = 0.0 if row.outlier_score is None else row.outlier_score
    sound = (
        isinstance(row.path, str)
        and isinstance(row.frame, int | None)
        and row.decision in DECISIONS
        and (row.label is None or row.label in classes)
        and isinstance(shares, dict)
        and tuple(shares) in ((), tuple(classes))
        and all(isinstance(value, float | int) and math.isfinite(value) for value in (score, *shares.values()))
        and isinstance(row.reason, str)
    )
    if not sound:
        raise ValueError("other values than a row's")
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
    return ["path", "frame", "decision", "class", *(_PREFIX + name for name in classes), "outlier_score", "reason"]


def _csv_line(fields: Sequence[object]) -> bytes:
    text = io.StringIO(newline="")
    cells = [to_cell(field) if isinstance(field, str) else field for field in fields]
    csv.writer(text).writerow(cells)  # whose default end makes it quote carriage returns too
    return text.getvalue().removesuffix("\r\n").encode() + b"\n"


def _from_csv(text: str, classes: Sequence[str]) -> dict[str, Any]:
    (fields,) = csv.reader(io.StringIO(text, newline=""), strict=True)
    path, frame, decision, label, *shares, score, reason = map(from_cell, fields)
    if len(shares) != len(classes):
        raise ValueError("another number of columns")
    known = {name: float(share) for name, share in zip(classes, shares, strict=True)} if shares[0] else None
    values = (path, int(frame) if frame else None, decision, label or None, known, float(score) if score else None)
    return dict(zip(_KEYS, (*values, reason), strict=True))

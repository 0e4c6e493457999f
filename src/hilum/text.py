r"""Safe text from names that may hold bytes other than UTF-8, control characters or spreadsheet formulas.

A name comes from a folder, a table, a model or an upload and may contain anything. Class names are made plain on input
(`plain_name`), all texts of a record when it is made (`plain_data`), lines for people when they are printed
(`printable`), and cells of CSV when they are written (`to_cell`).
"""

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a spreadsheet takes a cell that begins with one of these for a formula
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# What a cell may not contain unescaped. Tabs and line feeds may stay, since csv quotes them.
_NO_CELL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]|\\(?=u00[0-9a-f]{2})")
_SPELT_CELL = re.compile(r"\\u00([0-9a-f]{2})")
_SPELT_BYTE = re.compile(r"\\x([89a-f][0-9a-f])")


def spelt(text: str) -> str:
    r"""A text that UTF-8 can encode: other bytes of a name become `\xe9`, other lone surrogates `\ud800`."""
    known = re.sub("[\ud800-\udc7f\udd00-\udfff]", lambda found: _escape(found[0]), text)
    return known.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def plain_name(name: str) -> str:
    r"""The name of a class as one line of text, with control characters escaped as in `\x1b`."""
    return _CONTROL.sub(lambda found: _escape(found[0]), spelt(name))


def plain_path(path: str) -> str:
    """A path as text, with `./` before it if a spreadsheet would take it for a formula."""
    text = spelt(path)
    return f"./{text}" if text.startswith(_FORMULA) else text


def found_below(folder: Path, path: str) -> Path:
    r"""The file below a folder that a record names; `\xe9` in the name may stand for a byte."""
    place = folder / path
    if os.path.lexists(place):
        return place
    return folder / _SPELT_BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), path)


def seen_from_here(path: str | Path) -> str:
    """A path relative to the working folder if it is inside it, otherwise as it is."""
    given, here = Path(path), Path.cwd()
    return str(given.relative_to(here)) if given.is_relative_to(here) else str(path)


def plain_data(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value for JSON in which all texts and keys have gone through `spelt`."""
    if isinstance(value, str):
        return spelt(value)
    if is_dataclass(value):
        return {field.name: plain_data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {spelt(key) if isinstance(key, str) else key: plain_data(one) for key, one in value.items()}
    return [plain_data(one) for one in value] if isinstance(value, list | tuple) else value


def printable(text: str) -> str:
    r"""A text whose control characters, line feeds and direction marks are escaped, as in `\n`."""
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in spelt(text))


def first_sentence(error: Exception) -> str:
    """The first sentence of an error, without torch's pages of tensor names and advice."""
    return re.split(r"\.\s|\n", str(error).strip())[0].rstrip(" .:")


def to_cell(text: str) -> str:
    r"""A text as a CSV cell that is neither a control sequence for a terminal nor a formula for a spreadsheet.

    Control characters other than tabs and line feeds are escaped as in `\u001b`, and `'` is put before a formula.
    `from_cell` restores the text.
    """
    cell = _NO_CELL.sub(lambda found: f"\\u{ord(found[0]):04x}", spelt(text))
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def csv_line(fields: Sequence[object]) -> bytes:
    """A record of CSV with the line feed, its texts written by `to_cell`."""
    text = io.StringIO(newline="")
    cells = [to_cell(field) if isinstance(field, str) else field for field in fields]
    csv.writer(text).writerow(cells)  # with the default line end, carriage returns are quoted too
    return text.getvalue().removesuffix("\r\n").encode() + b"\n"


def from_cell(cell: str) -> str:
    """The text of a cell that `to_cell` made."""
    text = cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell
    return _SPELT_CELL.sub(lambda found: chr(int(found[1], 16)), text)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")

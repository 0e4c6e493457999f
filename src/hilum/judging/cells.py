"""Columns of cells as texts or numbers, whatever they were before."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.errors import HilumError


@dataclass(frozen=True, repr=False)
class Texts(Brief):
    """Texts of n rows, each different text held once.

    Attributes:
        codes: Number of each row's text in `values`; -1 if the cell is empty, `[n]`.
        values: The different texts, in the order in which they first appear.
    """

    codes: NDArray[np.intp]
    values: tuple[str, ...]

    def __getitem__(self, rows: NDArray[np.bool_]) -> "Texts":
        """The texts of some rows."""
        return Texts.of(self.codes[rows], self.values)

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Which cells are empty, `[n]`."""
        return self.codes < 0

    @classmethod
    def of(cls, codes: NDArray[np.intp], values: Iterable[str]) -> "Texts":
        """Texts from codes that need not be in order, and from values that may be equal, unused or empty."""
        new, used = pd.factorize(codes)
        texts = list(values)
        numbers: dict[str, int] = {}
        renumbered = [
            numbers.setdefault(texts[code], len(numbers)) if code >= 0 and texts[code] else -1 for code in used
        ]
        return cls(np.array(renumbered, np.intp)[new] if len(used) else new.astype(np.intp), tuple(numbers))

    def ranks(self) -> NDArray[np.intp]:
        """Place of each row's text among all texts, sorted as numbers if all are; -1 for empty cells, `[n]`."""
        numbers = [number_of(text) for text in self.values]
        known = not any(map(isnan, numbers))
        order = sorted(range(len(self.values)), key=lambda i: numbers[i] if known else self.values[i])
        places = np.empty(len(order) + 1, np.intp)
        places[order], places[-1] = range(len(order)), -1
        return places[self.codes]


def texts(column: "pd.Series[str]") -> Texts:
    """The cells as texts without surrounding spaces; whole numbers have no decimals.

    Raises:
        HilumError: A cell is neither a text nor a number.
    """
    try:
        codes, values = pd.factorize(column)
    except TypeError as error:
        raise HilumError(f"The column {column.name} has cells that are neither texts nor numbers ({error}).") from error
    return Texts.of(codes.astype(np.intp), map(_text, values))


def numbers(column: "pd.Series[float]") -> tuple[NDArray[np.float64], bool]:
    """The cells as numbers, NaN where they are none, and whether any had a decimal comma."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return np.asarray(column.to_numpy(np.float64, na_value=np.nan), np.float64), False
    cells = pc.utf8_trim_whitespace(pa.array(column.astype("str"), pa.string(), from_pandas=True))
    for commas in (False, True):
        try:
            points = pc.replace_substring(cells, ",", ".") if commas else cells
            found: NDArray[np.float64] = pc.cast(points, pa.float64()).to_numpy(zero_copy_only=False)
            return found, commas
        except pa.ArrowInvalid:
            pass
    return np.fromiter((number_of(cell.as_py() or "") for cell in cells), np.float64), False


def number_of(text: str) -> float:
    """The number that a text stands for; NaN if it is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def first_three(places: NDArray[np.intp], text: Callable[[Any], str]) -> str:
    """What stands in the first of some places; of millions, no others are put into words."""
    return ", ".join([*map(text, places[:3].tolist()), *(["…"] if len(places) > 3 else [])])


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape").strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()

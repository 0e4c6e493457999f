"""Values of single DICOM elements, valid or not. Errors name an element by its keyword and never quote its value."""

import math
from typing import Any

from pydicom.dataset import Dataset

from hilum.slices.read import UnreadableSlice


def text_of(dataset: Dataset, keyword: str) -> str | None:
    """The value of an element as text without surrounding blanks, or None if there is none."""
    value = dataset.get(keyword)
    return str(value).strip(" \0") or None if value is not None else None


def values_of(source: Dataset, keyword: str) -> list[Any]:
    """Every value of an element, including empty ones; as text if pydicom cannot parse them."""
    try:
        value = source.get(keyword)
    except Exception:  # one bad number among several spoils them all
        stored = source.get_item(keyword).value
        value = stored.decode("ascii", "replace").split("\\") if isinstance(stored, bytes) else [stored]
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str | bytes) or not hasattr(value, "__iter__") else list(value)


def number_of(source: Dataset, keyword: str) -> float | None:
    """The first value, or None if there is none or it is not a finite number."""
    values = values_of(source, keyword)
    return as_number(values[0]) if values else None


def numbers_of(source: Dataset, keyword: str, count: int) -> list[float] | None:
    """All values, or None unless there are exactly `count` and all are finite numbers."""
    numbers = [as_number(value) for value in values_of(source, keyword)]
    sound = [number for number in numbers if number is not None]
    return sound if len(numbers) == len(sound) == count else None


def needed_number(source: Dataset, keyword: str) -> float | None:
    """The first value of an element that a picture depends on, or None if there is none.

    Raises:
        UnreadableSlice: It is not a finite number.
    """
    if not values_of(source, keyword):
        return None
    number = number_of(source, keyword)
    if number is None:
        raise UnreadableSlice(f"{keyword} in its DICOM header is not a number")
    return number


def as_number(value: Any) -> float | None:  # noqa: ANN401
    """A value as a finite number, or None."""
    try:
        number = float(value.strip(" \0") if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None

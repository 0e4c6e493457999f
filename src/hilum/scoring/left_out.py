"""Which slices of a labelled folder are left out of the figures of models that were trained elsewhere, and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hilum.scoring.classes import ClassReading
from hilum.scoring.protocols import first_of
from hilum.slices.table import SliceTable

UNKNOWN = "of a class that is neither known nor mapped"
TWO_LABELS = "a picture that carries two labels"
COPY = "a copy of another slice"


def left_out(table: SliceTable, reading: ClassReading, seen: Mapping[str, NDArray[np.bool_]]) -> list[str | None]:
    """Reason why each row is left out of the figures, or None; of several, the first in the order of this module.

    Args:
        table: The slices.
        reading: Classes that they are read as.
        seen: Rows `[rows]` that training has seen, by the reason why they are left out. These reasons come
            before copies.
    """
    rows, pictures = table.rows, [row.facts.pixels for row in table.rows]
    meanings: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.label in reading.folder:
            meanings[row.facts.pixels].add(reading.folder[row.label])
    unknown = np.array([row.label not in reading.folder for row in rows])
    two = np.array([len(meanings[picture]) > 1 for picture in pictures])
    reasons = first_reasons({UNKNOWN: unknown, TWO_LABELS: two, **seen})
    return without_copies(reasons, np.unique(pictures, return_inverse=True)[1])


def first_reasons(marks: Mapping[str, NDArray[np.bool_]]) -> list[str | None]:
    """The first reason whose mark `[n]` each of n rows has, or None."""
    names, every = [*marks, None], np.stack([*marks.values(), np.ones_like(next(iter(marks.values())))])
    return [names[number] for number in every.argmax(0).tolist()]


def without_copies(reasons: Sequence[str | None], pictures: NDArray[np.intp]) -> list[str | None]:
    """The reasons of n rows, and for those without one whose picture `[n]` an earlier such row has, that of copies."""
    left = list(reasons)
    kept = np.flatnonzero([reason is None for reason in left])
    for place in kept[~first_of(pictures[kept])].tolist():
        left[place] = COPY
    return left


def said(counts: Mapping[str, int]) -> str:
    """A sentence on how many slices, by reason, are left out."""
    count = sum(counts.values())
    start = f"{count:,} slice{' was' if count == 1 else 's were'} left out"
    if len(counts) == 1:
        return f"{start} ({next(iter(counts))})."
    return f"{start}: {', '.join(f'{part:,} ({reason})' for reason, part in counts.items())}."

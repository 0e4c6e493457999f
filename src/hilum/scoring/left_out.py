"""Which slices of a labelled folder are left out of the figures of models that were trained elsewhere, and why."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hilum.scoring.classes import ClassReading
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
    meanings: dict[str, set[str]] = defaultdict(set)
    for row in table.rows:
        if row.label in reading.folder:
            meanings[row.facts.pixels].add(reading.folder[row.label])
    reasons: list[str | None] = []
    kept: set[str] = set()
    for number, row in enumerate(table.rows):
        if row.label not in reading.folder:
            reasons.append(UNKNOWN)
        elif len(meanings[row.facts.pixels]) > 1:
            reasons.append(TWO_LABELS)
        elif trained := next((reason for reason, rows in seen.items() if rows[number]), None):
            reasons.append(trained)
        elif row.facts.pixels in kept:
            reasons.append(COPY)
        else:
            kept.add(row.facts.pixels)
            reasons.append(None)
    return reasons


def said(counts: Mapping[str, int]) -> str:
    """A sentence on how many slices, by reason, are left out."""
    count = sum(counts.values())
    start = f"{count:,} slice{' was' if count == 1 else 's were'} left out"
    if len(counts) == 1:
        return f"{start} ({next(iter(counts))})."
    return f"{start}: {', '.join(f'{part:,} ({reason})' for reason, part in counts.items())}."

"""Marks that keep to one class: a model may learn the mark instead of the disease."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from hilum.records.audit import MarkedClass
from hilum.slices.table import SliceTable

_CHANCE = 0.01  # over all classes and kinds of marks


def marked_classes(table: SliceTable, marks: Mapping[str, NDArray[np.bool_]]) -> list[MarkedClass]:
    """The classes that a kind of mark keeps to in train, by more than chance.

    Args:
        table: The slices.
        marks: Whether each row carries a kind of mark, `[rows]` a kind.
    """
    train = table.in_split("train")
    pictures = np.array([f"{row.label} {row.facts.pixels}" for row in table.rows])
    found = []
    for kind, marked in marks.items():
        for number, label in enumerate(table.classes):
            own, others = table.labels == number, table.labels != number
            of, elsewhere = (len(np.unique(pictures[train & rows])) for rows in (own, others))
            with_mark, marked_elsewhere = (len(np.unique(pictures[train & rows & marked])) for rows in (own, others))
            counts = np.array([[with_mark, of - with_mark], [marked_elsewhere, elsewhere - marked_elsewhere]])
            p = float(fisher_exact(counts, alternative="greater").pvalue)
            if p < _CHANCE / (len(marks) * len(table.classes)):
                found.append(
                    MarkedClass(
                        kind=kind,
                        label=label,
                        marked=with_mark,
                        pictures=of,
                        marked_elsewhere=marked_elsewhere,
                        pictures_elsewhere=elsewhere,
                        p=p,
                    )
                )
    return found

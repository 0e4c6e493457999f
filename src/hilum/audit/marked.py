"""Marks that keep to one class: a model may learn the mark instead of the disease."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from hilum.slices.table import SliceTable

_CHANCE = 0.01  # over all classes and kinds of marks


@dataclass(frozen=True)
class MarkedClass:
    """A class whose training pictures carry a kind of mark more often than those of the other classes.

    Attributes:
        kind: Kind of the mark.
        label: The class.
        marked, pictures: Distinct training pictures of the class with the mark, and all of them.
        marked_elsewhere, pictures_elsewhere: The same of all other classes.
        p: The probability of so unequal a share by chance (Fisher's exact test, one-sided).
    """

    kind: str
    label: str
    marked: int
    pictures: int
    marked_elsewhere: int
    pictures_elsewhere: int
    p: float


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
                found.append(MarkedClass(kind, label, with_mark, of, marked_elsewhere, elsewhere, p))
    return found

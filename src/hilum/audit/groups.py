"""Groups of slices: the same picture, the same slice, look-alikes, or given ids."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.audit.duplicates import LOOK_ALIKE, SAME_SLICE, Links, link
from hilum.audit.signature import distinct_rows, signatures
from hilum.progress import Tracker, silent
from hilum.scoring.protocols import Slices
from hilum.slices.frames import scan_of
from hilum.slices.labels import SPLITS
from hilum.slices.split import connected_groups
from hilum.slices.table import SliceTable


@dataclass(frozen=True)
class Groups:
    """Groups of a table's rows, over all splits and classes.

    Attributes:
        picture: Number of each row's distinct picture, `[rows]`.
        links: Links between distinct pictures.
        same_slice: Groups with correlations above 0.99, also after turning or mirroring, `[rows]`.
        look_alike: Groups with correlations above 0.90, `[rows]`; they contain the same-slice groups and prove nothing
            about patients.
        ids: Given groups (patient or series), joined if they share a slice; None if the table has none. A row
            without an id belongs to the group of its look-alikes.
        conflicting: Whether the same picture or slice carries another label too, `[rows]`.
    """

    picture: NDArray[np.intp]
    links: Links
    same_slice: NDArray[np.intp]
    look_alike: NDArray[np.intp]
    ids: NDArray[np.intp] | None
    conflicting: NDArray[np.bool_]

    @property
    def strict(self) -> NDArray[np.intp]:
        """Groups that a strict split keeps together and that are resampled: given ids, or else look-alikes."""
        return self.look_alike if self.ids is None else self.ids

    def at(self, similarity: float) -> NDArray[np.intp]:
        """The group of each row when slices above a similarity are joined, `[rows]`."""
        return self.links.groups(similarity)[self.picture]

    def slices_of(self, table: SliceTable) -> Slices:
        """The table and these groups in the form that protocols take."""
        return Slices(
            labels=table.labels,
            split=np.array([SPLITS.index(row.split) for row in table.rows], np.intp),
            picture=self.picture,
            same_slice=self.same_slice,
            strict=self.strict,
            likeness=LOOK_ALIKE if self.ids is None else None,
            conflicting=self.conflicting,
            series=_series(table),
            classes=tuple(table.classes),
        )


def find_groups(table: SliceTable, track: Tracker = silent) -> Groups:
    """Finds the groups of a table.

    Raises:
        HilumError: A file changed since the table was read, or the cache cannot be written.
    """
    picture = distinct_rows(table)[1]
    links = link(*signatures(table, track))
    same_slice, look_alike = (links.groups(similarity)[picture] for similarity in (SAME_SLICE, LOOK_ALIKE))
    return Groups(
        picture=picture,
        links=links,
        same_slice=same_slice,
        look_alike=look_alike,
        ids=_joined_ids(table, same_slice, look_alike),
        conflicting=_conflicting(table.labels, same_slice),
    )


def _joined_ids(
    table: SliceTable, same_slice: NDArray[np.intp], look_alike: NDArray[np.intp]
) -> NDArray[np.intp] | None:
    if all(row.group is None for row in table.rows):
        return None
    names = [
        f"look-alike {look_alike[number]}" if row.group is None else f"id {row.group}"
        for number, row in enumerate(table.rows)
    ]
    return np.array(connected_groups(names, [str(group) for group in same_slice]), np.intp)


def _series(table: SliceTable) -> NDArray[np.intp] | None:
    names = [scan_of(row.facts.patient, row.facts.series) for row in table.rows]
    if not any(names):
        return None
    return np.unique([name or f"slice {number}" for number, name in enumerate(names)], return_inverse=True)[1]


def _conflicting(labels: NDArray[np.intp], same_slice: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Rows of same-slice groups that carry more than one label, `[rows]`."""
    groups = np.unique(np.stack([same_slice, labels]), axis=1)[0]
    conflict: NDArray[np.bool_] = (np.bincount(groups) > 1)[same_slice]
    return conflict

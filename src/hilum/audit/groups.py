"""Groups of slices: the same picture, the same slice, look-alikes, or given ids."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.audit.conflicts import Conflicts, find_conflicts
from hilum.audit.duplicates import LOOK_ALIKE, SAME_SLICE, SIMILARITIES, Links, link, lowest_of
from hilum.audit.likeness import choose_likeness
from hilum.audit.purity import purity
from hilum.audit.signature import distinct_rows, signatures
from hilum.brief import Brief
from hilum.options import check_likeness
from hilum.progress import Tracker, silent
from hilum.records.audit import LikenessBy, Purity
from hilum.scoring.protocols import Slices
from hilum.slices.frames import scan_of
from hilum.slices.labels import SPLITS
from hilum.slices.split import connected_groups
from hilum.slices.table import SliceTable


@dataclass(frozen=True, repr=False)
class Groups(Brief):
    """Groups of a table's rows, over all splits and classes.

    Attributes:
        picture: Number of each row's distinct picture, `[rows]`.
        links: Links between distinct pictures.
        same_slice: Groups with correlations above 0.99, also after turning or mirroring, `[rows]`.
        look_alike: Groups with correlations above `likeness`, `[rows]`; they contain the same-slice groups and prove
            nothing about patients.
        likeness: Correlation above which slices are look-alikes.
        likeness_by: Why: the default, the data's purity, pinned by the user, or ids, which every slice has and which go
            first.
        purity: How often look-alikes differ in class, or None if it cannot be told.
        ids: Given groups (patient or series), joined if they share a slice; None if the table has none. A row
            without an id belongs to the group of its look-alikes.
        conflicting: Whether the same picture or slice carries another label too, `[rows]`.
        conflicts: Look-alikes that carry different labels.
    """

    picture: NDArray[np.intp]
    links: Links
    same_slice: NDArray[np.intp]
    look_alike: NDArray[np.intp]
    likeness: float
    likeness_by: LikenessBy
    purity: Purity | None
    ids: NDArray[np.intp] | None
    conflicting: NDArray[np.bool_]
    conflicts: Conflicts

    @property
    def strict(self) -> NDArray[np.intp]:
        """Groups that a strict split keeps together and that are resampled: given ids, or else look-alikes."""
        return self.look_alike if self.ids is None else self.ids

    @property
    def similarities(self) -> list[float]:
        """The similarities at which groups are counted: a fixed few, and the likeness of strict."""
        return sorted({*(one for one in SIMILARITIES if one >= self.links.lowest), self.likeness})

    def at(self, similarity: float) -> NDArray[np.intp]:
        """The group of each row when slices above a similarity, and the same slices, are joined, `[rows]`."""
        return self.links.groups(min(similarity, SAME_SLICE))[self.picture]

    def slices_of(self, table: SliceTable) -> Slices:
        """The table and these groups in the form that protocols take."""
        return Slices(
            labels=table.labels,
            split=np.array([SPLITS.index(row.split) for row in table.rows], np.intp),
            picture=self.picture,
            same_slice=self.same_slice,
            strict=self.strict,
            likeness=None if all(row.group is not None for row in table.rows) else self.likeness,
            ids=self.ids is not None,
            conflicting=self.conflicting,
            series=_series(table),
            classes=tuple(table.classes),
        )


def find_groups(
    table: SliceTable, track: Tracker = silent, *, negative: str | None = "normal", look_alike: float | None = None
) -> Groups:
    """Finds the groups of a table.

    Args:
        table: Table from `read_table`.
        track: Reports progress.
        negative: Name of the non-cancer class, whose pairs do not judge purity; ignored if the set has no such class.
        look_alike: Correlation above which slices are look-alikes; None is 0.87, or less if the data are sure of it.

    Raises:
        HilumError: The likeness is out of range, a file changed since the table was read, or the cache cannot be
            written.
    """
    check_likeness(look_alike)
    first, picture = distinct_rows(table)
    found = signatures(table, track)
    links = link(*found, min(lowest_of(len(first)), look_alike or 1))
    same_slice = links.groups(SAME_SLICE)[picture]
    conflicting = labels_conflict(table.labels, same_slice)
    near = links.groups(LOOK_ALIKE)[picture]
    ids = _joined_ids(table, same_slice, near)
    sound = first[~conflicting[first]]
    judging = sound[[table.rows[row].split != "test" and table.rows[row].label != negative for row in sound]]
    units = near if ids is None else ids
    judged = purity(found.upright, picture[judging], table.labels[judging], units[judging])
    if look_alike is None and judged and (judged.pure_above or 1) < links.lowest:
        links = link(*found, judged.pure_above)
    likeness, by = choose_likeness(judged, links, look_alike, named=all(row.group is not None for row in table.rows))
    alike = links.groups(min(likeness, SAME_SLICE))[picture]
    ids = _joined_ids(table, same_slice, alike)
    known = np.full(len(picture), -1) if ids is None else np.where([row.group is None for row in table.rows], -1, ids)
    conflicts = find_conflicts(found.upright, picture, table.labels, sound, same_slice, alike, known, likeness)
    return Groups(
        picture=picture,
        links=links,
        same_slice=same_slice,
        look_alike=alike,
        likeness=likeness,
        likeness_by=by,
        purity=judged,
        ids=ids,
        conflicting=conflicting,
        conflicts=conflicts,
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


def labels_conflict(labels: NDArray[np.intp], same_slice: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Rows of same-slice groups that carry more than one label, `[rows]`."""
    groups = np.unique(np.stack([same_slice, labels]), axis=1)[0]
    conflict: NDArray[np.bool_] = (np.bincount(groups) > 1)[same_slice]
    return conflict

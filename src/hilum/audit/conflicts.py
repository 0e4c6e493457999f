"""Slices that look alike but carry different labels: perhaps one chest that was labelled twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hilum.audit.duplicates import alike_pairs
from hilum.brief import Brief
from hilum.records.audit import AuditRecord, Finding
from hilum.records.figures import likeness_text
from hilum.report.words import plural, readable

if TYPE_CHECKING:
    from hilum.audit.audit import Audit

_MOST_SHOWN = 200
_SERIOUS = 0.95  # likeness from which two slices can hardly be of two chests, if links are not false there


@dataclass(frozen=True, repr=False)
class Conflicts(Brief):
    """Pairs of look-alikes that carry different labels and are not the same slice.

    Attributes:
        pairs: Rows of the most alike pairs, the most alike first, `[shown, 2]`.
        likeness: Their correlations, `[shown]`.
        in_all: Number of all such pairs.
    """

    pairs: NDArray[np.intp]
    likeness: NDArray[np.float64]
    in_all: int


def find_conflicts(
    signatures: NDArray[np.uint8],
    picture: NDArray[np.intp],
    labels: NDArray[np.intp],
    rows: NDArray[np.intp],
    same_slice: NDArray[np.intp],
    look_alike: NDArray[np.intp],
    ids: NDArray[np.intp],
    likeness: float,
) -> Conflicts:
    """Finds pairs of look-alikes with different labels, unless their ids say that they are of two patients.

    Args:
        signatures: Signatures of distinct pictures, `[distinct, side, side]`.
        picture: Number of each row's picture, `[n]`.
        labels: Label of each row, `[n]`.
        rows: Rows to look at, one for each picture.
        same_slice: Groups of the same slice, `[n]`.
        look_alike: Groups of look-alikes, `[n]`.
        ids: Groups by given ids, -1 for rows without one, `[n]`.
        likeness: Correlation above which slices are look-alikes.
    """
    pairs, alike, in_all = np.empty((0, 2), np.intp), np.empty(0), 0
    cells = np.unique(np.stack([look_alike[rows], labels[rows]]), axis=1)[0]
    for group in np.flatnonzero(np.bincount(cells) > 1):  # only groups of several labels can hold any
        members = rows[look_alike[rows] == group]
        for first, second, similarities in alike_pairs(signatures[picture[members]], likeness):
            one, other = members[first], members[second]
            two_patients = (np.minimum(ids[one], ids[other]) >= 0) & (ids[one] != ids[other])
            found = (labels[one] != labels[other]) & (same_slice[one] != same_slice[other]) & ~two_patients
            in_all += int(found.sum())
            pairs = np.concatenate([pairs, np.stack([one[found], other[found]], 1)])
            alike = np.concatenate([alike, similarities[found]])
            top = np.lexsort((pairs[:, 1], pairs[:, 0], -alike))[:_MOST_SHOWN]
            pairs, alike = pairs[top], alike[top]
    return Conflicts(pairs, alike, in_all)


def counted(audit: "Audit") -> dict[str, Any]:
    """The part of audit.json about conflicts among look-alikes."""
    conflicts, rows = audit.groups.conflicts, audit.table.rows
    return {
        "alike_conflicts": [
            {
                "paths": [rows[row].path for row in pair],
                "labels": [rows[row].label for row in pair],
                "splits": [rows[row].split for row in pair],
                "likeness": likeness,
            }
            for pair, likeness in zip(conflicts.pairs.tolist(), conflicts.likeness.tolist(), strict=True)
        ],
        "alike_conflicts_in_all": conflicts.in_all,
    }


def found(record: AuditRecord) -> Iterator[Finding]:
    """The finding on conflicts among look-alikes."""
    pairs, count = record.alike_conflicts, record.alike_conflicts_in_all
    if not count:
        return
    first = pairs[0]
    named = " and ".join(f"{path} ({readable(label)})" for path, label in zip(first.paths, first.labels, strict=True))
    verb = "carries" if count == 1 else "carry"
    text = (
        f"{plural(count, 'pair')} of look-alikes (above {likeness_text(record.groups.likeness)}) {verb} different "
        f"labels, perhaps one chest labelled twice. None was dropped. The most alike, at {first.likeness:.2f}: {named}."
    )
    purity = record.groups.purity
    serious = first.likeness >= max(_SERIOUS, (purity and purity.false_below) or 0)
    paths = (path for pair in pairs for path in pair.paths)
    yield Finding.of("serious" if serious else "notice", "Look-alikes under different labels", text, paths)

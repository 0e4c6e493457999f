"""An audit as plain data: what audit.json holds (docs/audit.md)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from hilum.audit import signature
from hilum.audit.audit import Audit
from hilum.audit.duplicates import STRENGTHS
from hilum.audit.findings import findings
from hilum.audit.look import CHECKS
from hilum.audit.marked import marked_classes
from hilum.audit.splits import class_shifts, fact_separation, number_separation
from hilum.records.audit import AUDIT_SCHEMA, AuditRecord
from hilum.records.base import opening
from hilum.slices import body
from hilum.slices.labels import SPLITS
from hilum.slices.table import SliceTable
from hilum.versions import versions

NOTICE = "Research use only. The audit describes files; it finds nothing about a patient."
_MOST_SHOWN = 200
_PAIRS_SHOWN = 12  # of a class, a way


def audit_record(audit: Audit, command: str | None) -> AuditRecord:
    """The content of audit.json."""
    table = audit.table
    copies, near = _copies(audit), list(_near_duplicates(audit))
    record = AuditRecord.made(
        {
            **opening(AUDIT_SCHEMA, NOTICE, command, table.synthetic),
            "data": {
                "folder": table.root.resolve().name,
                "digest": table.digest,
                "classes": table.classes,
                "counts": table.counts,
            },
            "files": len(table.rows),
            "distinct": table.distinct,
            "skipped": table.skipped,
            "groups": _groups(audit),
            "leaks": list(_leaks(audit)),
            "label_conflicts": list(_conflicts(audit)),
            "shared_ids": list(_shared_ids(audit))[:_MOST_SHOWN],
            "copies": copies[:_MOST_SHOWN],
            "copies_in_all": len(copies),
            "near_duplicates": near[:_MOST_SHOWN],
            "near_duplicates_in_all": len(near),
            "splits": _splits(audit),
            "floors": audit.floors,
            "slices": _slices(audit),
            "training": list(_training(audit)),
            "notes": [*table.notes, *audit.notes],
            "versions": versions(),
        }
    )
    return record.model_copy(update={"findings": findings(record)})


def _groups(audit: Audit) -> dict[str, object]:
    table, groups = audit.table, audit.groups
    distinct = np.unique(groups.picture, return_index=True)[1]
    named = np.array([row.group is not None for row in table.rows])

    def largest(of: NDArray[np.intp]) -> int:
        return int(np.bincount(of[distinct]).max())

    return {
        "version": f"{signature.VERSION}, crop {body.VERSION}",
        "same_slice": _count(groups.same_slice),
        "look_alike": _count(groups.look_alike),
        # Files without an id go by their look-alikes; groups of such files alone are not given ones.
        "given": None if groups.ids is None else _count(groups.ids[named]),
        "ids": len({row.group for row in table.rows} - {None}),
        "named_files": int(named.sum()),
        "by_class": {
            label: {
                "files": int(rows.sum()),
                "distinct": _count(groups.picture[rows]),
                "same_slice": _count(groups.same_slice[rows]),
                "look_alike": _count(groups.look_alike[rows]),
            }
            for label, rows in ((label, table.labels == number) for number, label in enumerate(table.classes))
        },
        "largest": {"same_slice": largest(groups.same_slice), "look_alike": largest(groups.look_alike)},
        "curve": [
            {"strength": strength, "groups": _count(at), "largest": largest(at)}
            for strength, at in (
                (strength, groups.at(strength)) for strength in STRENGTHS if strength >= groups.links.lowest
            )
        ],
    }


def _leaks(audit: Audit) -> Iterator[dict[str, object]]:
    """For each pair of splits and class, how many files of the later split have a twin in the earlier one."""
    table, groups = audit.table, audit.groups
    ids = np.array([row.group or "" for row in table.rows])
    given = ids != ""
    for place, into in enumerate(SPLITS):
        for origin in SPLITS[:place]:
            known = table.in_split(origin)
            for number, label in enumerate(table.classes):
                rows = table.in_split(into) & (table.labels == number)
                same = rows & np.isin(groups.same_slice, groups.same_slice[known])
                yield {
                    "from": origin,
                    "to": into,
                    "label": label,
                    "files": int(rows.sum()),
                    "identical": int(np.isin(groups.picture[rows], groups.picture[known]).sum()),
                    "same_slice": int(same.sum()),
                    "look_alike": int(np.isin(groups.look_alike[rows], groups.look_alike[known]).sum()),
                    "group": None if groups.ids is None else int(np.isin(ids[rows], ids[known & given]).sum()),
                    "pairs": _pairs(audit, np.flatnonzero(same), np.flatnonzero(known))[:_PAIRS_SHOWN],
                }


def _pairs(audit: Audit, leaked: NDArray[np.intp], known: NDArray[np.intp]) -> list[list[str]]:
    """Leaked files, each behind the file that it repeats, those with an exact copy first."""
    twins: dict[int, int] = {}
    for groups in (audit.groups.picture, audit.groups.same_slice):
        first = {int(groups[row]): row for row in reversed(known.tolist())}
        for row in leaked.tolist():
            if row not in twins and int(groups[row]) in first:
                twins[row] = first[int(groups[row])]
    return [[audit.table.rows[twin].path, audit.table.rows[row].path] for row, twin in twins.items()]


def _shared_ids(audit: Audit) -> Iterator[dict[str, list[str]]]:
    """The files of every id that several splits have, the splits in turn. The id, which may name a patient, is not."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(audit.table.rows):
        if row.group is not None:
            members[row.group].append(number)
    for rows in members.values():
        sides = [[row for row in rows if audit.table.rows[row].split == split] for split in SPLITS]
        if sum(map(bool, sides)) > 1:
            in_turn = [row for rank in zip_longest(*sides) for row in rank if row is not None]
            yield _together(audit.table, in_turn)


def _copies(audit: Audit) -> list[dict[str, list[str]]]:
    """Files with equal pixels, those that span splits first."""
    members: dict[int, list[int]] = defaultdict(list)
    for number, picture in enumerate(audit.groups.picture.tolist()):
        members[picture].append(number)
    found = [_together(audit.table, rows) for rows in members.values() if len(rows) > 1]
    return sorted(found, key=lambda copies: -len(set(copies["splits"])))


def _together(table: SliceTable, rows: list[int]) -> dict[str, list[str]]:
    """Files that belong together, with their classes and splits."""
    return {
        "paths": [table.rows[row].path for row in rows],
        "labels": [table.rows[row].label for row in rows],
        "splits": [table.rows[row].split for row in rows],
    }


def _conflicts(audit: Audit) -> Iterator[list[str]]:
    members: dict[int, list[str]] = defaultdict(list)
    for row, group, conflicting in zip(
        audit.table.rows, audit.groups.same_slice.tolist(), audit.groups.conflicting, strict=True
    ):
        if conflicting:
            members[group].append(row.path)
    yield from members.values()


def _near_duplicates(audit: Audit) -> Iterator[dict[str, object]]:
    """Same-slice groups of several distinct pictures, those that span splits first."""
    table, groups = audit.table, audit.groups
    members: dict[int, list[int]] = defaultdict(list)
    for number in np.unique(groups.picture, return_index=True)[1].tolist():
        members[int(groups.same_slice[number])].append(number)
    turned = set(groups.links.pairs[groups.links.turned].ravel().tolist())
    found = [rows for rows in members.values() if len(rows) > 1]
    found.sort(key=lambda rows: -len({table.rows[row].split for row in rows}))
    for rows in found:
        yield {**_together(table, rows), "turned": any(int(groups.picture[row]) in turned for row in rows)}


def _splits(audit: Audit) -> dict[str, object]:
    table = audit.table
    facts = {
        "edge grey": np.array([look.edge_grey for look in audit.looks]),
        "mean grey": np.array([look.mean_grey for look in audit.looks]),
        "share of black": np.array([look.black_share for look in audit.looks]),
        "width": np.array([row.facts.width for row in table.rows], float),
        "height": np.array([row.facts.height for row in table.rows], float),
        "bytes": np.array([row.facts.bytes for row in table.rows], float),
        "share of the picture in the body's box": np.array([_box_share(table, row) for row in range(len(table.rows))]),
    }
    return {**dict(class_shifts(table)), "numbers": number_separation(table), "facts": fact_separation(table, facts)}


def _box_share(table: SliceTable, number: int) -> float:
    facts = table.rows[number].facts
    if facts.body is None:
        return 1.0
    box = facts.body
    return (box.right - box.left) * (box.bottom - box.top) / (facts.width * facts.height)


def _slices(audit: Audit) -> dict[str, object]:
    table, told = audit.table, {check.key: check.found(audit.looks) for check in CHECKS}
    slices = {key: [table.rows[row].path for row in np.flatnonzero(which)] for key, which in told.items()}
    marked = Counter(table.rows[row].label for row in np.flatnonzero(told["colour_marks"]))
    marks = {check.key: told[check.key] for check in CHECKS if check.mark}
    doubted = zip(slices["doubts"], (look.doubt for look in audit.looks if look.doubt), strict=True)
    return {
        **slices,
        "doubts": [{"path": path, "reason": reason} for path, reason in doubted],
        "colour_marks_by_class": {label: marked[label] for label in table.classes},
        "marked_classes": marked_classes(table, marks),
    }


def _training(audit: Audit) -> Iterator[dict[str, object]]:
    """Training slices in all (`label` None) and of each class: how many, and how many distinct and blank pictures."""
    table = audit.table
    blank = np.array([look.blank for look in audit.looks])
    for label in (None, *table.classes):
        rows = table.in_split("train")
        if label is not None:
            rows &= table.labels == table.classes.index(label)
        pictures = _count(audit.groups.picture[rows])
        yield {"label": label, "files": int(rows.sum()), "pictures": pictures, "blank": int(blank[rows].sum())}


def _count(groups: NDArray[np.intp]) -> int:
    return len(np.unique(groups))

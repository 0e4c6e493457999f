"""Files that belong together (copies, the same slice, look-alikes, given ids), and where they cross the splits."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, combinations, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.audit import signature
from hilum.audit.audit import Audit
from hilum.records.audit import AuditRecord, Finding, Leak
from hilum.records.figures import likeness_text
from hilum.report.words import listed, plural, readable
from hilum.slices import body
from hilum.slices.labels import SPLITS
from hilum.slices.table import SliceTable

_MOST_SHOWN = 200
_PAIRS_SHOWN = 12  # for each class and pair of splits
_FEW_SLICES = 0.5  # share of a class's files; a lower share of distinct pictures is reported


def counted(audit: Audit) -> dict[str, Any]:
    """The part of audit.json about groups of files."""
    table, groups = audit.table, audit.groups
    copies, near = _copies(audit), _near_duplicates(audit)
    conflicts = _equal(groups.same_slice.tolist(), np.flatnonzero(groups.conflicting).tolist())
    return {
        "files": len(table.rows),
        "distinct": table.distinct,
        "groups": _groups(audit),
        "leaks": list(_leaks(audit)),
        "label_conflicts": [_together(table, rows)["paths"] for rows in conflicts],
        "shared_ids": list(_shared_ids(audit))[:_MOST_SHOWN],
        "copies": copies[:_MOST_SHOWN],
        "copies_in_all": len(copies),
        "near_duplicates": near[:_MOST_SHOWN],
        "near_duplicates_in_all": len(near),
    }


def found(record: AuditRecord) -> Iterator[Finding]:
    """Findings about groups of files."""
    yield from _copied(record)
    yield from _same_ids(record)
    yield from _conflicting(record)
    yield from _look_alikes(record)


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
        # Files without an id are grouped by their look-alikes; groups of such files alone are not given groups.
        "given": None if groups.ids is None else _count(groups.ids[named]),
        "ids": len({row.group for row in table.rows} - {None}),
        "named_files": int(named.sum()),
        "likeness": groups.likeness,
        "likeness_by": groups.likeness_by,
        "purity": groups.purity,
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
            {"strength": similarity, "groups": _count(at), "largest": largest(at)}
            for similarity, at in ((similarity, groups.at(similarity)) for similarity in groups.similarities)
        ],
    }


def _leaks(audit: Audit) -> Iterator[dict[str, object]]:
    """For each pair of splits and class, how many files of the later split have a twin in the earlier one."""
    table, groups = audit.table, audit.groups
    ids = np.array([row.group or "" for row in table.rows])
    given = ids != ""
    for origin, into in combinations(SPLITS, 2):
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
    """The files of every id that several splits share, the splits in turn, without the id, which may name a patient."""
    table = audit.table
    named = [number for number, row in enumerate(table.rows) if row.group is not None]
    for rows in _equal([row.group for row in table.rows], named):
        sides = [[row for row in rows if table.rows[row].split == split] for split in SPLITS]
        if sum(map(bool, sides)) > 1:
            yield _together(table, [row for rank in zip_longest(*sides) for row in rank if row is not None])


def _copies(audit: Audit) -> list[dict[str, list[str]]]:
    """Files with equal pixels, those that span splits first."""
    found = _equal(audit.groups.picture.tolist(), range(len(audit.table.rows)))
    return sorted((_together(audit.table, rows) for rows in found), key=_by_splits)


def _near_duplicates(audit: Audit) -> list[dict[str, Any]]:
    """Same-slice groups of several distinct pictures, those that span splits first."""
    groups = audit.groups
    distinct = np.unique(groups.picture, return_index=True)[1].tolist()
    turned = np.isin(groups.picture, groups.links.pairs[groups.links.turned])
    found = _equal(groups.same_slice.tolist(), distinct)
    return sorted(
        ({**_together(audit.table, rows), "turned": bool(turned[rows].any())} for rows in found), key=_by_splits
    )


def _by_splits(files: dict[str, list[str]]) -> int:
    return -len({*files["splits"]})


def _equal(keys: Sequence[Hashable], rows: Iterable[int]) -> list[list[int]]:
    """Rows with equal keys, two or more each."""
    members: dict[Hashable, list[int]] = defaultdict(list)
    for row in rows:
        members[keys[row]].append(row)
    return [found for found in members.values() if len(found) > 1]


def _together(table: SliceTable, rows: list[int]) -> dict[str, list[str]]:
    """Files that belong together, with their classes and splits."""
    return {
        "paths": [table.rows[row].path for row in rows],
        "labels": [table.rows[row].label for row in rows],
        "splits": [table.rows[row].split for row in rows],
    }


def _count(groups: NDArray[np.intp]) -> int:
    return len(np.unique(groups))


def _copied(record: AuditRecord) -> Iterator[Finding]:
    files, distinct = record.files, record.distinct
    if distinct < files:
        text = (
            f"{files - distinct:,} of {files:,} files are exact copies of others; {distinct:,} pictures are distinct."
        )
        for label, of in record.groups.by_class.items():
            if of.distinct < _FEW_SLICES * of.files:
                pictures, same = plural(of.distinct, "distinct picture"), plural(of.same_slice, "slice")
                text += f" The {of.files:,} files of {readable(label)} are {pictures} of {same} only."
        yield Finding.of("notice", "Copies", text, chain.from_iterable(copies.paths for copies in record.copies))
    for (origin, into), leaks in _ways(record, "same_slice").items():
        counts = [f"{leak.same_slice} of {leak.files} files of {readable(leak.label)}" for leak in leaks]
        found, identical = sum(leak.same_slice for leak in leaks), sum(leak.identical for leak in leaks)
        kinds = [
            f"{count} {how}" for count, how in ((identical, "identical"), (found - identical, "nearly so")) if count
        ]
        text = f"In {into}, {listed(counts)} show a slice that is also in {origin} ({', '.join(kinds)})."
        leaks.sort(key=lambda leak: leak.same_slice / leak.files, reverse=True)
        paths = chain.from_iterable(pair for leak in leaks for pair in leak.pairs)
        serious = leaks[0].same_slice / leaks[0].files > 0.1
        yield Finding.of("serious" if serious else "notice", f"Leak from {origin} to {into}", text, paths)


def _same_ids(record: AuditRecord) -> Iterator[Finding]:
    for (origin, into), leaks in _ways(record, "group").items():
        counts = [f"{leak.group} of {leak.files} files of {readable(leak.label)}" for leak in leaks]
        text = f"In {into}, {listed(counts)} have a patient or series id that {origin} has too."
        shared = (files for files in record.shared_ids if {origin, into} <= {*files.splits})
        paths = chain.from_iterable(files.paths for files in shared)
        yield Finding.of("serious", f"Same ids in {origin} and {into}", text, paths)


def _ways(record: AuditRecord, counted: str) -> dict[tuple[str, str], list[Leak]]:
    """The leaks that some count tells of, by the splits from and into which they are."""
    ways: dict[tuple[str, str], list[Leak]] = defaultdict(list)
    for leak in record.leaks:
        if getattr(leak, counted):
            ways[leak.origin, leak.into].append(leak)
    return ways


def _conflicting(record: AuditRecord) -> Iterator[Finding]:
    conflicts = record.label_conflicts
    if conflicts:
        verb = "slice carries" if len(conflicts) == 1 else "slices carry"
        text = f"{len(conflicts)} {verb} more than one label: {'; '.join(' = '.join(pair) for pair in conflicts[:3])}."
        yield Finding.of("serious", "Label conflict", text, chain.from_iterable(conflicts))


def _look_alikes(record: AuditRecord) -> Iterator[Finding]:
    groups, files = record.groups, record.files
    without = files - groups.named_files
    if not without:
        return
    if without == files:
        lacking = "No patient or series ids were given, so no chest can be shown to be unseen."
    else:
        verb = "has" if without == 1 else "have"
        lacking = (
            f"{without:,} of {plural(files, 'file')} {verb} no patient or series id, so no chest of these can be shown "
            "to be unseen; they are grouped by their look-alikes."
        )
    text = (
        f"{lacking} At correlation 0.99 the pictures form {groups.same_slice:,} groups, at "
        f"{likeness_text(groups.likeness)} {groups.look_alike:,} (the largest {groups.largest.look_alike:,}); keeping "
        "these apart is harder than not, and proves nothing about patients."
    )
    yield Finding.of("serious", "No patient ids", text)

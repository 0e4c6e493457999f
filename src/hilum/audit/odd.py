"""Slices that stand out, marks that occur in one class only, and training slices that are all the same."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from hilum.audit.audit import Audit
from hilum.audit.picture_checks import CHECKS
from hilum.records.audit import AuditRecord, Finding, MarkedClass, TrainingCount
from hilum.report.words import plural, readable
from hilum.slices.table import SliceTable

_CHANCE = 0.01  # significance level over all classes and kinds of marks


def counted(audit: Audit) -> dict[str, Any]:
    """The part of audit.json about single slices and about training slices."""
    table, told = audit.table, {check.key: check.found(audit.looks) for check in CHECKS}
    paths = {key: [table.rows[row].path for row in np.flatnonzero(which)] for key, which in told.items()}
    marked = Counter(table.rows[row].label for row in np.flatnonzero(told["colour_marks"]))
    marks = {check.key: told[check.key] for check in CHECKS if check.mark}
    doubted = zip(paths["doubts"], (look.doubt for look in audit.looks if look.doubt), strict=True)
    return {
        "training": list(_training(audit)),
        "slices": {
            **paths,
            "doubts": [{"path": path, "reason": reason} for path, reason in doubted],
            "colour_marks_by_class": {label: marked[label] for label in table.classes},
            "marked_classes": marked_classes(table, marks),
        },
    }


def taught(record: AuditRecord) -> Iterator[Finding]:
    """Findings about training slices that are all the same or blank, in all classes or in single ones."""
    same = {of.label: of for of in record.training if of.files > 1 and _how_same(of)}
    for label, of in same.items():
        if label is None:
            text = f"All {of.files:,} training slices {_how_same(of)}: no model can learn anything from them."
            yield Finding.of("serious", "Nothing to learn from", text)
        elif None not in same:
            text = (
                f"All {of.files:,} training slices of {readable(label)} {_how_same(of)}: a model learns to "
                "recognise that, and nothing else of the class."
            )
            yield Finding.of("serious", "A class without content", text)


def found(record: AuditRecord) -> Iterator[Finding]:
    """Findings about single slices."""
    stand_out = record.slices
    for check in CHECKS:
        paths = [path for path, _ in stand_out.told_by(check.key)]
        if not paths:
            continue
        classes = ""
        if check.key == "colour_marks":
            counts = stand_out.colour_marks_by_class
            classes = f" ({', '.join(f'{count} {readable(label)}' for label, count in counts.items() if count)})"
        text = f"{plural(len(paths), 'file')} {check.one if len(paths) == 1 else check.many}{classes}."
        told = [_told(of) for of in stand_out.marked_classes if of.kind == check.key]
        if told:
            text = " ".join([text, *told, "A model may learn the mark instead of the disease."])
            yield Finding.of("serious", f"{check.title} tell a class", text, paths)
        else:
            yield Finding.of("notice", check.title, text, paths)


def marked_classes(table: SliceTable, marks: Mapping[str, NDArray[np.bool_]]) -> list[MarkedClass]:
    """The classes that carry a kind of mark in train more often than chance explains.

    Args:
        table: The slices.
        marks: Whether each row carries a mark, `[rows]`, by kind of mark.
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


def _training(audit: Audit) -> Iterator[dict[str, object]]:
    """Counts of training slices, distinct pictures and blank ones: of all (`label` None) and of each class."""
    table = audit.table
    blank = np.array([look.blank for look in audit.looks])
    for label in (None, *table.classes):
        rows = table.in_split("train")
        if label is not None:
            rows &= table.labels == table.classes.index(label)
        pictures = len(np.unique(audit.groups.picture[rows]))
        yield {"label": label, "files": int(rows.sum()), "pictures": pictures, "blank": int(blank[rows].sum())}


def _how_same(of: TrainingCount) -> str | None:
    if of.blank == of.files:
        return "are blank"
    return "show the same picture" if of.pictures == 1 else None


def _told(of: MarkedClass) -> str:
    return (
        f"In train, {of.marked} of {plural(of.pictures, 'picture')} of {readable(of.label)} do, and "
        f"{of.marked_elsewhere} of {of.pictures_elsewhere} of the other classes."
    )

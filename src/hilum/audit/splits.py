"""Differences of the splits other than disease: class shares, numbers in file names, facts of the pictures."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency

from hilum.audit.audit import Audit
from hilum.records.audit import AuditRecord, ClassShifts, FactSeparation, Finding, MissingClass, NumberSeparation
from hilum.report.words import listed, readable
from hilum.scoring.metrics import ranked
from hilum.slices.labels import SPLITS, Split
from hilum.slices.table import SliceTable

_APART = 0.9  # share of files on their split's side of the best cut from which numbers tell the splits apart
_FEWEST = 10  # smallest number of numbered files on each side


def counted(audit: Audit) -> dict[str, Any]:
    """The part of audit.json about the splits."""
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
    numbers, separated = number_separation(table), fact_separation(table, facts)
    return {"splits": {**dict(class_shifts(table)), "numbers": numbers, "facts": separated}}


def found(record: AuditRecord) -> Iterator[Finding]:
    """Findings about the splits."""
    splits = record.splits
    lacking: dict[str, list[str]] = defaultdict(list)
    for missing in splits.missing:
        lacking[missing.split].append(readable(missing.label))
    for split, classes in lacking.items():
        yield Finding.of("serious", "Missing class", f"{split} has no {listed(classes)}.")
    apart: dict[str, list[NumberSeparation]] = defaultdict(list)
    for separation in splits.numbers:
        if separation.apart:
            apart[separation.other].append(separation)
    for other, separations in apart.items():
        if len(separations) == 1:
            text = separations[0].sentence
        else:
            own, of, train, of_train = (
                sum(getattr(row, key) for row in separations) for key in ("other_side", "others", "train_side", "train")
            )
            labels = listed([readable(row.label) for row in separations])
            text = (
                f"In each of {labels} one file number divides train from {other}: {own} of {of} numbered {other} files "
                f"and {train} of {of_train} train files lie on their own side of it."
            )
        yield Finding.of("notice", "File numbers tell the splits apart", text)
    strong = [fact for fact in splits.facts if fact.label is None and fact.auc >= 0.8]
    if strong:
        named = ", ".join(f"{fact.fact} (AUC {fact.auc:.2f})" for fact in strong)
        yield Finding.of("notice", "Train and test look different", f"Train and test are told apart by: {named}.")


def _box_share(table: SliceTable, number: int) -> float:
    facts = table.rows[number].facts
    if facts.body is None:
        return 1.0
    box = facts.body
    return (box.right - box.left) * (box.bottom - box.top) / (facts.width * facts.height)


def class_shifts(table: SliceTable) -> ClassShifts:
    """Class shares of the splits, and a test of whether train and test differ in them."""
    counts = table.counts
    missing = tuple(
        MissingClass(split=split, label=label)
        for split, of in counts.items()
        if any(of.values()) or not table.split_drawn  # a folder without splits lacks none
        for label, count in of.items()
        if not count
    )
    shares: dict[str, dict[str, float]] = {
        split: {label: count / max(1, sum(of.values())) for label, count in of.items()} for split, of in counts.items()
    }
    both = np.array([[counts[split][label] for label in table.classes] for split in ("train", "test")])
    both = both[:, both.any(0)]
    usable = both.shape[1] > 1 and both.any(1).all()
    p = float(chi2_contingency(both).pvalue) if usable else None
    return ClassShifts(missing=missing, shares=shares, shift_p=p)


def number_separation(table: SliceTable) -> list[NumberSeparation]:
    """For each class, how well the number in the file's name tells train from valid and from test.

    The number is the first run of digits in the name: 108 in `000108 (3).png`. A series is all files with the same text
    before the number; `ad1.png` and `000108.png` belong to two series. Only the largest series of the other split is
    compared. Classes with fewer than ten such files on either side are left out.
    """
    numbers: dict[tuple[str, Split], list[tuple[str, int]]] = defaultdict(list)
    for row in table.rows:
        if (numbered := _number(row.path)) is not None:
            numbers[row.label, row.split].append(numbered)
    found = []
    for label in table.classes:
        for other in SPLITS[1:]:
            series = Counter(before for before, _ in numbers[label, other]).most_common(1)
            train, others = (
                np.array([number for before, number in numbers[label, split] if before == series[0][0]], np.int64)
                if series
                else np.empty(0, np.int64)
                for split in ("train", other)
            )
            if min(len(train), len(others)) >= _FEWEST:
                found.append(_separation(label, other, train, others))
    return found


def fact_separation(table: SliceTable, facts: Mapping[str, NDArray[np.floating]]) -> list[FactSeparation]:
    """The AUC by which each fact alone tells train from test, over all classes and within each.

    Args:
        table: The slices.
        facts: Values `[rows]` of each fact.
    """
    in_train, in_test = table.in_split("train"), table.in_split("test")
    found = []
    for fact, values in facts.items():
        for label in (None, *table.classes):
            of_class = (
                np.ones(len(table.rows), np.bool_) if label is None else table.labels == table.classes.index(label)
            )
            rows = of_class & (in_train | in_test)
            if (rows & in_train).any() and (rows & in_test).any():
                scores = np.stack([-values[rows], values[rows]], 1)
                auc = float(ranked(in_test[rows].astype(np.intp), scores, np.ones((len(scores), 1)))[0, 1])
                found.append(FactSeparation(fact=fact, label=label, auc=max(auc, 1 - auc)))
    return found


def _separation(label: str, other: Split, train: NDArray[np.int64], others: NDArray[np.int64]) -> NumberSeparation:
    cuts = np.unique(np.concatenate([train, others]))
    lower, upper = ([np.searchsorted(np.sort(of), cuts, side) for of in (train, others)] for side in ("left", "right"))
    # Numbers of files on their own sides: those of train below each cut, and then those above it.
    trains, beyonds = np.stack([lower[0], len(train) - upper[0]]), np.stack([len(others) - lower[1], upper[1]])
    shares = trains / len(train) + beyonds / len(others)
    sides, places = np.nonzero(shares == shares.max())
    place = int(places.max())
    side = int(sides[places == place].min())
    cut, above = int(cuts[place]), side == 0
    train_side, other_side, share = int(trains[side, place]), int(beyonds[side, place]), float(shares.max()) / 2
    words = "from {} up" if above else "up to {}"
    sentence = (
        f"{other_side} of {len(others)} numbered {other} files of {label.replace('_', ' ')} have numbers "
        f"{words.format(cut)}; {train_side} of {len(train)} train files do not."
    )
    return NumberSeparation(
        label=label,
        other=other,
        train=len(train),
        others=len(others),
        train_range=(int(train.min()), int(train.max())),
        other_range=(int(others.min()), int(others.max())),
        cut=cut,
        above=above,
        train_side=train_side,
        other_side=other_side,
        share=share,
        apart=share >= _APART,
        sentence=sentence,
    )


def _number(path: str) -> tuple[str, int] | None:
    """The text before the number in a file's name, and the number."""
    found = re.match(r"(\D*)(\d+)", PurePath(path).stem)
    return (found[1].lower(), int(found[2][:15])) if found else None

"""How the splits differ in things that are no disease: class shares, file numbers, facts of the pictures."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency
from sklearn.metrics import roc_auc_score

from hilum.slices.labels import SPLITS, Split
from hilum.slices.table import SliceTable

_APART = 0.9  # of the files on their split's side of the best cut, for the numbers to count as telling
_FEWEST = 10  # numbered files on each side


@dataclass(frozen=True)
class ClassShifts:
    """Classes that a split lacks, shares of the classes, and the chi-square p for train against test if it has one."""

    missing: tuple[tuple[Split, str], ...]
    shares: Mapping[Split, Mapping[str, float]]
    shift_p: float | None

    def as_dict(self) -> dict[str, Any]:
        """As audit.json has it."""
        missing = [{"split": split, "label": label} for split, label in self.missing]
        return {"missing": missing, "shares": {**self.shares}, "shift_p": self.shift_p}


@dataclass(frozen=True)
class NumberSeparation:
    """Whether the numbers in the file names of one class tell train from another split.

    Attributes:
        label: The class.
        other: The split that train is compared with.
        train, others: Numbered files on both sides.
        train_range, other_range: The lowest and highest numbers.
        cut: The number from which on files count as the other split's (or, with `above` false, up to which).
        above: Whether the other split has the higher numbers.
        train_side, other_side: Files on their own side of the cut.
        share: The mean of both sides' shares, 0.5 to 1.
        apart: Whether that is 0.9 or more.
        sentence: All of it in words.
    """

    label: str
    other: Split
    train: int
    others: int
    train_range: tuple[int, int]
    other_range: tuple[int, int]
    cut: int
    above: bool
    train_side: int
    other_side: int
    share: float
    apart: bool
    sentence: str


@dataclass(frozen=True)
class FactSeparation:
    """The AUC, 0.5 to 1, by which one fact tells train from test, within a class or (None) over all."""

    fact: str
    label: str | None
    auc: float


def class_shifts(table: SliceTable) -> ClassShifts:
    """Class shares of the splits, and whether those of train and test differ by more than chance."""
    counts = table.counts
    missing = tuple((split, label) for split in SPLITS for label in table.classes if not counts[split][label])
    shares = {
        split: {label: count / max(1, sum(counts[split].values())) for label, count in counts[split].items()}
        for split in SPLITS
    }
    both = np.array([[counts[split][label] for label in table.classes] for split in ("train", "test")])
    both = both[:, both.any(0)]
    usable = both.shape[1] > 1 and both.any(1).all()
    return ClassShifts(missing, shares, float(chi2_contingency(both).pvalue) if usable else None)


def number_separation(table: SliceTable) -> list[NumberSeparation]:
    """For each class, how well the number in the file's name tells train from valid and from test.

    The number is the first run of digits in the name: 108 in `000108 (3).png`. Numbers of one series are compared:
    those behind the letters that stand before most numbers of the other split (`ad1.png` is of another series than
    `000108.png`). Classes with fewer than ten such files on either side are left out.
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
        facts: `[rows]` each.
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
                auc = float(roc_auc_score(in_test[rows], values[rows]))
                found.append(FactSeparation(fact, label, max(auc, 1 - auc)))
    return found


def _separation(label: str, other: Split, train: NDArray[np.int64], others: NDArray[np.int64]) -> NumberSeparation:
    best: tuple[float, int, bool] = (0.0, 0, True)
    for cut in np.unique(np.concatenate([train, others])).tolist():
        upper = (np.mean(train < cut) + np.mean(others >= cut)) / 2
        lower = (np.mean(train > cut) + np.mean(others <= cut)) / 2
        best = max(best, (float(upper), cut, True), (float(lower), cut, False))
    share, cut, above = best
    train_side = int(((train < cut) if above else (train > cut)).sum())
    other_side = int(((others >= cut) if above else (others <= cut)).sum())
    side = "from {} up" if above else "up to {}"
    sentence = (
        f"{other_side} of {len(others)} numbered {other} files of {label.replace('_', ' ')} have numbers "
        f"{side.format(cut)}; {train_side} of {len(train)} train files do not."
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
    """What stands before the number in a file's name, and the number."""
    found = re.match(r"(\D*)(\d+)", PurePath(path).stem)
    return (found[1].lower(), int(found[2][:15])) if found else None

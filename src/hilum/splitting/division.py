"""Divides rows into splits near some shares, or into folds, whole groups at a time."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hilum.errors import BadOption, HilumError
from hilum.options import check_within
from hilum.scoring.folds import group_folds
from hilum.slices.labels import SPLITS, Split
from hilum.slices.split import SHARES, split_groups

_DRAWS = 100  # of which the one nearest to the shares is taken
NEAR = 0.005  # difference from a share that is none for a reader; a draw this near in every class ends the search


class Distance(NamedTuple):
    """How far a division is from the shares that were asked for, where it is farthest.

    Attributes:
        off: Difference of the share from what was asked for.
        part: Name of the split or fold.
        label: Name of the class.
        share: Share of the class's slices.
    """

    off: float
    part: str
    label: str
    share: float


def asked_shares(shares: Sequence[float], folds: int | None) -> dict[str, float]:
    """The share of each split or fold, by its name, from percentages or a number of folds.

    Raises:
        BadOption: The percentages are not three numbers above 0 that sum to 100, the folds are fewer than two, or both
            are given.
    """
    usual = [100 * share for share in SHARES.values()]
    if folds is not None:
        if not np.array_equal(shares, usual):
            raise BadOption("shares", "cannot be given together with folds, which are all of one size. Give one.")
        check_within("folds", folds, 2)
        return {str(number): 1 / folds for number in range(folds)}
    values = [float(share) for share in shares]
    if len(values) != len(SPLITS) or not all(value > 0 for value in values) or abs(sum(values) - 100) > 1e-6:
        given = ",".join(f"{value:g}" for value in values)
        raise BadOption(
            "shares", f"must be three numbers above 0 that sum to 100, for train, valid and test, not {given}."
        )
    return {split: value / 100 for split, value in zip(SPLITS, values, strict=True)}


def nearest_split(
    labels: Sequence[str], groups: Sequence[int], seed: int, shares: Mapping[str, float]
) -> Sequence[Split]:
    """The split of each row: of several draws, the one nearest to the shares in the class that is farthest from them.

    Groups go where chance sends them. Placing large groups first would come nearer, but put the same ones into train
    whatever the seed, and only small ones into test.

    Raises:
        HilumError: A class has fewer than three groups.
    """
    best, least, asked = list[Split](), np.inf, {split: shares[split] for split in SPLITS}
    for draw in np.random.default_rng(seed).integers(2**32, size=_DRAWS).tolist():
        drawn = split_groups(labels, groups, draw, asked)
        if (off := farthest(labels, drawn, shares).off) < least:
            best, least = drawn, off
        if least <= NEAR:
            break
    return best


def folded(labels: Sequence[str], groups: Sequence[int], seed: int, count: int) -> list[str]:
    """The fold of each row, as a text.

    Raises:
        HilumError: There are fewer groups than folds.
    """
    folds = group_folds(np.unique(labels, return_inverse=True)[1], np.asarray(groups), count, seed)
    if len(folds) < count:
        found = len(set(groups))
        raise HilumError(
            f"{count} folds need at least {count} groups, and there are {found}. Ask for fewer folds, or add slices."
        )
    fold_of: NDArray[np.intp] = np.empty(len(labels), np.intp)
    for number, (_, scored) in enumerate(folds):
        fold_of[scored] = number
    return [str(number) for number in fold_of.tolist()]


def farthest(labels: Sequence[str], parts: Sequence[str], shares: Mapping[str, float]) -> Distance:
    """Where a division is farthest from the shares.

    Args:
        labels: Class of each row.
        parts: Split or fold of each row.
        shares: Share that was asked for, by split or fold.
    """
    names, label_of = np.unique(labels, return_inverse=True)
    number = {part: place for place, part in enumerate(shares)}
    counts = np.zeros((len(names), len(shares)))
    np.add.at(counts, (label_of, np.array([number[part] for part in parts], np.intp)), 1)
    found = counts / counts.sum(1, keepdims=True)
    off = np.abs(found - list(shares.values()))
    label, part = np.unravel_index(int(off.argmax()), off.shape)
    return Distance(float(off[label, part]), list(shares)[part], str(names[label]), float(found[label, part]))

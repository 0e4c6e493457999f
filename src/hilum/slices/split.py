"""Dividing a data set into train, valid and test; what belongs together stays on one side."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from hilum.errors import HilumError
from hilum.slices.components import components
from hilum.slices.labels import SPLITS, Split

SHARES: Mapping[Split, float] = {"train": 0.7, "valid": 0.1, "test": 0.2}


def connected_groups(*columns: Sequence[str | None]) -> list[int]:
    """Groups rows that agree in any column, directly or through other rows.

    Args:
        *columns: One or more columns of the same length; None agrees with nothing.

    Returns:
        The group number of each row, counted from 0 in the order of appearance.
    """
    first: dict[tuple[int, str], int] = {}
    pairs = [
        (first.setdefault((number, value), row), row)
        for number, column in enumerate(columns)
        for row, value in enumerate(column)
        if value is not None
    ]
    return list(map(int, components(len(columns[0]), np.array(pairs, np.intp).reshape(-1, 2))))


def split_groups(
    labels: Sequence[str], groups: Sequence[int], seed: int, shares: Mapping[Split, float] = SHARES
) -> list[Split]:
    """Draws a split for each row, whole groups at a time and class by class.

    Within a class the groups are shuffled. Each goes to the split that still lacks most of its share of the class. A
    group with rows of several classes belongs to the class of its first row.

    Args:
        labels: Class of each row.
        groups: Group of each row.
        seed: Random seed.
        shares: Share of each split, above 0; together 1.

    Raises:
        HilumError: A class has fewer than three groups and cannot be in every split.
    """
    rng = np.random.default_rng(seed)
    members: dict[int, int] = defaultdict(int)
    class_groups: dict[str, list[int]] = defaultdict(list)
    for label, group in zip(labels, groups, strict=True):
        if group not in members:
            class_groups[label].append(group)
        members[group] += 1
    split_of: dict[int, Split] = {}
    for label in sorted(set(labels)):
        found = class_groups[label]
        if len(found) < len(SPLITS):
            raise HilumError(
                f"The {labels.count(label)} slices of the class {label} form {len(found)} "
                f"{'group' if len(found) == 1 else 'groups'} of their own, and 3 are needed to put the class into "
                "train, valid and test. Slices that are kept together count once, in the first class that has them. "
                "Add slices, or leave the class out."
            )
        missing = {split: share * sum(members[group] for group in found) for split, share in shares.items()}
        order = [found[position] for position in rng.permutation(len(found))]
        empty = list(SPLITS)
        for position, group in enumerate(order):
            # The last groups are reserved for splits that would otherwise lack the class.
            candidates = empty if empty and len(order) - position <= len(empty) else SPLITS
            split_of[group] = chosen = max(candidates, key=missing.__getitem__)
            missing[chosen] -= members[group]
            if chosen in empty:
                empty.remove(chosen)
    return [split_of[group] for group in groups]

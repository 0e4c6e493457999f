"""Bootstrap resamples of whole groups (patients), and how many groups a figure rests on.

Slices of one patient resemble each other; drawing them one by one would make intervals far too narrow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hilum.scoring.limits import Basis

RESAMPLES = 2000
MANY, OF_MANY = 20_000, 500  # slices above which fewer resamples bound the memory, and how many
_Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Resamples:
    """Resamples of n slices.

    Attributes:
        weights: How often each slice was drawn, `[count, n]`, whole numbers; `[0, n]` if every resample equals the
            sample, as with one group in each class.
        labels: The true classes, `[n]`.
        groups: Groups that were drawn as a whole, `[n]`.
        refitted: Whether the slices were scored in folds, each by a model of its own.
    """

    weights: NDArray[np.float32]
    labels: _Indices
    groups: _Indices
    refitted: bool

    def of(self, rows: _Indices) -> "Resamples":
        """The resamples of some slices."""
        return Resamples(self.weights[:, rows], self.labels[rows], self.groups[rows], self.refitted)

    def basis(self, rows: NDArray[np.bool_] | None = None, *, macro: bool = False, ranked: bool = False) -> Basis:
        """What a figure rests on.

        Args:
            rows: Slices of the figure, `[n]`; None are all.
            macro: Whether it is a mean over classes. The rarest class then counts the most: there are as many groups as
                if every class had as few, and the effective number is that of the mean's variance.
            ranked: Whether it is an AUC.
        """
        labels, groups = (of if rows is None else of[rows] for of in (self.labels, self.groups))
        sizes = [np.unique(groups[labels == label], return_counts=True)[1] for label in np.unique(labels)]
        effective = np.array([one.sum() ** 2 / np.square(one).sum() for one in sizes])
        count, together = len(np.unique(groups)), float(effective.sum())
        if macro:
            count = len(sizes) * min(map(len, sizes))
            together = len(sizes) ** 2 / float((1 / effective).sum())
        return Basis(count, together, len(sizes), self.refitted, ranked)


def draw_resamples(
    labels: _Indices, groups: _Indices, count: int | None = None, seed: int = 0, *, refitted: bool = False
) -> Resamples:
    """Bootstrap resamples of groups, stratified by class: every resample has every class.

    A draw takes the slices of one class in one group. Each class draws, with replacement, as many of these as it has.
    All models of a protocol share the same resamples, which makes comparisons paired.

    Source: A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997, sections 3.2 (strata)
    and 3.8 (clusters).

    Args:
        labels: The true classes, `[n]`.
        groups: The groups, `[n]`.
        count: Number of resamples; with 0, figures have no intervals. None is 2,000, or 500 of more than 20,000 slices.
        seed: Random seed.
        refitted: Whether the slices are scored in folds, each by a model of its own, which widens intervals.

    Raises:
        ValueError: The lengths differ, there are no slices, or `count` is below 0.
    """
    if count is None:
        count = RESAMPLES if len(labels) <= MANY else OF_MANY
    if labels.shape != groups.shape or labels.ndim != 1 or not len(labels) or count < 0:
        wrong = f"{list(labels.shape)}, {list(groups.shape)} and {count}"
        raise ValueError(f"labels and groups must both be [n] with n >= 1, and count at least 0, not {wrong}")
    pairs, cells = np.unique(np.stack([labels, groups]), axis=1, return_inverse=True)
    _, first, strata, sizes = np.unique(pairs[0], return_index=True, return_inverse=True, return_counts=True)
    first, sizes = first[strata], sizes[strata]
    random = np.random.default_rng(seed)
    weights = np.empty((count if sizes.max() > 1 else 0, len(labels)), np.float32)
    for row in weights:
        drawn = first + (random.random(len(sizes)) * sizes).astype(np.intp)
        row[:] = np.bincount(drawn, minlength=len(sizes))[cells]
    return Resamples(weights, labels, groups, refitted)

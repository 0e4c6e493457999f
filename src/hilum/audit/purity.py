"""Purity: how often slices that look alike carry different classes, by how alike they are.

Slices of one chest carry one class, those of two chests often two. So the share of pairs across classes, beside the
share among random pairs, tells from which likeness on pairs show one chest.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hilum.audit.duplicates import LOOK_ALIKE, alike_pairs
from hilum.records.audit import Purity, PurityBin
from hilum.records.figures import Estimate

PURE = 0.05  # share across classes, of that among random pairs, up to which pairs count as one chest
_EDGES = np.arange(80, 101) / 100  # of the bins of likeness
_MOST = 3000  # pictures that are compared; of more, a random sample
_LEVEL = 0.95


def purity(
    signatures: NDArray[np.uint8], pictures: NDArray[np.intp], labels: NDArray[np.intp], groups: NDArray[np.intp]
) -> Purity | None:
    """The share of pairs across classes by likeness, with 95 % intervals over groups.

    Args:
        signatures: Signatures of distinct pictures, `[distinct, side, side]`.
        pictures: The pictures to compare, `[n]`.
        labels: Their classes, `[n]`.
        groups: Groups that are taken as one in the intervals: given ids or look-alikes, `[n]`.

    Returns:
        The table, or None if the pictures are of fewer than two classes.
    """
    counts = np.unique(labels, return_counts=True)[1].tolist()
    if len(counts) < 2:
        return None
    n = len(labels)
    random = 1 - sum(count * (count - 1) for count in counts) / (n * (n - 1))
    rows = np.arange(n) if n <= _MOST else np.sort(np.random.default_rng(0).choice(n, _MOST, replace=False))
    found = list(alike_pairs(signatures[pictures[rows]], float(_EDGES[0])))
    pairs = np.concatenate([np.stack(of[:2], 1) for of in found] or [np.empty((0, 2), np.intp)])
    likeness = np.concatenate([of[2] for of in found] or [np.empty(0)])
    crossing = labels[rows][pairs[:, 0]] != labels[rows][pairs[:, 1]]
    ends = groups[rows][pairs]

    def between(low: float, high: float) -> PurityBin:
        within = (likeness > low) & (likeness <= high)
        share = cross_share(crossing[within], ends[within])
        return PurityBin(low=low, high=high, pairs=int(within.sum()), crossing=int(crossing[within].sum()), share=share)

    edges = _EDGES.tolist()
    bins = tuple(between(low, high) for low, high in pairwise(edges))
    above = between(LOOK_ALIKE, 1.0)
    false = [one.high for one in bins if (one.share.low or 0) > PURE * random]
    return Purity(
        slices=len(rows),
        of=n,
        random=random,
        above=above,
        bins=bins,
        pure_above=_pure_above(above, bins, PURE * random),
        false_below=max(false, default=None),
    )


def _pure_above(above: PurityBin, bins: tuple[PurityBin, ...], most: float) -> float | None:
    """The lowest likeness such that all pairs above `LOOK_ALIKE`, and each bin below, surely cross this rarely."""

    def sure(one: PurityBin) -> bool:
        return one.share.high is not None and one.share.high <= most

    if not sure(above):
        return None
    lowest = above.low
    for one in reversed(bins):
        if one.low < lowest:
            if not sure(one):
                break
            lowest = one.low
    return lowest


def cross_share(crossing: NDArray[np.bool_], ends: NDArray[np.intp]) -> Estimate:
    """The share of pairs across classes with a 95 % interval over groups.

    Pairs that share a group are not independent. The variance sums the products of all pairs with a group in common
    (Aronow, Samii and Assenova 2015, Cluster-robust variance estimation for dyadic data, Political Analysis 23). It
    gives the number of independent pairs, for which the limits are the exact ones of Clopper and Pearson (Korn and
    Graubard 1998, Survey Methodology 24). All pairs within one group, or between the same two, count as one pair at
    most; where none crosses, and so nothing varies, as exactly one.

    Args:
        crossing: Whether each pair crosses, `[pairs]`.
        ends: Groups of both slices, `[pairs, 2]`.

    Returns:
        The estimate; without value or limits if there are no pairs.
    """
    n = len(crossing)
    if not n:
        return Estimate(value=None)
    from scipy.stats import beta, t  # the base install, which evaluates models, has no SciPy

    value = float(crossing.mean())
    groups = np.unique(ends, return_inverse=True)[1].reshape(ends.shape)
    degrees = int(groups.max())
    if not degrees:
        return Estimate(value=value, low=0.0, high=1.0)
    cells, cell = np.unique(np.sort(groups, axis=1) @ [degrees + 1, 1], return_inverse=True)
    varying = _squared(crossing - value, groups, cell)
    independent = min(len(cells), value * (1 - value) * n**2 / varying) if varying > 0 else len(cells)
    tails = (1 - _LEVEL) / 2
    independent *= min(1, (t.ppf(tails, n - 1) / t.ppf(tails, degrees)) ** 2)
    crossed, others = value * independent, (1 - value) * independent
    low = float(beta.ppf(tails, crossed, others + 1)) if crossed else 0.0
    high = float(beta.ppf(1 - tails, crossed + 1, others)) if others else 1.0
    return Estimate(value=value, low=low, high=high)


def _squared(values: NDArray[np.floating], groups: NDArray[np.intp], cell: NDArray[np.intp]) -> float:
    """The sum of products of all two pairs, the same one twice included, that have a group in common."""
    apart = groups[:, 0] != groups[:, 1]
    count = groups.max() + 1
    of_group = np.bincount(groups[:, 0], values, count) + np.bincount(groups[apart, 1], values[apart], count)
    # Two pairs between the same two groups were counted for both.
    return float((of_group**2).sum() - (np.bincount(cell[apart], values[apart]) ** 2).sum())

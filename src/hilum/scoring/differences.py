"""Compares models with the best one on the same resamples."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hilum.records.comparison import Difference, Gap
from hilum.records.figures import Lead, highest
from hilum.scoring.intervals import FEW, estimate

_Floats = NDArray[np.float64]
_ALPHA = 0.05


def differences(models: Mapping[str, Mapping[str, _Floats]], best: str, groups: int) -> list[Difference]:
    """Each model's paired difference to the best one, and how often each would have come first.

    The p-value is twice the smaller of two shares: of resamples with a difference of at most 0, and of at least 0. Each
    share counts one more resample, and the p-value is at most 1. Choose `best` on other slices than these; otherwise
    p-values are too small.

    Source: A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997, section 4.2 (the one
    more resample); S. Holm, A simple sequentially rejective multiple test procedure, 1979.

    Args:
        models: Draws of each model from `hilum.scoring.intervals.figures_and_draws`, `[1 + count]`, all with the same
            weights.
        best: Name of the model that the others are compared with.
        groups: Number of groups drawn from; with fewer than 10, nothing is told apart.

    Returns:
        Differences in the order of the models. Holm's adjustment is over the other models. A model is told apart if its
        `p_holm` is below 0.05 and there are 10 groups or more. `first` and `first_auc` are the shares of resamples in
        which its macro-F1 or AUC is the highest, ties shared. The best model's difference and p-values are None, and so
        are figures that cannot be computed.

    Raises:
        ValueError: `best` is not among the models, or they differ in their number of resamples.
    """
    tables = [np.stack([figures[name] for figures in models.values()]) for name in ("f1_macro", "auc_macro")]
    index = list(models).index(best)
    compared = [_compared(table, index, groups) for table in tables]
    first, first_auc = (_first(table[:, 1:]) for table in tables)
    return [
        Difference(model=model, f1_macro=f1, auc_macro=auc, first=one, first_auc=other)
        for model, f1, auc, one, other in zip(models, *compared, first, first_auc, strict=True)
    ]


def lead(model: _Floats, floors: Mapping[str, _Floats], groups: int) -> Lead | None:
    """The lead of a model over the highest of some floors, on the same resamples.

    Args:
        model: Draws of a figure of the model, `[1 + count]`, the plain value first.
        floors: Draws of the same figure of each floor, with the same weights.
        groups: Number of groups drawn from.

    Returns:
        The lead over the floor with the highest plain value. The groups are too few below 10; the model is above the
        floor if they are not too few and the interval of the difference lies above zero. None without floors or
        resamples.
    """
    name = highest({name: figure[0] for name, figure in floors.items()})
    if name is None or np.isnan(model[0]):
        return None
    difference = estimate(model - floors[name])
    if difference.low is None:
        return None
    above, few = groups >= FEW and difference.low > 0, groups < FEW
    return Lead(floor=name, difference=difference, above=above, groups=groups, too_few=few)


def holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted by Holm's step-down method, in the order given, each in `[0, 1]`."""
    adjusted, order = np.empty(len(p)), np.argsort(p)
    adjusted[order] = np.maximum.accumulate(np.arange(len(p), 0, -1) * np.take(p, order)).clip(max=1)
    return [float(one) for one in adjusted]


def _compared(table: _Floats, best: int, groups: int) -> list[Gap]:
    """The comparison of each row `[1 + count]` with row `best`."""
    p: dict[int, float] = {}
    for i, gaps in enumerate(table - table[best]):
        draws = gaps[1:][~np.isnan(gaps[1:])]
        if i == best or np.isnan(gaps[0]) or not len(draws):
            continue
        side = int(min(np.count_nonzero(draws <= 0), np.count_nonzero(draws >= 0)))
        p[i] = min(1.0, 2 * (side + 1) / (len(draws) + 1))
    adjusted = dict(zip(p, holm(list(p.values())), strict=True))
    return [
        Gap(
            difference=estimate(row - table[best]) if i in p else None,
            p=p.get(i),
            p_holm=adjusted.get(i),
            told_apart=groups >= FEW and adjusted.get(i, 1.0) < _ALPHA,
        )
        for i, row in enumerate(table)
    ]


def _first(draws: _Floats) -> list[float | None]:
    """The share of resamples in which each row of `[models, count]` is highest; None if none is known."""
    draws = draws[:, ~np.isnan(draws).all(0)]
    if not draws.shape[1]:
        return [None] * len(draws)
    top = draws == np.nanmax(draws, axis=0)
    return [float(share) for share in (top / top.sum(0)).mean(1)]

"""Which models can be told apart from the best one, on the same resamples of the same groups."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.evaluation.intervals import FEW, Estimate, estimate
from hilum.records.figures import highest

_Floats = NDArray[np.float64]
_FIGURES = ("f1_macro", "auc_macro")
_ALPHA = 0.05


def differences(models: Mapping[str, Mapping[str, _Floats]], best: str, groups: int) -> list[dict[str, Any]]:
    """Each model's paired difference to the best one, and how often each would have come first.

    The p-value is twice the smaller of the shares of resamples with the difference at most and at least 0, each
    share with one more resample on its side, and at most 1. `best` is to be chosen on other slices than these;
    p-values of a best that was chosen on the same ones would be too small.

    Source: A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997, section 4.2 (the one
    more resample); S. Holm, A simple sequentially rejective multiple test procedure, 1979.

    Args:
        models: Each model's draws of `hilum.evaluation.intervals.figures_and_draws`, `[1 + count]`, all drawn with the
            same weights.
        best: The model that the others are compared with.
        groups: How many groups were drawn from; with fewer than 10, nothing is told apart.

    Returns:
        JSON-ready, in the models' order: `model`; for `f1_macro` and `auc_macro` an object of `difference`
        (model minus best: `value`, `low`, `high` of the 95 % interval), `p`, `p_holm` (Holm, over the other
        models) and `told_apart` (`p_holm` below 0.05, of 10 groups or more); `first` and `first_auc`, the share
        of resamples in which the model's macro-F1 or AUC is the highest, ties shared. The best model's difference
        and p-values are None, as are figures that cannot be computed.

    Raises:
        ValueError: `best` is not among the models, or they differ in their number of resamples.
    """
    if best not in models:
        raise ValueError(f"the best model {best!r} is not among the models {list(models)}")
    lengths = {len(figures[name]) for figures in models.values() for name in _FIGURES}
    if len(lengths) != 1 or min(lengths) < 2:
        raise ValueError(f"every figure must be [1 + count] with one count >= 1, not of lengths {sorted(lengths)}")
    tables = {name: np.stack([figures[name] for figures in models.values()]) for name in _FIGURES}
    index = list(models).index(best)
    compared = {name: _compared(table, index, groups) for name, table in tables.items()}
    first, first_auc = (_first(tables[name][:, 1:]) for name in _FIGURES)
    return [
        {"model": model, **{name: compared[name][i] for name in _FIGURES}, "first": first[i], "first_auc": first_auc[i]}
        for i, model in enumerate(models)
    ]


def lead(model: _Floats, floors: Mapping[str, _Floats], groups: int) -> dict[str, Any] | None:
    """By how much a model is better than the best of some floors, on the same resamples.

    Args:
        model: A figure of the model, `[1 + count]`, the plain one first.
        floors: The same figure of each floor, drawn with the same weights.
        groups: How many groups were drawn from.

    Returns:
        JSON-ready: the `floor` of the highest plain figure, the `difference` (model minus floor: `value`, `low`, `high`
        of the 95 % interval), whether the `groups` are `too_few` to tell (fewer than 10), and whether the model is
        `above` it: the interval leaves out zero and the groups are not too few. None without floors or resamples.
    """
    name = highest({name: figure[0] for name, figure in floors.items()})
    if name is None or np.isnan(model[0]):
        return None
    difference = estimate(model - floors[name])
    if difference.low is None:
        return None
    return {
        "floor": name,
        "difference": asdict(difference),
        "above": groups >= FEW and difference.low > 0,
        "groups": groups,
        "too_few": groups < FEW,
    }


def holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted by Holm's step-down method, in the order given, each in `[0, 1]`."""
    adjusted = [0.0] * len(p)
    highest = 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        highest = max(highest, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = highest
    return adjusted


def _compared(table: _Floats, best: int, groups: int) -> list[dict[str, Any]]:
    """The comparison of each row `[1 + count]` with row `best`."""
    estimates: list[Estimate | None] = []
    p: dict[int, float] = {}
    for i, row in enumerate(table):
        gaps = row - table[best]
        draws = gaps[1:][~np.isnan(gaps[1:])]
        if i == best or np.isnan(gaps[0]) or not len(draws):
            estimates.append(None)
            continue
        estimates.append(estimate(gaps))
        side = int(min(np.count_nonzero(draws <= 0), np.count_nonzero(draws >= 0)))
        p[i] = min(1.0, 2 * (side + 1) / (len(draws) + 1))
    adjusted = dict(zip(p, holm(list(p.values())), strict=True))
    return [
        {
            "difference": None if difference is None else asdict(difference),
            "p": p.get(i),
            "p_holm": adjusted.get(i),
            "told_apart": groups >= FEW and adjusted.get(i, 1.0) < _ALPHA,
        }
        for i, difference in enumerate(estimates)
    ]


def _first(draws: _Floats) -> list[float | None]:
    """The share of resamples in which each row of `[models, count]` is highest; None where none is computable."""
    draws = draws[:, ~np.isnan(draws).all(0)]
    if not draws.shape[1]:
        return [None] * len(draws)
    top = draws == np.nanmax(draws, axis=0)
    return [float(share) for share in (top / top.sum(0)).mean(1)]

"""Compares models with the best one and with floors, on the same resamples."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hilum.records.comparison import Difference, Gap
from hilum.records.figures import Lead, highest
from hilum.scoring.intervals import FEW
from hilum.scoring.limits import GAP, Basis, estimate, p_value
from hilum.scoring.protocols import Protocol
from hilum.scoring.resamples import Resamples

PRIMARY: Protocol = "strict"  # the one protocol, with macro-F1 as the one figure, in which models are told apart
_Floats = NDArray[np.float64]
_ALPHA = 0.05


def differences(
    models: Mapping[str, Mapping[str, _Floats]],
    best: str,
    resamples: Resamples,
    *,
    primary: bool,
    margin: float | None = None,
) -> list[Difference]:
    """Each model's paired difference to the best one, and how often each would have come first.

    There is one primary claim, on macro-F1 under one protocol (`PRIMARY`): which models differ from the best, by a
    t-test that fits the interval, and with a margin which are as good. All other differences are descriptive and have
    intervals alone. The best model is chosen on valid, which fold protocols score too: there the choice is not
    independent of the scores, and p-values are somewhat too small.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, 1979; G. Piaggio et al., Reporting of
    noninferiority and equivalence randomized trials, JAMA 308, 2012 (the margin).

    Args:
        models: Draws of each model from `hilum.scoring.intervals.figures_and_draws`, `[1 + count]`, all with the same
            resamples.
        best: Name of the model that the others are compared with.
        resamples: The resamples.
        primary: Whether the protocol is that of the primary claim.
        margin: Loss of macro-F1 with which a model still counts as good as the best one, or None.

    Returns:
        Differences in the order of the models. In the primary claim, if there are 10 groups or more, Holm's adjustment
        is over all other models, a model is told apart if its `p_holm` is below 0.05, and it is as good if the lower
        limit of the difference is above minus the margin; elsewhere these are None. `first` and `first_auc` are the
        shares of resamples in which its macro-F1 or AUC is the highest, ties shared. The best model's difference is
        None, and so are figures that cannot be computed.

    Raises:
        ValueError: `best` is not among the models, or they differ in their number of resamples.
    """
    f1_macro, auc_macro = (
        np.stack([figures[name] for figures in models.values()]) for name in ("f1_macro", "auc_macro")
    )
    index, basis = list(models).index(best), resamples.basis(macro=True)
    gaps = _gaps(f1_macro, index, basis)
    if primary and resamples.basis().groups >= FEW:
        gaps = _claimed(gaps, f1_macro - f1_macro[index], basis, margin)
    others = _gaps(auc_macro, index, resamples.basis(macro=True, ranked=True))
    first, first_auc = (_first(table[:, 1:]) for table in (f1_macro, auc_macro))
    return [
        Difference(model=model, f1_macro=f1, auc_macro=auc, first=one, first_auc=other)
        for model, f1, auc, one, other in zip(models, gaps, others, first, first_auc, strict=True)
    ]


def lead(model: _Floats, floors: Mapping[str, _Floats], resamples: Resamples) -> Lead | None:
    """The lead of a model over the highest of some floors, on the same resamples.

    Args:
        model: Draws of macro-F1 of the model, `[1 + count]`, the plain value first.
        floors: Draws of macro-F1 of each floor, with the same resamples.
        resamples: The resamples.

    Returns:
        The lead over the floor with the highest plain value. The groups are too few below 10; the model is above the
        floor if they are not too few and the interval of the difference lies above zero. None without floors or
        resamples.
    """
    name = highest({name: figure[0] for name, figure in floors.items()})
    if name is None or np.isnan(model[0]):
        return None
    difference = estimate(model - floors[name], resamples.basis(macro=True), GAP)
    if difference.low is None:
        return None
    groups = resamples.basis().groups
    above, few = groups >= FEW and difference.low > 0, groups < FEW
    return Lead(floor=name, difference=difference, above=above, groups=groups, too_few=few)


def holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted by Holm's step-down method, in the order given, each in `[0, 1]`."""
    adjusted, order = np.empty(len(p)), np.argsort(p)
    adjusted[order] = np.maximum.accumulate(np.arange(len(p), 0, -1) * np.take(p, order)).clip(max=1)
    return [float(one) for one in adjusted]


def _gaps(table: _Floats, best: int, basis: Basis) -> list[Gap]:
    """The difference of each row `[1 + count]` from row `best`."""
    found = [estimate(row - table[best], basis, GAP) for row in table]
    known = [None if i == best or difference.low is None else difference for i, difference in enumerate(found)]
    return [Gap(difference=difference, p=None, p_holm=None, told_apart=None, as_good=None) for difference in known]


def _claimed(gaps: Sequence[Gap], draws: _Floats, basis: Basis, margin: float | None) -> list[Gap]:
    """The gaps with what is claimed of them. `draws` are of the differences, `[models, 1 + count]`."""
    p = {i: p_value(draws[i], basis) for i, gap in enumerate(gaps) if gap.difference}
    adjusted = dict(zip(p, holm(list(p.values())), strict=True))
    return [
        Gap(
            difference=difference,
            p=p[i],
            p_holm=adjusted[i],
            told_apart=adjusted[i] < _ALPHA,
            as_good=None if margin is None or difference.low is None else difference.low > -margin,
        )
        if (difference := gap.difference)
        else gap
        for i, gap in enumerate(gaps)
    ]


def _first(draws: _Floats) -> list[float | None]:
    """The share of resamples in which each row of `[models, count]` is highest; None if none is known."""
    draws = draws[:, ~np.isnan(draws).all(0)]
    if not draws.shape[1]:
        return [None] * len(draws)
    top = draws == np.nanmax(draws, axis=0)
    return [float(share) for share in (top / top.sum(0)).mean(1)]

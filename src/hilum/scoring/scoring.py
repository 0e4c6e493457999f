"""Scores a model under protocols: runs the fits of a plan and turns their predictions into figures with intervals."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.records.figures import GroupFigures, ProtocolFigures
from hilum.scoring.intervals import Draws, Scored, figures_and_draws, shares_with_intervals
from hilum.scoring.protocols import RULES, Fit, Plan, Protocol, Slices
from hilum.scoring.resamples import Resamples, draw_resamples

# A function from a fit and a seed to probabilities [rows of fit.score, classes].
Predict = Callable[[Fit, int], NDArray[np.float64]]
# A function that calls another with each fit, as `map` does.
_Fits = Sequence[tuple[int, Fit]]
Run = Callable[[Callable[[tuple[int, Fit]], NDArray[np.float64]], _Fits], Iterable[NDArray[np.float64]]]


@dataclass(frozen=True, repr=False)
class Predictions(Brief):
    """Predictions of one model under one protocol.

    Attributes:
        plan: Plan that was run.
        probabilities: Probabilities `[repeats, rows of plan.scored, classes]`; seeds of a single split are averaged
            into one repeat.
        by_seed: Probabilities before averaging, `[seeds, rows of plan.scored, classes]`.
        classes_only: Whether only classes are known, each with a probability of 1.
    """

    plan: Plan
    probabilities: NDArray[np.float64]
    by_seed: NDArray[np.float64]
    classes_only: bool = field(default=False, kw_only=True)


def plans_for(
    slices: Slices, wanted: Sequence[Protocol], *, repeats: int, seed: int
) -> tuple[dict[Protocol, Plan], list[str]]:
    """The plans of the wanted protocols, and a sentence for each protocol that these slices do not allow."""
    found = {name: RULES[name].plan(slices, repeats, seed) for name in wanted}
    plans = {name: plan for name, plan in found.items() if plan is not None}
    left_out = [
        f"{RULES[name].why_not(slices)}; the protocol {slices.title(name)} is left out."
        for name in found
        if name not in plans
    ]
    return plans, left_out


def run_plan(plan: Plan, classes: int, predict: Predict, seed: int, run: Run = map) -> Predictions:
    """Runs every fit of a plan; repeats of a single split are averaged, repeats of folds are kept.

    Args:
        plan: Plan to run.
        classes: Number of classes.
        predict: Function that trains on a fit and predicts the rows that it scores.
        seed: Random seed of the first repeat; each later repeat takes the next seed.
        run: Function that calls another with each fit, one after the other or several at a time.
    """
    every = np.zeros((len(plan.repeats), len(plan.scored), classes))
    fits = [(repeat, fit) for repeat, fits in enumerate(plan.repeats) for fit in fits]
    predicted = run(lambda of: predict(of[1], seed + of[0]), fits)
    for (repeat, fit), probabilities in zip(fits, predicted, strict=True):
        every[repeat, np.searchsorted(plan.scored, fit.score)] = probabilities
    return _predictions(plan, every)


def known(plan: Plan, ran: Iterable[Predictions]) -> Predictions | None:
    """The predictions of a plan, if one that was run began with the same trainings and scored these rows too.

    Args:
        plan: Plan whose trainings need not be run again.
        ran: Predictions of the same model under other plans, with the same seed.
    """
    for of in ran:
        if plan.begins(of.plan):
            return _predictions(plan, of.by_seed[: len(plan.repeats), np.searchsorted(of.plan.scored, plan.scored)])
    return None


def _predictions(plan: Plan, every: NDArray[np.float64]) -> Predictions:
    """Predictions from those of each repeat: repeats of a single split are averaged, repeats of folds are kept."""
    return Predictions(plan, every.mean(0, keepdims=True) if plan.folds is None else every, every)


def scored_as(predictions: Predictions, slices: Slices) -> Scored:
    """Predictions in the form that intervals take; every protocol resamples the strict groups."""
    rows, probabilities = predictions.plan.scored, predictions.probabilities
    folds, only = predictions.plan.folds, predictions.classes_only
    return Scored(slices.labels[rows], probabilities, slices.strict[rows], folds, only)


def resamples_of(plan: Plan, slices: Slices, seed: int) -> Resamples:
    """The resamples that every model of a protocol shares, of the rows of `plan.scored`."""
    labels, groups = slices.labels[plan.scored], slices.strict[plan.scored]
    return draw_resamples(labels, groups, seed=seed, refitted=plan.folds is not None)


def figures_of(
    predictions: Predictions, slices: Slices, classes: Sequence[str], negative: str | None, resamples: Resamples
) -> tuple[ProtocolFigures, Draws]:
    """All figures of one model under one protocol with intervals (docs/run-folder.md), and their draws."""
    scored = scored_as(predictions, slices)
    resamples = replace(resamples, refitted=scored.folds is not None)  # models that were made elsewhere may differ
    figures, draws = figures_and_draws(scored, classes, negative, resamples)
    whole = {"per_group": group_figures(scored, resamples)}
    if slices.series is not None:
        whole["per_series"] = group_figures(replace(scored, groups=slices.series[predictions.plan.scored]))
    return figures.model_copy(update=whole), draws


def group_figures(scored: Scored, resamples: Resamples | None = None) -> GroupFigures:
    """Figures of whole groups: a group's slices of one class count once, with their mean probabilities.

    Args:
        scored: The predictions.
        resamples: Resamples from `draw_resamples` for these slices and groups; drawn here if not given.

    Returns:
        The number `n` of groups (one with slices of two classes counts twice), `accuracy` and `f1_macro`.
    """
    cells, members = np.unique(np.stack([scored.groups, scored.labels]), axis=1, return_inverse=True)
    order = np.argsort(members, kind="stable")
    starts = np.searchsorted(members[order], np.arange(cells.shape[1]))
    means = np.add.reduceat(scored.probabilities[:, order], starts, axis=1) / np.bincount(members)[:, None]
    whole = Scored(cells[1], means, cells[0], None)
    if resamples is None:
        drawn = draw_resamples(whole.labels, whole.groups, refitted=scored.folds is not None)
    else:  # slices of one class in one group are drawn together, so any of them has the weight of all
        drawn = resamples.of(order[starts])
    return GroupFigures.made({"n": cells.shape[1], **shares_with_intervals(whole, drawn)})

"""95 % intervals of every figure, by a bootstrap that draws whole groups (patients), not slices.

Slices of one patient resemble each other; drawing them one by one would make intervals too narrow
(benchmarks/coverage.py shows by how much).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.evaluation import resampling

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
# `f1_macro` and `auc_macro` of the sample and of each resample, `[1 + count]`; NaN where not known.
Draws = Mapping[str, _Floats]
_LEVEL = 0.95
TRUSTED_FROM = 100  # groups; with fewer, intervals cover less than they say (docs/protocols.md)
FEW = 10  # groups; percentile intervals of fewer are known to be too narrow
_SHARES = ("precision", "recall", "specificity", "f1")
_OVERALL = (
    *("loss", "accuracy", "precision_macro", "recall_macro", "f1_macro", "f1_micro", "f1_weighted"),
    "auc_macro",
)


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval, in the figure's own unit; all three None where it cannot be computed."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Scored:
    """The predictions of one model under one protocol (one split, or repeated cross-validation).

    Attributes:
        labels: The true classes, `[n]`, in `[0, k)`.
        probabilities: `[repeats, n, k]` in `[0, 1]`, each row summing to 1; one repeat on a single split.
        groups: What is resampled, `[n]`: slices with equal numbers stay together.
        folds: The fold from whose model each prediction comes, `[repeats, n]`, from 0; None where one model
            made all of a repeat's.
    """

    labels: _Indices
    probabilities: _Floats
    groups: _Indices
    folds: _Indices | None


def draw_resamples(labels: _Indices, groups: _Indices, count: int = 2000, seed: int = 0) -> NDArray[np.float32]:
    """Bootstrap resamples of groups, stratified by class so that none loses a class.

    What is drawn is the slices of one class in one group. Within each class as many such cells are drawn, with
    replacement, as it has. The same resamples serve every model of a protocol, which makes comparisons paired.

    Source: A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997, sections 3.2 (strata)
    and 3.8 (clusters).

    Args:
        labels: The true classes, `[n]`.
        groups: The groups, `[n]`.
        count: The number of resamples, at least 1.
        seed: The same seed gives the same resamples.

    Returns:
        How often each slice was drawn, `[count, n]`, whole numbers; 4 `count` n bytes.

    Raises:
        ValueError: The lengths differ, there are no slices, or `count` is below 1.
    """
    if labels.shape != groups.shape or labels.ndim != 1 or not len(labels) or count < 1:
        wrong = f"{list(labels.shape)}, {list(groups.shape)} and {count}"
        raise ValueError(f"labels and groups must both be [n] with n >= 1, and count at least 1, not {wrong}")
    pairs, cells = np.unique(np.stack([labels, groups]), axis=1, return_inverse=True)
    _, first, strata, sizes = np.unique(pairs[0], return_index=True, return_inverse=True, return_counts=True)
    first, sizes = first[strata], sizes[strata]
    random = np.random.default_rng(seed)
    weights = np.empty((count, len(labels)), np.float32)
    for row in weights:
        drawn = first + (random.random(len(sizes)) * sizes).astype(np.intp)
        row[:] = np.bincount(drawn, minlength=len(sizes))[cells]
    return weights


def figures_with_intervals(
    scored: Scored, classes: Sequence[str], negative: str | None, weights: NDArray[np.float32]
) -> dict[str, Any]:
    """The figures of `figures_and_draws` alone."""
    return figures_and_draws(scored, classes, negative, weights)[0]


def figures_and_draws(
    scored: Scored, classes: Sequence[str], negative: str | None, weights: NDArray[np.float32]
) -> tuple[dict[str, Any], Draws]:
    """Every figure of `Evaluation.as_dict()`, each share and the loss with its 95 % percentile interval.

    A value is the mean over repeats of the figure on that repeat's predictions. With folds, AUCs are computed
    inside each fold and averaged over folds and repeats, because scores of different models do not rank
    together; folds that lack a class are left out. The published notebook's figures (`keras`) have intervals on a
    single split only, which is all that they were ever counted on.

    Args:
        scored: The predictions.
        classes: The k >= 2 classes' names.
        negative: The class that is no cancer; None where there is none.
        weights: `draw_resamples`'s, `[count, n]`.

    Returns:
        JSON-ready. In place of a share an object of `value`, `low` and `high`, all None where not computable; without
        interval where no class has more than one group.
        `confusion` and the count of `most_confused` are means over repeats, whole numbers where there is one.
        Beyond `Evaluation`'s keys, `groups` is the number of groups, for each class that of groups with a slice
        of it; `too_few` of a class is whether that is below 10, of `binary` whether it is on either side.
        Beside them `f1_macro` and `auc_macro` of each resample, `[1 + count]`, for comparing models on the same
        resamples: the plain value first, then one of each resample in order; NaN where not computable, and after the
        first where no class has more than one group.

    Raises:
        ValueError: The arrays' shapes do not fit each other, or `negative` is not among the classes.
    """
    _check(scored, classes, negative, weights)
    count, weights = len(weights), _telling(weights)
    counts, aucs, keras = [], [], []
    for number, chunk in enumerate(resampling.chunks(weights)):
        counts.append(_counts(scored, chunk))
        aucs.append(_aucs(scored, chunk))
        if number == 0 or scored.folds is None:
            keras.append(_keras(scored, chunk))
    figures, keras_figures = _joined(counts) | _joined(aucs), _joined(keras)
    overall = {name: _estimate(figures[name]) for name in _OVERALL}
    groups = [len(np.unique(scored.groups[scored.labels == i])) for i in range(len(classes))]
    plain = figures["confusion"][0]
    confusion = plain.astype(int) if len(scored.probabilities) == 1 else plain
    found = {
        "n": len(scored.labels),
        "groups": len(np.unique(scored.groups)),
        **overall,
        "per_class": {
            name: {
                **{share: _estimate(figures[share][:, i]) for share in _SHARES},
                "support": int(np.count_nonzero(scored.labels == i)),
                "groups": groups[i],
                "too_few": groups[i] < FEW,
            }
            for i, name in enumerate(classes)
        },
        "confusion": confusion.tolist(),
        "most_confused": _most_confused(confusion, classes),
        "binary": None if negative is None else _binary(scored, figures, classes, negative),
        "keras": {name: _estimate(keras_figures[name]) for name in ("precision", "recall", "auc")},
    }
    draws = {name: figures[name] for name in ("f1_macro", "auc_macro")}
    if not len(weights):
        draws = {name: np.append(figure, np.full(count, np.nan)) for name, figure in draws.items()}
    return found, draws


def shares_with_intervals(scored: Scored, weights: NDArray[np.float32]) -> dict[str, Any]:
    """`accuracy` and `f1_macro` alone, as `figures_and_draws` has them."""
    figures = _joined([_counts(scored, chunk) for chunk in resampling.chunks(_telling(weights))])
    return {name: _estimate(figures[name]) for name in ("accuracy", "f1_macro")}


def _telling(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The resamples, or none where every one is the sample itself: with one group a class they tell nothing."""
    return weights[:0] if (weights == 1).all() else weights


def _counts(scored: Scored, weights: NDArray[np.floating]) -> dict[str, _Floats]:
    repeats = [resampling.counted(scored.labels, one, weights) for one in scored.probabilities]
    return {name: _mean(np.stack([figures[name] for figures in repeats])) for name in repeats[0]}


def _aucs(scored: Scored, weights: NDArray[np.floating]) -> dict[str, _Floats]:
    """`auc` of each class against the rest `[m, k]` and `auc_macro` `[m]`."""
    blocks = []
    for one, folds in zip(scored.probabilities, _folds(scored), strict=True):
        for fold in np.unique(folds):
            rows = np.flatnonzero(folds == fold)
            whole = len(rows) == len(folds)
            blocks.append(resampling.ranked(scored.labels[rows], one[rows], weights if whole else weights[rows]))
    stacked = np.stack(blocks)
    return {"auc": _mean(stacked), "auc_macro": _mean(stacked.mean(2))}


def _keras(scored: Scored, weights: NDArray[np.floating]) -> dict[str, _Floats]:
    repeats = [
        resampling.keras_counted(scored.labels, one, folds, weights)
        for one, folds in zip(scored.probabilities, _folds(scored), strict=True)
    ]
    auc = np.concatenate([figures["auc"] for figures in repeats], axis=1)
    shares = {name: _mean(np.stack([figures[name] for figures in repeats])) for name in ("precision", "recall")}
    return shares | {"auc": _mean(auc.T)}


def _folds(scored: Scored) -> _Indices:
    return np.zeros(scored.probabilities.shape[:2], np.intp) if scored.folds is None else scored.folds


def _mean(figures: _Floats) -> _Floats:
    """The mean over the first axis of what is known, NaN where nothing is."""
    known = ~np.isnan(figures)
    total = np.where(known, figures, 0).sum(0)
    mean: _Floats = np.divide(total, known.sum(0), out=np.full(total.shape, np.nan), where=known.any(0))
    return mean


def _joined(chunks: Sequence[dict[str, _Floats]]) -> dict[str, _Floats]:
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _estimate(figure: _Floats) -> dict[str, float | None]:
    """The estimate of `[1 + count]` figures, the plain one first."""
    value, draws = float(figure[0]), figure[1:][~np.isnan(figure[1:])]
    if math.isnan(value) or not len(draws):
        return asdict(Estimate(None if math.isnan(value) else value, None, None))
    low, high = np.quantile(draws, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return asdict(Estimate(value, float(low), float(high)))


def _most_confused(confusion: NDArray[Any], classes: Sequence[str]) -> dict[str, Any] | None:
    both = np.triu(confusion + confusion.T, 1)
    i, j = divmod(int(both.argmax()), len(classes))
    return {"classes": [classes[i], classes[j]], "count": both[i, j].item()} if both[i, j] else None


def _binary(scored: Scored, figures: dict[str, _Floats], classes: Sequence[str], negative: str) -> dict[str, Any]:
    """Cancer against the negative class: that class against the rest, seen from the other side."""
    index = list(classes).index(negative)
    inside = scored.labels == index
    sides = [len(np.unique(scored.groups[side])) for side in (inside, ~inside)]
    return {
        "negative": negative,
        "sensitivity": _estimate(figures["specificity"][:, index]),
        "specificity": _estimate(figures["recall"][:, index]),
        "auc": _estimate(figures["auc"][:, index]),
        "too_few": min(sides) < FEW,
    }


def _check(scored: Scored, classes: Sequence[str], negative: str | None, weights: NDArray[np.float32]) -> None:
    n, k = len(scored.labels), len(classes)
    shape = scored.probabilities.shape
    if len(shape) != 3 or not shape[0] or shape[1:] != (n, k):
        raise ValueError(f"probabilities must be [repeats, {n}, {k}], not {list(shape)}")
    if scored.groups.shape != (n,):
        raise ValueError(f"groups must be [{n}], not {list(scored.groups.shape)}")
    if scored.folds is not None and scored.folds.shape != shape[:2]:
        raise ValueError(f"folds must be {list(shape[:2])}, not {list(scored.folds.shape)}")
    if weights.ndim != 2 or not len(weights) or weights.shape[1] != n:
        raise ValueError(f"weights must be [count, {n}] with count >= 1, not {list(weights.shape)}")
    if negative is not None and negative not in classes:
        raise ValueError(f"the negative class {negative!r} is not among the classes {list(classes)}")

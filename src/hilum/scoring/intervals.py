"""95 % intervals of every figure, by a bootstrap that draws whole groups (patients), not slices.

Slices of one patient resemble each other; drawing them one by one would make intervals too narrow
(benchmarks/coverage.py shows by how much).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.records.base import Record
from hilum.records.figures import Estimate, Figures, ProtocolFigures
from hilum.scoring import metrics
from hilum.scoring.keras import keras_figures

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
# `f1_macro` and `auc_macro` of the sample and of each resample, `[1 + count]`; NaN if not known.
Draws = Mapping[str, _Floats]
_LEVEL = 0.95
TRUSTED_FROM = 100  # groups; with fewer, intervals cover the truth too rarely (docs/protocols.md)
FEW = 10  # groups; percentile intervals of fewer are known to be too narrow
_OF_GROUPS = {
    "groups",
    "too_few",
    "per_group",
    "per_series",
    "over_floor",
    "calibration",
}  # fields that the plain figures lack
_SUM_TOLERANCE = 1e-4  # float32 softmax and probabilities read back from a CSV file stay far below


@dataclass(frozen=True)
class Scored:
    """The predictions of one model under one protocol (one split, or repeated cross-validation).

    Attributes:
        labels: The true classes, `[n]`, in `[0, k)`.
        probabilities: `[repeats, n, k]` in `[0, 1]`, each row summing to 1 within 1e-4; one repeat on a single split.
        groups: Groups that are resampled as a whole, `[n]`.
        folds: Fold (0-based) whose model made each prediction, `[repeats, n]`; None if one model made all predictions
            of a repeat.
    """

    labels: _Indices
    probabilities: _Floats
    groups: _Indices
    folds: _Indices | None


def draw_resamples(labels: _Indices, groups: _Indices, count: int = 2000, seed: int = 0) -> NDArray[np.float32]:
    """Bootstrap resamples of groups, stratified by class: every resample has every class.

    A draw takes the slices of one class in one group. Each class draws, with replacement, as many of these as it has.
    All models of a protocol share the same resamples, which makes comparisons paired.

    Source: A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997, sections 3.2 (strata)
    and 3.8 (clusters).

    Args:
        labels: The true classes, `[n]`.
        groups: The groups, `[n]`.
        count: Number of resamples, at least 1.
        seed: Random seed.

    Returns:
        How often each slice was drawn, `[count, n]`, whole numbers.

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


def figures_and_draws(
    scored: Scored, classes: Sequence[str], negative: str | None, weights: NDArray[np.float32]
) -> tuple[ProtocolFigures, Draws]:
    """Every figure of a model's predictions, with 95 % percentile intervals.

    A figure is the mean over repeats. With folds, AUCs are computed inside each fold and averaged over folds and
    repeats, because scores of different models do not rank together; folds that lack a class are left out. The
    published notebook's figures (`keras`) have no intervals.

    Args:
        scored: The predictions.
        classes: Names of the k >= 2 classes, all different.
        negative: Name of the non-cancer class, or None.
        weights: Resamples from `draw_resamples`, `[count, n]`; with none, figures have no intervals.

    Returns:
        The figures (docs/run-folder.md), None where they cannot be computed and without intervals if no class has more
        than one group; and their draws.
        `auc_macro` is the mean of the one-vs-rest AUCs. `binary` is cancer against the negative class; its AUC ranks by
        one minus the negative class's probability.
        `confusion` and the count of `most_confused` are means over repeats, whole numbers if there is one repeat.
        `most_confused` counts both directions; on ties it is the first pair.
        `groups` is the number of groups, for a class the number of groups with a slice of it. `too_few` of a class says
        that these are fewer than 10, `too_few` of `binary` that they are on either side.
        The draws are `f1_macro` and `auc_macro`, `[1 + count]`, for comparing models on the same resamples: the plain
        value, then a value for each resample. They are NaN where they cannot be computed; all but the first are NaN if
        no class has more than one group.

    Raises:
        ValueError: An argument is not as described; the message says what.
    """
    _check(scored, classes, negative, weights)
    count, weights = len(weights), telling(weights)
    chunks = [(_counts(scored, chunk), _aucs(scored, chunk)) for chunk in metrics.chunks(weights)]
    counts, aucs = map(_joined, zip(*chunks, strict=True))
    groups = [len(np.unique(scored.groups[scored.labels == i])) for i in range(len(classes))]
    plain = counts["confusion"][0]
    confusion = plain.astype(int) if len(scored.probabilities) == 1 else plain
    found = ProtocolFigures.made(
        {
            "n": len(scored.labels),
            "groups": len(np.unique(scored.groups)),
            **{name: estimate(figure) for name, figure in counts.items() if figure.ndim == 1},
            "auc_macro": estimate(aucs["auc_macro"]),
            "per_class": {
                name: {
                    **{share: estimate(figure[:, i]) for share, figure in counts.items() if figure.ndim == 2},
                    "support": int(np.count_nonzero(scored.labels == i)),
                    "groups": groups[i],
                    "too_few": groups[i] < FEW,
                }
                for i, name in enumerate(classes)
            },
            "confusion": confusion.tolist(),
            "most_confused": _most_confused(confusion, classes),
            "binary": None if negative is None else _binary(scored, counts | aucs, classes, negative),
            "keras": {name: estimate(np.array([value])) for name, value in _keras(scored).items()},
        }
    )
    draws = {"f1_macro": counts["f1_macro"], "auc_macro": aucs["auc_macro"]}
    if not len(weights):
        draws = {name: np.append(figure, np.full(count, np.nan)) for name, figure in draws.items()}
    return found, draws


def shares_with_intervals(scored: Scored, weights: NDArray[np.float32]) -> dict[str, Estimate]:
    """`accuracy` and `f1_macro` alone, equal to those of `figures_and_draws`."""
    figures = _joined([_counts(scored, chunk) for chunk in metrics.chunks(telling(weights))])
    return {name: estimate(figures[name]) for name in ("accuracy", "f1_macro")}


def point_figures(figures: ProtocolFigures) -> Figures[float | None]:
    """The figures of `figures_and_draws` without intervals and groups, as `splits` of a record holds them."""
    return Figures[float | None].made(_points(figures))


def telling(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The resamples, or none if every one equals the sample, as with one group in each class."""
    return weights[:0] if (weights == 1).all() else weights


def _counts(scored: Scored, weights: NDArray[np.floating]) -> dict[str, _Floats]:
    repeats = [metrics.counted(scored.labels, one, weights) for one in scored.probabilities]
    return {name: _mean(np.stack([figures[name] for figures in repeats])) for name in repeats[0]}


def _aucs(scored: Scored, weights: NDArray[np.floating]) -> dict[str, _Floats]:
    """`auc` of each class against the rest `[m, k]` and `auc_macro` `[m]`."""
    blocks = []
    for one, rows in _parts(scored):
        whole = len(rows) == len(weights)
        blocks.append(metrics.ranked(scored.labels[rows], one[rows], weights if whole else weights[rows]))
    stacked = np.stack(blocks)
    return {"auc": _mean(stacked), "auc_macro": _mean(stacked.mean(2))}


def _keras(scored: Scored) -> dict[str, float]:
    """The figures of Keras; the AUC is computed inside each fold."""
    precision, recall, _ = np.mean([keras_figures(scored.labels, one) for one in scored.probabilities], axis=0)
    auc = np.mean([keras_figures(scored.labels[rows], one[rows]).auc for one, rows in _parts(scored)])
    return {"precision": precision, "recall": recall, "auc": float(auc)}


def _parts(scored: Scored) -> Iterator[tuple[_Floats, _Indices]]:
    """Each repeat's predictions with the rows of each of its folds, or with all rows if there are no folds."""
    folds = np.zeros(scored.probabilities.shape[:2], np.intp) if scored.folds is None else scored.folds
    for one, own in zip(scored.probabilities, folds, strict=True):
        for fold in np.unique(own):
            yield one, np.flatnonzero(own == fold)


def _mean(figures: _Floats) -> _Floats:
    """The mean of the known values along the first axis, NaN where none is known."""
    known = ~np.isnan(figures)
    total = np.where(known, figures, 0).sum(0)
    mean: _Floats = np.divide(total, known.sum(0), out=np.full(total.shape, np.nan), where=known.any(0))
    return mean


def _joined(chunks: Sequence[dict[str, _Floats]]) -> dict[str, _Floats]:
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def estimate(figure: _Floats) -> Estimate:
    """The estimate from `[1 + count]` values of a figure, the plain one first; NaN is an unknown value."""
    value, draws = float(figure[0]), figure[1:][~np.isnan(figure[1:])]
    if math.isnan(value) or not len(draws):
        return Estimate(value=None if math.isnan(value) else value, low=None, high=None)
    low, high = np.quantile(draws, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Estimate(value=value, low=float(low), high=float(high))


def _points(of: object) -> object:
    if isinstance(of, Estimate):
        return of.value
    if isinstance(of, Record):
        return {name: _points(one) for name, one in of if name not in _OF_GROUPS}
    return {name: _points(one) for name, one in of.items()} if isinstance(of, dict) else of


def _most_confused(confusion: NDArray[Any], classes: Sequence[str]) -> dict[str, Any] | None:
    both = np.triu(confusion + confusion.T, 1)
    i, j = divmod(int(both.argmax()), len(classes))
    return {"classes": [classes[i], classes[j]], "count": both[i, j].item()} if both[i, j] else None


def _binary(scored: Scored, figures: dict[str, _Floats], classes: Sequence[str], negative: str) -> dict[str, Any]:
    """Cancer against the negative class: that class against the rest, with the sides swapped."""
    index = list(classes).index(negative)
    inside = scored.labels == index
    sides = [len(np.unique(scored.groups[side])) for side in (inside, ~inside)]
    return {
        "negative": negative,
        "sensitivity": estimate(figures["specificity"][:, index]),
        "specificity": estimate(figures["recall"][:, index]),
        "auc": estimate(figures["auc"][:, index]),
        "too_few": min(sides) < FEW,
    }


def _check(scored: Scored, classes: Sequence[str], negative: str | None, weights: NDArray[np.float32]) -> None:
    labels, probabilities = scored.labels, scored.probabilities
    n, k = len(labels), len(classes)
    if k < 2 or len(set(classes)) != k:
        raise ValueError(f"classes must be two or more different names, not {list(classes)}")
    if negative is not None and negative not in classes:
        raise ValueError(f"the negative class {negative!r} is not among the classes {list(classes)}")
    if labels.ndim != 1 or not n or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers [n] with n >= 1, not {labels.dtype} {list(labels.shape)}")
    if labels.min() < 0 or labels.max() >= k:
        raise ValueError(f"labels must be in [0, {k}), not from {labels.min()} to {labels.max()}")
    shape = probabilities.shape
    if len(shape) != 3 or not shape[0] or shape[1:] != (n, k) or not np.issubdtype(probabilities.dtype, np.floating):
        wrong = f"{probabilities.dtype} {list(shape)}"
        raise ValueError(f"probabilities must be floating point [repeats, {n}, {k}], not {wrong}")
    if not np.all(probabilities >= 0):  # false for NaN; a value above 1 makes the sum of its row too large
        raise ValueError("probabilities must be in [0, 1]; some are outside it or NaN")
    sums = probabilities.sum(2, dtype=np.float64).ravel()
    if not np.allclose(sums, 1, rtol=0, atol=_SUM_TOLERANCE):
        raise ValueError(f"the probabilities of a row must sum to 1, not to {sums[np.abs(sums - 1).argmax()]:.6g}")
    if scored.groups.shape != (n,):
        raise ValueError(f"groups must be [{n}], not {list(scored.groups.shape)}")
    if scored.folds is not None and scored.folds.shape != shape[:2]:
        raise ValueError(f"folds must be {list(shape[:2])}, not {list(scored.folds.shape)}")
    if weights.ndim != 2 or weights.shape[1] != n:
        raise ValueError(f"weights must be [count, {n}], not {list(weights.shape)}")

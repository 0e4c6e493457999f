"""Every figure of a model's predictions, with 95 % intervals from resamples of whole groups (patients)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.records.base import Record
from hilum.records.figures import Estimate, Figures, ProtocolFigures
from hilum.scoring import metrics
from hilum.scoring.keras import KerasFigures, keras_figures
from hilum.scoring.limits import LOSS, SHARE, Basis, estimate
from hilum.scoring.resamples import Resamples, draw_resamples

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
# `accuracy`, `f1_macro` and `auc_macro` of the sample and of each resample, `[1 + count]`; NaN if not known.
Draws = Mapping[str, _Floats]
TRUSTED_FROM = 30  # groups; with fewer, intervals are wider than they need be (docs/protocols.md)
FEW = 10  # groups; from fewer, nothing is concluded
# Fields that the plain figures lack.
_OF_GROUPS = {"groups", "too_few", "per_group", "per_series", "over_floor", "calibration"}
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
        classes_only: Whether only classes are known, each with a probability of 1. Figures that need probabilities are
            then unknown.
    """

    labels: _Indices
    probabilities: _Floats
    groups: _Indices
    folds: _Indices | None
    classes_only: bool = False


def figures_and_draws(
    scored: Scored, classes: Sequence[str], negative: str | None, resamples: Resamples
) -> tuple[ProtocolFigures, Draws]:
    """Every figure of a model's predictions, with 95 % intervals (`hilum.scoring.limits.estimate`).

    A figure is the mean over repeats. With folds, AUCs are computed inside each fold and averaged over folds and
    repeats, because scores of different models do not rank together; folds that lack a class are left out. The
    published notebook's figures (`keras`) have no intervals.

    Args:
        scored: The predictions.
        classes: Names of the k >= 2 classes, all different.
        negative: Name of the non-cancer class, or None.
        resamples: Resamples of the same slices from `draw_resamples`; with none, figures have no intervals.

    The figures of a class rest on the groups with a slice of it, but specificity on all others, and an AUC on the
    smaller side. Macro means rest on as many groups as if every class had as few as the rarest.

    Returns:
        The figures (docs/run-folder.md), None where they cannot be computed and without intervals if no class has more
        than one group; and their draws.
        `auc_macro` is the mean of the one-vs-rest AUCs. `binary` is cancer against the negative class; its AUC ranks by
        one minus the negative class's probability.
        `confusion` and the count of `most_confused` are means over repeats, whole numbers if there is one repeat.
        `most_confused` counts both directions; on ties it is the first pair.
        `groups` is the number of groups, for a class the number of groups with a slice of it. `too_few` of a class says
        that these are fewer than 10, `too_few` of `binary` that they are on either side.
        The draws are `accuracy`, `f1_macro` and `auc_macro`, `[1 + count]`, for comparing models on the same resamples:
        the plain value, then a value for each resample, if any class has more than one group. They are NaN where they
        cannot be computed.

    Raises:
        ValueError: An argument is not as described; the message says what.
    """
    _check(scored, classes, negative, resamples)
    chunks = [(_counts(scored, chunk), _aucs(scored, chunk)) for chunk in metrics.chunks(resamples.weights)]
    counts, aucs = map(_joined, zip(*chunks, strict=True))
    whole, macro = resamples.basis(), resamples.basis(macro=True)
    sides = [[resamples.basis(side) for side in (scored.labels == i, scored.labels != i)] for i in range(len(classes))]
    plain = counts["confusion"][0]
    confusion = plain.astype(int) if len(scored.probabilities) == 1 else plain
    found = ProtocolFigures.made(
        {
            "n": len(scored.labels),
            "groups": whole.groups,
            **{
                name: estimate(figure, macro if "macro" in name else whole, LOSS if name == "loss" else SHARE)
                for name, figure in counts.items()
                if figure.ndim == 1
            },
            "auc_macro": estimate(aucs["auc_macro"], _ranked(resamples, len(classes))),
            "per_class": {
                name: {
                    **{share: estimate(counts[share][:, i], inside) for share in ("precision", "recall", "f1")},
                    "specificity": estimate(counts["specificity"][:, i], outside),
                    "support": int(np.count_nonzero(scored.labels == i)),
                    "groups": inside.groups,
                    "too_few": inside.groups < FEW,
                }
                for i, (name, (inside, outside)) in enumerate(zip(classes, sides, strict=True))
            },
            "confusion": confusion.tolist(),
            "most_confused": _most_confused(confusion, classes),
            "binary": None if negative is None else _binary(counts | aucs, classes, negative, resamples),
            "keras": {name: Estimate(value=value, low=None, high=None) for name, value in _keras(scored).items()},
        }
    )
    return found, {name: (counts | aucs)[name] for name in ("accuracy", "f1_macro", "auc_macro")}


def shares_with_intervals(scored: Scored, resamples: Resamples) -> dict[str, Estimate]:
    """`accuracy` and `f1_macro` alone, equal to those of `figures_and_draws`."""
    figures = _joined([_counts(scored, chunk) for chunk in metrics.chunks(resamples.weights)])
    bases = {"accuracy": resamples.basis(), "f1_macro": resamples.basis(macro=True)}
    return {name: estimate(figures[name], basis) for name, basis in bases.items()}


def plain_figures(scored: Scored, classes: Sequence[str], negative: str | None) -> Figures[float | None]:
    """The figures of `figures_and_draws` alone, without resamples."""
    none = draw_resamples(scored.labels, scored.groups, 0, refitted=scored.folds is not None)
    return point_figures(figures_and_draws(scored, classes, negative, none)[0])


def point_figures(figures: ProtocolFigures) -> Figures[float | None]:
    """The figures of `figures_and_draws` without intervals and groups, as `splits` of a record holds them."""
    return Figures[float | None].made(_points(figures))


def _counts(scored: Scored, weights: NDArray[np.floating]) -> dict[str, _Floats]:
    repeats = [metrics.counted(scored.labels, one, weights) for one in scored.probabilities]
    figures = {name: _mean(np.stack([figures[name] for figures in repeats])) for name in repeats[0]}
    return figures | ({"loss": np.full_like(figures["loss"], np.nan)} if scored.classes_only else {})


def _aucs(scored: Scored, weights: NDArray[np.floating]) -> dict[str, _Floats]:
    """`auc` of each class against the rest `[m, k]` and `auc_macro` `[m]`."""
    if scored.classes_only:
        m, k = weights.shape[1], scored.probabilities.shape[2]
        return {"auc": np.full((m, k), np.nan), "auc_macro": np.full(m, np.nan)}
    blocks = []
    for one, rows in _parts(scored):
        whole = len(rows) == len(weights)
        blocks.append(metrics.ranked(scored.labels[rows], one[rows], weights if whole else weights[rows]))
    stacked = np.stack(blocks)
    return {"auc": _mean(stacked), "auc_macro": _mean(stacked.mean(2))}


def _keras(scored: Scored) -> Mapping[str, float | None]:
    """The figures of Keras; the AUC is computed inside each fold."""
    if scored.classes_only:
        return dict.fromkeys(KerasFigures._fields)
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


def _binary(figures: dict[str, _Floats], classes: Sequence[str], negative: str, resamples: Resamples) -> dict[str, Any]:
    """Cancer against the negative class: that class against the rest, with the sides swapped."""
    index = list(classes).index(negative)
    sides = resamples.labels == index, resamples.labels != index
    inside, outside = map(resamples.basis, sides)
    return {
        "negative": negative,
        "sensitivity": estimate(figures["specificity"][:, index], outside),
        "specificity": estimate(figures["recall"][:, index], inside),
        "auc": estimate(figures["auc"][:, index], _smaller(resamples, sides[0])),
        "too_few": min(inside.groups, outside.groups) < FEW,
    }


def _ranked(resamples: Resamples, classes: int) -> Basis:
    """What a macro AUC rests on; that of two classes is the one AUC of either."""
    return _smaller(resamples, resamples.labels == 0) if classes == 2 else resamples.basis(macro=True, ranked=True)


def _smaller(resamples: Resamples, side: NDArray[np.bool_]) -> Basis:
    """What the AUC of a side against the others rests on: the one with fewer groups."""
    return min((resamples.basis(of, ranked=True) for of in (side, ~side)), key=lambda basis: basis.freedom)


def _check(scored: Scored, classes: Sequence[str], negative: str | None, resamples: Resamples) -> None:
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
    if not (np.array_equal(resamples.labels, labels) and np.array_equal(resamples.groups, scored.groups)):
        raise ValueError("the resamples must be of the same labels and groups")
    if resamples.refitted != (scored.folds is not None):
        raise ValueError("the resamples must be drawn with refitted=True if there are folds, and only then")

"""Figures of weighted slices, for many weightings at once: what a bootstrap repeats thousands of times."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hilum.evaluation.keras import BUCKETS, THRESHOLD

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
_Weights = NDArray[np.floating]
_CELLS = 1 << 20  # weights worked on at a time: they and what is made of them stay in the cache
_PAIRED = 200  # scores up to which comparing each with every other one is quicker than sorting
_STEP = 64  # resamples at least, so that sorting many slices is not repeated too often


def chunks(weights: _Weights) -> Iterator[_Weights]:
    """Weights turned to `[n, m]`, slices first, m resamples at a time.

    The first chunk is `[n, 1]` of float64 ones, the plain figures; the others follow in `weights`' order.

    Args:
        weights: How often each slice counts in each resample, `[count, n]`, whole numbers.
    """
    count, n = weights.shape
    yield np.ones((n, 1))
    step = max(_STEP, _CELLS // n)
    for start in range(0, count, step):
        yield np.ascontiguousarray(weights[start : start + step].T)


def counted(labels: _Indices, probabilities: _Floats, weights: _Weights) -> dict[str, _Floats]:
    """The figures that follow from the most probable class and its confusion matrix, and the log loss.

    Zero-division rules are `hilum.evaluation.metrics.evaluate`'s, None being NaN here.

    Args:
        labels: The true classes, `[n]`, in `[0, k)`.
        probabilities: One prediction of every slice, `[n, k]`.
        weights: `[n, m]`, slices first.

    Returns:
        `confusion` `[m, k, k]`; `precision`, `recall`, `specificity`, `f1` of each class `[m, k]`; the other
        figures of `Evaluation` under their names, `[m]`.
    """
    n, k = probabilities.shape
    cells = labels * k + probabilities.argmax(1)
    # Sums of whole numbers are exact in float32.
    confusion = (weights.T @ np.eye(k * k, dtype=weights.dtype)[cells]).astype(np.float64).reshape(-1, k, k)
    hits = confusion.diagonal(axis1=1, axis2=2)
    support, called = confusion.sum(2), confusion.sum(1)
    total = support.sum(1)

    precision, recall, f1 = _share(hits, called), _share(hits, support), _share(2 * hits, support + called)
    present = (support + called > 0).sum(1)
    macro = {
        f"{name}_macro": _share(np.nan_to_num(figure).sum(1), present)
        for name, figure in (("precision", precision), ("recall", recall), ("f1", f1))
    }
    accuracy = _share(hits.sum(1), total)
    tiny = np.finfo(np.float64).eps  # scikit-learn's clip
    true = probabilities[np.arange(n), labels] / probabilities.sum(1)
    losses = -np.log(true.clip(tiny, 1 - tiny)).astype(weights.dtype)
    return {
        "loss": _share((losses @ weights).astype(np.float64), total),
        "accuracy": accuracy,
        **macro,
        "f1_micro": accuracy,
        "f1_weighted": _share((np.nan_to_num(f1) * support).sum(1), total),
        "confusion": confusion,
        "precision": precision,
        "recall": recall,
        "specificity": _share(total[:, None] - support - called + hits, total[:, None] - support),
        "f1": f1,
    }


def ranked(labels: _Indices, scores: _Floats, weights: _Weights) -> _Floats:
    """The one-vs-rest AUC of each class, ties counted half; NaN where a side has no weight.

    Args:
        labels: The true classes, `[n]`, in `[0, k)`.
        scores: Any scores of the classes, `[n, k]`.
        weights: `[n, m]`, slices first, whole numbers.

    Returns:
        `[m, k]` in `[0, 1]`.
    """
    aucs = []
    for i in range(scores.shape[1]):
        inside, outside = np.flatnonzero(labels == i), np.flatnonzero(labels != i)
        below = _below if len(inside) <= _PAIRED else _below_sorted
        own = weights[inside]
        pairs = own.sum(0, dtype=np.float64) * weights[outside].sum(0, dtype=np.float64)
        # The products are exact in float32, their sum would not be.
        won = (own * below(scores[inside, i], scores[outside, i], weights[outside])).sum(0, dtype=np.float64)
        aucs.append(_share(won, pairs))
    return np.stack(aucs, axis=1)


def _below(scores: _Floats, others: _Floats, weights: _Weights) -> _Weights:
    """The weight of the others below each score, ties counted half, `[scores, m]`; quick while scores are few."""
    beaten = (scores[:, None] > others).astype(weights.dtype) + (scores[:, None] == others) * weights.dtype.type(0.5)
    below: _Weights = beaten @ weights  # whole numbers and halves: exact in float32
    return below


def _below_sorted(scores: _Floats, others: _Floats, weights: _Weights) -> _Weights:
    """The same, its work in proportion to the number of others alone."""
    order = others.argsort()
    beaten = np.zeros((len(others) + 1, weights.shape[1]), weights.dtype)
    np.cumsum(weights[order], axis=0, out=beaten[1:])
    low, high = (np.searchsorted(others[order], scores, side) for side in ("left", "right"))
    if np.all(low == high):
        return beaten[low]
    return (beaten[low] + beaten[high]) / 2


def keras_counted(labels: _Indices, probabilities: _Floats, folds: _Indices, weights: _Weights) -> dict[str, _Floats]:
    """`hilum.evaluation.keras.keras_figures` of weighted slices, its AUC inside each fold.

    Args:
        labels: The true classes, `[n]`, in `[0, k)`.
        probabilities: One prediction of every slice, `[n, k]`.
        folds: `[n]`, from 0; all 0 where there are none.
        weights: `[n, m]`, slices first.

    Returns:
        `precision` and `recall` `[m]`; `auc` `[m, folds]`, NaN where a fold has no weight.
    """
    n, k = probabilities.shape
    cells = probabilities.astype(np.float32)
    true = labels[:, None] == np.arange(k)
    above = cells > THRESHOLD
    hits = np.asarray((above & true).sum(1).astype(weights.dtype) @ weights, np.float64)
    positives = np.asarray(above.sum(1).astype(weights.dtype) @ weights, np.float64)

    buckets = np.maximum(np.ceil(cells * np.float32(BUCKETS)) - 1, 0).astype(np.intp) + folds[:, None] * BUCKETS
    rows = np.broadcast_to(np.arange(n)[:, None], (n, k))
    count = int(folds.max()) + 1
    inside, outside = (
        _tally(buckets[which], rows[which], count * BUCKETS, weights).reshape(count, BUCKETS, -1)
        for which in (true, ~true)
    )
    beaten = outside.cumsum(1) - outside / 2  # straight lines between thresholds: a tie counts half
    auc = _share((inside * beaten).sum(1), inside.sum(1) * outside.sum(1))
    return {
        "precision": hits / np.maximum(positives, 1),  # 0 / 0 is 0 in Keras
        "recall": _share(hits, weights.sum(0, dtype=np.float64)),
        "auc": auc.T,
    }


def _tally(bins: _Indices, rows: _Indices, count: int, weights: _Weights) -> _Floats:
    """The summed weight in each bin, `[count, m]`, of entries that are each one slice's."""
    order = np.argsort(bins, kind="stable")
    filled, starts = np.unique(bins[order], return_index=True)
    summed = np.zeros((count, weights.shape[1]))
    if len(filled):
        summed[filled] = np.add.reduceat(weights[rows[order]], starts, axis=0, dtype=np.float64)
    return summed


def _share(part: _Floats, whole: NDArray[np.number]) -> _Floats:
    """Part of the whole, NaN where there is none of it."""
    unknown = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    share: _Floats = np.divide(part, whole, out=unknown, where=whole > 0)
    return share

"""Every figure for many weightings of the slices at once, as a bootstrap needs it.

The first weighting counts each slice once, so the first value of each figure is the plain one.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]
_Weights = NDArray[np.floating]
_CELLS = 1 << 20  # weights in a chunk, which with its results fits in the processor's cache
_PAIRED = 200  # largest number of scores for which comparing all pairs is faster than sorting
_STEP = 64  # smallest number of resamples in a chunk; fewer would repeat the sorting too often


def chunks(weights: _Weights) -> Iterator[_Weights]:
    """Weights in chunks `[n, m]` of m resamples, slices first.

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
    """The figures of the confusion matrix, and the log loss.

    The predicted class is the most probable one, the first on ties. A share of nothing is NaN. Macro means are over the
    classes that have slices to score, whatever is predicted; there, the precision of a class that is never predicted
    counts as 0. The loss takes natural logarithms. A figure added here goes into every record.

    Args:
        labels: The true classes, `[n]`, in `[0, k)`.
        probabilities: Probabilities of the classes, `[n, k]`.
        weights: Weights `[n, m]`, slices first.

    Returns:
        Figures of all slices `[m]`, of each class against the rest `[m, k]`, and `confusion` `[m, k, k]` with rows of
        true and columns of predicted classes.
    """
    n, k = probabilities.shape
    cells = labels * k + probabilities.argmax(1)
    # Sums of whole numbers are exact in float32.
    confusion = (weights.T @ np.eye(k * k, dtype=weights.dtype)[cells]).astype(np.float64).reshape(-1, k, k)
    hits = confusion.diagonal(axis1=1, axis2=2)
    support, called = confusion.sum(2), confusion.sum(1)
    total = support.sum(1)

    precision, recall, f1 = ratio(hits, called), ratio(hits, support), ratio(2 * hits, support + called)
    present = support > 0
    macro = {
        f"{name}_macro": ratio((np.nan_to_num(figure) * present).sum(1), present.sum(1))
        for name, figure in (("precision", precision), ("recall", recall), ("f1", f1))
    }
    accuracy = ratio(hits.sum(1), total)
    tiny = np.finfo(np.float64).eps  # scikit-learn's clip
    true = probabilities[np.arange(n), labels] / probabilities.sum(1)
    losses = -np.log(true.clip(tiny, 1 - tiny)).astype(weights.dtype)
    return {
        "loss": ratio((losses @ weights).astype(np.float64), total),
        "accuracy": accuracy,
        **macro,
        "f1_micro": accuracy,
        "f1_weighted": ratio((np.nan_to_num(f1) * support).sum(1), total),
        "confusion": confusion,
        "precision": precision,
        "recall": recall,
        "specificity": ratio(total[:, None] - support - called + hits, total[:, None] - support),
        "f1": f1,
    }


def ranked(labels: _Indices, scores: _Floats, weights: _Weights) -> _Floats:
    """The one-vs-rest AUC of each class, ties counted half; NaN if a side has no weight.

    Args:
        labels: The true classes, `[n]`, in `[0, k)`.
        scores: Scores of the classes, of any range, `[n, k]`.
        weights: Weights `[n, m]`, slices first, whole numbers.

    Returns:
        AUCs `[m, k]` in `[0, 1]`.
    """
    aucs = []
    for i in range(scores.shape[1]):
        inside, outside = np.flatnonzero(labels == i), np.flatnonzero(labels != i)
        below = _below if len(inside) <= _PAIRED else _below_sorted
        own = weights[inside]
        pairs = own.sum(0, dtype=np.float64) * weights[outside].sum(0, dtype=np.float64)
        # The products are exact in float32, their sum would not be.
        won = (own * below(scores[inside, i], scores[outside, i], weights[outside])).sum(0, dtype=np.float64)
        aucs.append(ratio(won, pairs))
    return np.stack(aucs, axis=1)


def _below(scores: _Floats, others: _Floats, weights: _Weights) -> _Weights:
    """The weight of the others below each score, ties counted half, `[scores, m]`; fast for few scores."""
    beaten = (scores[:, None] > others).astype(weights.dtype) + (scores[:, None] == others) * weights.dtype.type(0.5)
    below: _Weights = beaten @ weights  # whole numbers and halves: exact in float32
    return below


def _below_sorted(scores: _Floats, others: _Floats, weights: _Weights) -> _Weights:
    """The same result; its work grows with the number of others only."""
    order = others.argsort()
    beaten = np.zeros((len(others) + 1, weights.shape[1]), weights.dtype)
    np.cumsum(weights[order], axis=0, out=beaten[1:])
    low, high = (np.searchsorted(others[order], scores, side) for side in ("left", "right"))
    if np.all(low == high):
        return beaten[low]
    return (beaten[low] + beaten[high]) / 2


def ratio(part: _Floats, whole: NDArray[np.number]) -> _Floats:
    """Part divided by the whole, NaN where the whole is 0."""
    unknown = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    share: _Floats = np.divide(part, whole, out=unknown, where=whole > 0)
    return share

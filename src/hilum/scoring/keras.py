"""Keras's way of counting several classes, for comparison with published figures.

`keras.metrics.Precision`, `Recall` and `AUC` flatten the one-hot matrix: each slice counts once for every class. With
four classes, each slice adds three easy negatives. The figures are not those of a confusion matrix.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.5
BUCKETS = 199  # intervals between Keras's 200 thresholds 0, 1/199, ..., 1


class KerasFigures(NamedTuple):
    """Results of Keras's metrics, each in `[0, 1]`.

    Attributes:
        precision: Share of the cells above 0.5 that are true; 0 if no cell is above it, as in Keras.
        recall: Share of the true cells that are above 0.5.
        auc: Area under the ROC curve over all cells, with 200 thresholds.
    """

    precision: float
    recall: float
    auc: float


def keras_figures(labels: NDArray[np.intp], probabilities: NDArray[np.floating]) -> KerasFigures:
    """Precision, recall and AUC as Keras's `Precision()`, `Recall()` and `AUC()` count them by default.

    Source: `keras/src/metrics/confusion_metrics.py` and `metrics_utils.py` of Keras 3. Keras compares in
    float32 and strictly (0.5 is not above 0.5). Its AUC puts a probability into the bucket `ceil(199 p) - 1`
    and joins the points of the ROC curve by straight lines.

    Args:
        labels: The true classes, `[n]`, indices in `[0, k)`; n >= 1.
        probabilities: `[n, k]` in `[0, 1]`; k >= 2.
    """
    true = (labels[:, None] == np.arange(probabilities.shape[1])).ravel()
    cells = probabilities.astype(np.float32).ravel()

    above = cells > THRESHOLD
    hits = np.count_nonzero(above & true)
    precision = hits / max(1, int(above.sum()))  # 0 / 0 is 0 in Keras
    recall = hits / np.count_nonzero(true)

    # A float32 product, as in Keras: it decides on which side of a threshold k/199 falls.
    buckets = np.maximum(np.ceil(cells * np.float32(BUCKETS)) - 1, 0).astype(np.intp)
    auc = np.trapezoid(_rates(buckets[true]), _rates(buckets[~true]))
    return KerasFigures(float(precision), float(recall), float(auc))


def _rates(buckets: NDArray[np.intp]) -> NDArray[np.float64]:
    """The share of cells above each threshold, from the highest (none) down to the lowest (all of them)."""
    counts = np.bincount(buckets, minlength=BUCKETS + 1)
    return np.cumsum(counts[::-1]) / len(buckets)

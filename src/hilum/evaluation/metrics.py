"""Every figure of one model on one split, by scikit-learn wherever it has the figure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from hilum.evaluation.keras import KerasFigures, keras_figures

_Indices = NDArray[np.intp]
_Matrix = NDArray[np.floating]
_SUM_TOLERANCE = 1e-4  # float32 softmax and probabilities read back from a CSV file stay far below


@dataclass(frozen=True)
class ClassFigures:
    """One class against the rest; a share of nothing (precision of a class never predicted, ...) is None."""

    precision: float | None
    recall: float | None
    specificity: float | None
    f1: float | None
    support: int


@dataclass(frozen=True)
class ConfusedPair:
    """The classes taken for each other most often, both directions counted; the first such pair on ties."""

    classes: tuple[str, str]
    count: int


@dataclass(frozen=True)
class BinaryFigures:
    """Cancer against the negative class; None where the split has no slice of the side in question.

    Sensitivity is the share of cancer slices not called negative, specificity the share of negative slices
    called negative, the AUC that of one minus the negative's probability.
    """

    negative: str
    sensitivity: float | None
    specificity: float | None
    auc: float | None


@dataclass(frozen=True)
class Evaluation:
    """A model's figures on one split of n slices.

    Shares are in `[0, 1]`. Macro means are over the classes present in truth or prediction; there, a share of
    nothing counts as 0.

    Attributes:
        loss: Log loss (natural logarithm), at least 0.
        f1_micro: Equal to the accuracy.
        auc_macro: Mean of the one-vs-rest AUCs; None where a class has no slice in the split, or every one.
        confusion: Counts `[k][k]`, a row a true class, a column a predicted one.
        most_confused: None where nothing was confused.
        binary: None where no class is the negative one.
    """

    n: int
    loss: float
    accuracy: float
    precision_macro: float
    recall_macro: float
    f1_macro: float
    f1_micro: float
    f1_weighted: float
    auc_macro: float | None
    per_class: Mapping[str, ClassFigures]
    confusion: tuple[tuple[int, ...], ...]
    most_confused: ConfusedPair | None
    binary: BinaryFigures | None
    keras: KerasFigures

    def as_dict(self) -> dict[str, Any]:
        """The object of one split in metrics.json (docs/run-folder.md)."""
        figures = asdict(self)
        figures["confusion"] = [list(row) for row in self.confusion]
        if self.most_confused is not None:
            figures["most_confused"]["classes"] = list(self.most_confused.classes)
        return figures


def evaluate(labels: _Indices, probabilities: _Matrix, classes: Sequence[str], negative: str | None) -> Evaluation:
    """Computes every figure of one model on one split.

    The predicted class is the most probable one, the first on ties.

    Args:
        labels: The true classes, `[n]`, indices into `classes`; n >= 1.
        probabilities: `[n, k]` in `[0, 1]`, each row summing to 1 within 1e-4.
        classes: The k >= 2 classes' names, all different.
        negative: The class that is no cancer; None where there is none.

    Raises:
        ValueError: An argument is not as described; the message says what.
    """
    _check(labels, probabilities, classes, negative)
    exact = np.asarray(probabilities, np.float64)
    predicted = exact.argmax(1)
    every = np.arange(len(classes))
    confusion: NDArray[np.int64] = metrics.confusion_matrix(labels, predicted, labels=every)
    # Rows of float32 miss 1 by more than scikit-learn allows rows of float64.
    loss = metrics.log_loss(labels, exact / exact.sum(1, keepdims=True), labels=every)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        labels, predicted, average="macro", zero_division=0
    )
    return Evaluation(
        n=len(labels),
        loss=float(loss),
        accuracy=float(metrics.accuracy_score(labels, predicted)),
        precision_macro=float(precision),
        recall_macro=float(recall),
        f1_macro=float(f1),
        f1_micro=float(metrics.f1_score(labels, predicted, average="micro", zero_division=0)),
        f1_weighted=float(metrics.f1_score(labels, predicted, average="weighted", zero_division=0)),
        auc_macro=_auc(labels[:, None] == every, exact),
        per_class=_per_class(labels, predicted, classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        most_confused=_most_confused(confusion, classes),
        binary=None if negative is None else _binary(labels, exact, list(classes).index(negative), negative),
        keras=keras_figures(labels, probabilities),
    )


def _per_class(labels: _Indices, predicted: _Indices, classes: Sequence[str]) -> dict[str, ClassFigures]:
    columns = metrics.precision_recall_fscore_support(
        labels, predicted, labels=np.arange(len(classes)), zero_division=np.nan
    )
    return {
        name: ClassFigures(
            precision=_known(precision),
            recall=_known(recall),
            specificity=_known(metrics.recall_score(labels != i, predicted != i, zero_division=np.nan)),
            f1=_known(f1),
            support=int(support),
        )
        for i, (name, precision, recall, f1, support) in enumerate(zip(classes, *columns, strict=True))
    }


def _most_confused(confusion: NDArray[np.int64], classes: Sequence[str]) -> ConfusedPair | None:
    both = np.triu(confusion + confusion.T, 1)
    i, j = divmod(int(both.argmax()), len(classes))
    return ConfusedPair((classes[i], classes[j]), int(both[i, j])) if both[i, j] else None


def _binary(labels: _Indices, probabilities: NDArray[np.float64], index: int, negative: str) -> BinaryFigures:
    cancer, called = labels != index, probabilities.argmax(1) != index
    return BinaryFigures(
        negative=negative,
        sensitivity=_known(metrics.recall_score(cancer, called, zero_division=np.nan)),
        specificity=_known(metrics.recall_score(~cancer, ~called, zero_division=np.nan)),
        auc=_auc(cancer, -probabilities[:, index]),  # ranks as 1 - p does, without rounding small p together
    )


def _auc(true: NDArray[np.bool_], scores: NDArray[np.float64]) -> float | None:
    """The AUC, `[n, k]`'s as a mean over columns; None where one lacks positives or negatives."""
    if not np.all(true.any(0) & ~true.all(0)):
        return None
    return float(metrics.roc_auc_score(true, scores))


def _known(share: float) -> float | None:
    return None if math.isnan(share) else float(share)


def _check(labels: _Indices, probabilities: _Matrix, classes: Sequence[str], negative: str | None) -> None:
    k = len(classes)
    if k < 2 or len(set(classes)) != k:
        raise ValueError(f"classes must be two or more different names, not {list(classes)}")
    if negative is not None and negative not in classes:
        raise ValueError(f"the negative class {negative!r} is not among the classes {list(classes)}")
    if labels.ndim != 1 or not len(labels) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers [n] with n >= 1, not {labels.dtype} {list(labels.shape)}")
    if labels.min() < 0 or labels.max() >= k:
        raise ValueError(f"labels must be in [0, {k}), not from {labels.min()} to {labels.max()}")
    if probabilities.shape != (len(labels), k) or not np.issubdtype(probabilities.dtype, np.floating):
        wrong = f"{probabilities.dtype} {list(probabilities.shape)}"
        raise ValueError(f"probabilities must be floating point [{len(labels)}, {k}], not {wrong}")
    if not np.all((probabilities >= 0) & (probabilities <= 1)):  # NaN is neither
        raise ValueError("probabilities must be in [0, 1]; some are outside it or NaN")
    sums = probabilities.sum(1, dtype=np.float64)
    if not np.allclose(sums, 1, rtol=0, atol=_SUM_TOLERANCE):
        raise ValueError(f"the probabilities of a row must sum to 1, not to {sums[np.abs(sums - 1).argmax()]:.6g}")

"""The default head on frozen features: a logistic regression whose strength is chosen in inner folds."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from hilum.heads.history import Epoch
from hilum.heads.linear import LinearHead
from hilum.heads.multinomial import fit_strengths, probabilities_of
from hilum.heads.options import HeadOptions
from hilum.heads.run import Labelled
from hilum.heads.targets import labels_are_classes
from hilum.records.heads import ChosenScorer
from hilum.scoring.folds import group_folds
from hilum.scoring.metrics import counted
from hilum.scoring.protocols import Fit

STRENGTHS = (0.001, 0.01, 0.03, 0.1, 1.0)
WITHOUT_FOLDS = 0.1  # the strength if the groups are too few for a choice
Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]
_NOTHING = 1e-9  # rounding error of standardised rows, which otherwise have a spread of one


@dataclass(eq=False, repr=False)
class LogisticHead(LinearHead):
    """Standardised features, multinomial logistic regression, its inverse penalty C chosen in group folds.

    Args:
        strengths: Values of C to choose from, ascending; a smaller value is a stronger penalty.
        chosen_by: Figure of the held-out parts of the inner folds: `f1` (macro-F1; on ties the stronger penalty) or
            `loss`.
        folds: Number of inner folds; fewer if a class has fewer groups. With fewer than two groups C is 0.1.
        seed: Random seed of the inner folds.

    Attributes:
        classes_: The labels, sorted.
        coef_: Weights on standardised features, `[classes, width]`.
        intercept_: Offsets of the classes, `[classes]`.
        C_: The chosen strength.
        history_: An `Epoch` for each strength, with `valid` figures of the inner folds; empty without folds.
        best_epoch_: Position (1-based) of the chosen strength in `history_`; 0 without folds.
    """

    strengths: tuple[float, ...] = STRENGTHS
    chosen_by: str = "f1"
    folds: int = 3
    seed: int = 0

    @labels_are_classes()
    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Chooses the strength and trains on all rows.

        Args:
            X: Features `[n, width]`.
            y: Labels `[n]`.
            groups: Groups `[n]` that an inner fold keeps together; by default each row is a group of its own.

        Raises:
            ValueError: The arrays do not fit each other, or there is one class only.
        """
        features, numbers = self._checked(X, y)
        together = np.arange(len(numbers)) if groups is None else np.asarray(groups)
        if together.shape != numbers.shape:
            raise ValueError(f"groups must be [{len(numbers)}], not {list(together.shape)}")
        with threadpool_limits(1):  # the matrices are so small that a second thread only waits
            return self._fit(features, numbers, together)

    def _fit(self, features: NDArray[np.float32], numbers: NDArray[np.intp], together: NDArray[Any]) -> Self:
        self._scaler = StandardScaler().fit(features)
        rows = self._scaler.transform(features)
        # The penalty does not see rotations, so a fit in the rows' principal axes is the same fit, on fewer columns.
        turned, squares = _principal_axes(rows)
        inner = self._inner_folds(numbers, together)
        parts = np.ones(
            (len(inner) + 1, len(numbers)), np.bool_
        )  # the last part, with all rows, is the fit that is kept
        for part, (_, rest) in zip(parts, inner, strict=False):
            part[rest] = False
        strengths = self.strengths if inner else (WITHOUT_FOLDS,)
        weights, offsets = fit_strengths(turned, numbers, len(self.classes_), strengths, parts)
        self.history_, chosen = self._compared(turned, numbers, inner, weights, offsets)
        self.C_, self.best_epoch_ = strengths[chosen], chosen + 1 if inner else 0
        self.chosen_ = (ChosenScorer(question="class", kind="linear", strength=self.C_),)
        self.coef_ = ((weights[-1, chosen] / squares) @ turned.T @ rows).astype(np.float32)
        self.intercept_ = offsets[-1, chosen]
        return self

    def _inner_folds(self, numbers: NDArray[np.intp], groups: NDArray[Any]) -> Folds:
        """Positions to fit on and to hold out in each inner fold; none if the groups are too few for a choice."""
        fewest = min(len(np.unique(groups[numbers == number])) for number in range(len(self.classes_)))
        count = min(self.folds, fewest)
        inner = group_folds(numbers, groups, count, self.seed) if count > 1 else []
        return [] if any(len(np.unique(numbers[train])) < 2 for train, _ in inner) else inner

    def _compared(
        self,
        turned: NDArray[np.float32],
        numbers: NDArray[np.intp],
        inner: Folds,
        weights: NDArray[np.float32],
        offsets: NDArray[np.float32],
    ) -> tuple[list[Epoch], int]:
        """The history of the strengths, and the position of the best; 0 without folds."""
        history, scores = [], [0.0]
        for number, strength in enumerate(self.strengths if inner else ()):
            held_out, inside = np.empty((len(numbers), len(self.classes_))), []
            for fold, (train, rest) in enumerate(inner):
                logits = turned @ weights[fold, number].T + offsets[fold, number]
                chances = probabilities_of(logits.astype(np.float64))
                held_out[rest] = chances[rest]
                inside.append(_figures(numbers[train], chances[train]))
            loss, accuracy = _figures(numbers, held_out)
            train_loss, train_accuracy = np.mean(inside, 0).tolist()
            history.append(Epoch(number + 1, train_loss, train_accuracy, loss, accuracy, strength))
            f1 = counted(numbers, held_out, np.ones((len(numbers), 1)))["f1_macro"][0]
            scores[number:] = [f1 if self.chosen_by == "f1" else -loss]
        return history, int(np.argmax(scores))


def _principal_axes(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows `[n, width]` in their principal axes, `[n, rank]`, and the sum of squares along each axis, `[rank]`.

    Rows of zeros give a column of zeros with a sum of 1.
    """
    n, width = rows.shape
    if np.abs(rows).max() < _NOTHING:  # the fit is then the share of each class
        return np.zeros((n, 1), np.float32), np.ones(1, np.float32)
    squares, vectors = eigh(rows @ rows.T if n < width else rows.T @ rows, driver="evd")  # whichever is smaller
    kept = squares > squares[-1] * np.finfo(np.float32).eps
    squares, vectors = squares[kept], vectors[:, kept]
    return vectors * np.sqrt(squares) if n < width else rows @ vectors, squares


def _figures(numbers: NDArray[np.intp], probabilities: NDArray[np.float64]) -> tuple[float, float]:
    """Log loss, with scikit-learn's clip, and accuracy."""
    own = probabilities[np.arange(len(numbers)), numbers].clip(np.finfo(np.float64).eps)
    return float(-np.log(own).mean()), float((probabilities.argmax(1) == numbers).mean())


def train_head(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> LogisticHead:
    """Trains a logistic head, which chooses its strength in folds of the training rows, grouped by `inner`."""
    rows = fit.whole
    head = LogisticHead(strengths=options.strengths or STRENGTHS, seed=seed)
    return head.fit(data.features[rows], data.labels[rows], inner[rows])

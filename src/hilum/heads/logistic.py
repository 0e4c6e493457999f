"""The default head on frozen features: a logistic regression whose strength is chosen in inner folds."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from hilum.heads.history import Epoch
from hilum.heads.linear import LinearHead
from hilum.heads.options import HeadOptions
from hilum.heads.run import Labelled
from hilum.heads.targets import labels_are_classes
from hilum.scoring.protocols import Fit

STRENGTHS = (0.001, 0.01, 0.03, 0.1, 1.0)
WITHOUT_FOLDS = 0.1  # the strength if the groups are too few for a choice
_ITERATIONS = 1000
_NOTHING = 1e-9  # rounding error of standardised rows, which otherwise have a spread of one
# Tolerances of the solver, for comparing strengths and for the fit that is kept.
_ROUGHLY, _EXACTLY = 1e-3, 1e-6


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

    def _fit(self, features: NDArray[np.float64], numbers: NDArray[np.intp], together: NDArray[Any]) -> Self:
        self._scaler = StandardScaler().fit(features)
        # The penalty does not see rotations, so a fit in the span of the rows is the same fit, on fewer columns.
        basis = _row_span(self._scaler.transform(features))
        turned = self._scaler.transform(features) @ basis
        self.C_, self.history_, self.best_epoch_ = self._choose(turned, numbers, together)
        model = LogisticRegression(C=self.C_, max_iter=_ITERATIONS, tol=_EXACTLY).fit(turned, numbers)
        weights, offsets = model.coef_, model.intercept_
        if len(self.classes_) == 2:  # scikit-learn keeps the second class's over the first only
            weights, offsets = np.concatenate([0 * weights, weights]), np.concatenate([0 * offsets, offsets])
        self.coef_ = (weights @ basis.T).astype(np.float32)
        self.intercept_ = offsets.astype(np.float32)
        return self

    def on_raw_features(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The same layer without a scaler before it: weights `[classes, width]` and offsets `[classes]`."""
        check_is_fitted(self)
        weights = self.coef_ / self._scaler.scale_
        offsets = self.intercept_ - weights @ self._scaler.mean_
        return weights.astype(np.float32), offsets.astype(np.float32)

    def _choose(
        self, turned: NDArray[np.float64], numbers: NDArray[np.intp], groups: NDArray[Any]
    ) -> tuple[float, list[Epoch], int]:
        fewest = min(len(np.unique(groups[numbers == number])) for number in range(len(self.classes_)))
        count = min(self.folds, fewest)
        if count < 2:
            return WITHOUT_FOLDS, [], 0
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=self.seed)
        parts = [part for part in splitter.split(turned, numbers, groups) if all(map(len, part))]
        if any(len(np.unique(numbers[train])) < 2 for train, _ in parts):
            return WITHOUT_FOLDS, [], 0
        held_out = np.zeros((len(self.strengths), len(numbers), len(self.classes_)))
        inside = np.zeros((len(self.strengths), len(parts), 2))
        for fold, (train, rest) in enumerate(parts):
            # Each strength starts where the one before ended.
            model = LogisticRegression(max_iter=_ITERATIONS, tol=_ROUGHLY, warm_start=True)
            for number, strength in enumerate(self.strengths):
                model.set_params(C=strength).fit(turned[train], numbers[train])
                held_out[number][np.ix_(rest, model.classes_)] = model.predict_proba(turned[rest])
                own = np.zeros((len(train), len(self.classes_)))
                own[:, model.classes_] = model.predict_proba(turned[train])
                inside[number, fold] = _figures(numbers[train], own)
        history, scores = [], []
        for number, strength in enumerate(self.strengths):
            train_loss, train_accuracy = inside[number].mean(0).tolist()
            loss, accuracy = _figures(numbers, held_out[number])
            history.append(Epoch(number + 1, train_loss, train_accuracy, loss, accuracy, strength))
            f1 = f1_score(numbers, held_out[number].argmax(1), average="macro", zero_division=0)
            scores.append(f1 if self.chosen_by == "f1" else -loss)
        best = int(np.argmax(scores))
        return self.strengths[best], history, best + 1


def _row_span(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthonormal basis of what the rows `[n, width]` span, `[width, rank]`; of zeros, a column of zeros."""
    n, width = rows.shape
    if np.abs(rows).max() < _NOTHING:  # the fit is then the share of each class
        return np.zeros((width, 1))
    squares, vectors = np.linalg.eigh(rows @ rows.T if n < width else rows.T @ rows)  # whichever is smaller
    kept = squares > squares[-1] * max(n, width) * np.finfo(np.float64).eps
    if n >= width:
        return vectors[:, kept]
    basis: NDArray[np.float64] = rows.T @ (vectors[:, kept] / np.sqrt(squares[kept]))
    return basis


def _figures(numbers: NDArray[np.intp], probabilities: NDArray[np.float64]) -> tuple[float, float]:
    classes = np.arange(probabilities.shape[1])
    loss = log_loss(numbers, probabilities, labels=classes)
    return float(loss), float(accuracy_score(numbers, probabilities.argmax(1)))


def train_head(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> LogisticHead:
    """Trains a logistic head, which chooses its strength in folds of the training rows, grouped by `inner`."""
    rows = fit.whole
    head = LogisticHead(strengths=options.strengths or STRENGTHS, seed=seed)
    return head.fit(data.features[rows], data.labels[rows], inner[rows])

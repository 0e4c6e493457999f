"""A logistic regression on standardised features, whose strength is chosen in inner group folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from hilum.heads.calibration import Calibration
from hilum.heads.choice import Fold, class_weights
from hilum.heads.multinomial import fit_strengths
from hilum.heads.options import HeadOptions
from hilum.heads.questions import Linear
from hilum.heads.run import Labelled
from hilum.heads.standard import Standard
from hilum.heads.tuned import TunedHead
from hilum.scoring.protocols import Fit

STRENGTHS = tuple(10.0 ** (half / 2) for half in range(-8, 1))  # 0.0001 to 1
_NOTHING = 1e-9  # rounding error of standardised rows, which otherwise have a spread of one


@dataclass(eq=False, repr=False)
class LogisticHead(TunedHead):
    """Standardised features and a multinomial logistic regression, its inverse penalty C chosen in group folds.

    Args:
        strengths: Values of C to choose from, ascending; a smaller value is a stronger penalty.
        paired: Whether the one-standard-error rule takes the error of the difference to the least loss, which is
            smaller, instead of that of the least loss itself.
        class_weight: None, weights by label, or `balanced` to let all classes weigh the same.
        folds: Number of inner folds; fewer if a class has fewer groups. With fewer than two groups, or one
            that holds more than half of the rows, C is 0.01.
        seed: Random seed of the inner folds.

    Attributes:
        classes_: The labels, sorted.
        chosen_: The chosen strength.
        history_: An `Epoch` for each strength, with `valid` figures of the inner folds; empty without a choice.
        best_epoch_: Position (1-based) of the chosen strength in `history_`; 0 without a choice.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> features = hilum.extract_features(table, "efficientnet_lite0")
        >>> groups = [row.group for row in table.rows]
        >>> head = hilum.LogisticHead().fit(features, table.labels, groups)
        >>> head.predict_proba(features).shape
        (48, 4)
    """

    strengths: tuple[float, ...] = STRENGTHS
    kind: ClassVar[Literal["linear", "kernel"]] = "linear"
    without_folds: ClassVar[float] = 0.01

    def _machine(
        self,
        features: NDArray[np.float32],
        numbers: NDArray[np.intp],
        rows: NDArray[np.intp],
        strengths: Sequence[float],
    ) -> "_Regression":
        return _Regression(features, numbers, class_weights(self.classes_[numbers], self.class_weight), strengths)


class _Regression:
    """Logistic regressions on standardised features `[n, width]` of rows with classes and weights `[n]`."""

    def __init__(
        self,
        features: NDArray[np.float32],
        numbers: NDArray[np.intp],
        weights: NDArray[np.float64],
        strengths: Sequence[float],
    ) -> None:
        self.standard = Standard.of(features)
        self.rows = self.standard(features)
        # The penalty does not see rotations, so a fit in the rows' principal axes is the same fit, on fewer columns.
        self.turned, self.squares = _principal_axes(self.rows)
        self.fitted = partial(fit_strengths, self.turned, numbers, int(numbers.max()) + 1, strengths, weights=weights)
        self.weights, self.offsets = (of[0] for of in self.fitted())

    def seen(self) -> NDArray[Any]:
        """Scores of all rows by fits on all of them, `[strengths, k, n]`."""
        return self._scores(self.weights, self.offsets, slice(None))

    def held_out(self, inner: Sequence[Fold]) -> NDArray[Any]:
        """Scores of all rows by fits in the folds that held them out, `[strengths, k, n]`."""
        parts = np.zeros((len(inner), len(self.rows)), np.bool_)
        for part, (train, _) in zip(parts, inner, strict=True):
            part[train] = True
        scores = np.empty((*self.offsets.shape, len(self.rows)), np.float32)
        for (_, rest), weights, offsets in zip(inner, *self.fitted(parts=parts), strict=True):
            scores[..., rest] = self._scores(weights, offsets, rest)
        return scores

    def scorer(self, place: int, calibration: Calibration) -> Linear:
        """The fit of a strength on all rows, calibrated."""
        coefficients = (self.weights[place] / self.squares) @ self.turned.T @ self.rows
        slope, offsets = calibration.slope, calibration.offsets[:, 0]
        return self.standard.linear(slope * coefficients, slope[0] * self.offsets[place] + offsets)

    def _scores(self, weights: NDArray[Any], offsets: NDArray[Any], rows: slice | NDArray[np.intp]) -> NDArray[Any]:
        scores: NDArray[Any] = weights @ self.turned[rows].T + offsets[..., None]
        return scores


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


def train_head(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> LogisticHead:
    """Trains a logistic head, which chooses its strength in folds of the training rows, grouped by `inner`."""
    rows = fit.whole
    head = LogisticHead(options.strengths or STRENGTHS, class_weight=options.weighting, seed=seed)
    return head.fit(data.features[rows], data.labels[rows], inner[rows])

"""A kernel machine on rows of unit length, whose strength is chosen in inner group folds.

Kernel ridge regression on classes as zeros and ones (C. Saunders et al., Ridge regression learning algorithm in dual
variables, 1998) with a radial basis function. One eigendecomposition of a fold's kernel gives the fits of all
strengths. Above 2,000 rows the strength is chosen on a sample of 1,000, and the kernel of all rows is approximated by
that between them and the sample (C. Williams and M. Seeger, Using the Nystrom method to speed up kernel machines,
2001).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh, solve

from hilum.heads.calibration import Calibration
from hilum.heads.choice import Fold, class_weights
from hilum.heads.options import HeadOptions
from hilum.heads.questions import Kernel
from hilum.heads.run import Labelled
from hilum.heads.tuned import TunedHead
from hilum.scoring.protocols import Fit

STRENGTHS = tuple(10.0 ** (half / 2) for half in range(-6, 8))  # 0.001 to 3,162
GAMMA = 0.3
EXACT, SAMPLE = 2000, 1000  # most rows whose kernel is not approximated, and the sample of more rows
_JITTER = 1e-9  # share of the diagonal that keeps an equation of nearly equal rows solvable
_EQUAL = 1e-6  # spread of rows that are all equal
_Floats = NDArray[np.float64]
_Rows = slice | NDArray[np.intp]


@dataclass(eq=False, repr=False)
class KernelHead(TunedHead):
    """Kernel ridge regression with a radial basis function, its inverse penalty chosen in group folds.

    Rows are brought to unit length, centred, and divided by the root of their mean squared length. In the fit all
    classes weigh the same, or the few slices of a rare one would hardly count; the calibration gives the classes their
    shares again.

    Args:
        strengths: Inverse penalties to choose from, ascending.
        paired: Whether the one-standard-error rule takes the error of the difference to the least loss, which is
            smaller, instead of that of the least loss itself.
        class_weight: None, weights by label, or `balanced` to let all classes weigh the same in the calibration too.
        folds: Number of inner folds; fewer if a class has fewer groups. With fewer than two groups, or one
            that holds more than half of the rows, the strength is 1.
        seed: Random seed of the inner folds, and of the sample of more than 2,000 rows.
        gamma: Width of the kernel `exp(-gamma * squared distance)`.

    Attributes:
        classes_: The labels, sorted.
        chosen_: The chosen strength.
        history_: An `Epoch` for each strength, with `valid` figures of the inner folds; empty without a choice.
        best_epoch_: Position (1-based) of the chosen strength in `history_`; 0 without a choice.

    Example:
        >>> table = hilum.read_table("phantom", groups="phantom/table.csv")
        >>> features = hilum.extract_features(table, "efficientnet_lite0")
        >>> groups = [row.group for row in table.rows]
        >>> head = hilum.KernelHead().fit(features, table.labels, groups)
        >>> head.predict_proba(features).shape
        (48, 4)
    """

    strengths: tuple[float, ...] = STRENGTHS
    gamma: float = GAMMA
    kind: ClassVar[Literal["linear", "kernel"]] = "kernel"
    without_folds: ClassVar[float] = 1.0

    def _machine(
        self,
        features: NDArray[np.float32],
        numbers: NDArray[np.intp],
        rows: NDArray[np.intp],
        strengths: Sequence[float],
    ) -> "_Ridge":
        if len(rows) < len(numbers):
            return _SampledRidge(features, numbers, rows, strengths, self.gamma)
        return _Ridge(features, numbers, strengths, self.gamma)

    def _rows(self, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows to choose on: all, or a sample of more than 2,000 with the classes in their shares."""
        if len(numbers) <= EXACT:
            return super()._rows(numbers)
        shuffled = np.random.default_rng(self.seed).permutation(len(numbers))
        places = np.empty(len(numbers))
        for number in range(len(self.classes_)):
            own = shuffled[numbers[shuffled] == number]
            places[own] = np.arange(len(own)) / len(own)
        return np.sort(np.argsort(places, kind="stable")[:SAMPLE])


class _Ridge:
    """Kernel ridge regressions on features `[n, width]` of rows with classes `[n]`."""

    def __init__(
        self, features: NDArray[np.float32], numbers: NDArray[np.intp], strengths: Sequence[float], gamma: float
    ) -> None:
        self.truth, self.penalties = np.eye(int(numbers.max()) + 1)[numbers], 1 / np.asarray(strengths)
        self.weights = class_weights(numbers, "balanced")
        self.roots = np.sqrt(self.weights)[:, None]
        self.bare = _bare(features, gamma)
        self.kernel = self.bare.similarities(features)
        squares, self.vectors = eigh(self.roots * self.kernel * self.roots.T, driver="evd")
        self.squares = np.maximum(squares, 0)
        # Targets are centred with the mean of the rows in training, which the column of ones takes care of.
        self.targets = self.roots * np.column_stack([self.truth, np.ones(len(numbers))])
        along = self.vectors.T @ self.targets
        self.duals = np.stack([self.vectors @ (along / (self.squares + of)[:, None]) for of in self.penalties])

    def seen(self) -> NDArray[Any]:
        """Scores of all rows by fits on all of them, `[strengths, k, n]`."""
        return self._centred(self.targets - self.penalties[:, None, None] * self.duals, slice(None), slice(None))

    def held_out(self, inner: Sequence[Fold]) -> NDArray[Any]:
        """Scores of all rows by fits in the folds that held them out, `[strengths, k, n]`.

        Without refitting: what is left over of held-out rows is their part of the dual weights, multiplied by the
        inverse of their block of the inverse of the penalised kernel (R. Rifkin and R. Lippert, Notes on regularized
        least squares, 2007, for single rows).
        """
        scores = np.empty((len(self.penalties), self.truth.shape[1], len(self.truth)))
        for train, rest in inner:
            rows = self.vectors[rest]
            blocks = np.stack([(rows / (self.squares + of)) @ rows.T for of in self.penalties])
            fitted = self.targets[rest] - np.linalg.solve(blocks, self.duals[:, rest])
            scores[..., rest] = self._centred(fitted, train, rest)
        return scores

    def scorer(self, place: int, calibration: Calibration) -> Kernel:
        """The fit of a strength on all rows, calibrated."""
        duals = self.roots * self.duals[place]
        weights = calibration.slope * (duals[:, :-1] - duals[:, -1:] * self._mean(slice(None))).T
        return replace(
            self.bare, weights=weights.astype(np.float32), offsets=calibration.offsets[:, 0].astype(np.float32)
        )

    def _centred(self, fitted: _Floats, train: _Rows, rows: _Rows) -> _Floats:
        plain = fitted / self.roots[rows]
        scores: _Floats = (plain[..., :-1] - plain[..., -1:] * self._mean(train)).swapaxes(1, 2)
        return scores

    def _mean(self, train: _Rows) -> _Floats:
        mean: _Floats = np.average(self.truth[train], 0, self.weights[train])
        return mean


class _SampledRidge(_Ridge):
    """Ridge regressions that are chosen on a sample of rows and fitted on all with the kernel between all and those."""

    def __init__(
        self,
        features: NDArray[np.float32],
        numbers: NDArray[np.intp],
        rows: NDArray[np.intp],
        strengths: Sequence[float],
        gamma: float,
    ) -> None:
        super().__init__(features[rows], numbers[rows], strengths, gamma)
        self.every = features, numbers

    def scorer(self, place: int, calibration: Calibration) -> Kernel:
        """The fit of a strength on all rows, calibrated; its penalty grows with the number of rows."""
        features, numbers = self.every
        weights, truth = class_weights(numbers, "balanced"), np.eye(self.truth.shape[1])[numbers]
        seen = self.bare.similarities(features)
        weighed = seen.T * weights
        penalty = self.penalties[place] * len(numbers) / len(self.truth)
        matrix = weighed @ seen + penalty * self.kernel
        matrix[np.diag_indices_from(matrix)] *= 1 + _JITTER
        duals = solve(matrix, weighed @ (truth - np.average(truth, 0, weights)), assume_a="pos")
        scorer = super().scorer(place, calibration)
        return replace(scorer, weights=(calibration.slope * duals.T).astype(np.float32))


def _bare(features: NDArray[np.float32], gamma: float) -> Kernel:
    """A kernel machine of the rows of features `[n, width]`, without weights."""
    nothing = np.zeros(features.shape[1], np.float32)
    plain = Kernel(nothing, 1.0, gamma, nothing[None], nothing[:0, None], nothing[:0])
    unit = plain.prepared(features)
    centre = unit.mean(0).astype(np.float32)
    spread = float(np.sqrt(np.square(unit - centre).sum(1).mean()))
    spread = spread if spread > _EQUAL else 1.0
    return replace(plain, centre=centre, spread=spread, rows=((unit - centre) / spread).astype(np.float32))


def train_head(data: Labelled, fit: Fit, inner: NDArray[np.intp], options: HeadOptions, seed: int) -> KernelHead:
    """Trains a kernel head, which chooses its strength in folds of the training rows, grouped by `inner`."""
    rows = fit.whole
    head = KernelHead(options.strengths or STRENGTHS, class_weight=options.weighting, seed=seed)
    return head.fit(data.features[rows], data.labels[rows], inner[rows])

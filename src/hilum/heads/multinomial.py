"""Multinomial logistic regression with an L2 penalty, fitted on several parts of the rows and for several strengths.

Truncated Newton steps (R. S. Dembo and T. Steihaug, Mathematical Programming 26, 1983), whose conjugate gradients are
preconditioned by the Hessian's diagonal. In the principal axes of the rows that diagonal is nearly the whole Hessian,
and all fits share each product of matrices. The weights of all classes sum to 0 at the optimum, so a fit is sought
among `classes - 1` orthonormal contrasts between classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import helmert

_SETTLED = 3e-4  # largest change of a probability in a Newton step that counts as none
_FORCING = 0.3  # share of a gradient that conjugate gradients may leave over
_NEWTON_STEPS, _CG_STEPS, _HALVINGS = 200, 100, 30
_ARMIJO, _ROUNDING = 1e-4, 1e-6
_OFFSET_PENALTY = 1e-6  # offsets are free, but for a direction that no probability depends on if a class has no rows
_NEVER = -1e9  # logit of a class without rows

# Values of the fits are [contrasts or classes, fits, ...], so that every sum runs over long rows of memory.
_Floats = NDArray[np.float32]
_Float = TypeVar("_Float", bound=np.floating)


def fit_strengths(
    features: NDArray[np.floating],
    numbers: NDArray[np.intp],
    classes: int,
    strengths: Sequence[float],
    parts: NDArray[np.bool_] | None = None,
    weights: NDArray[np.floating] | None = None,
) -> tuple[_Floats, _Floats]:
    """Fits a model on each part of the rows for each strength, as a converged `LogisticRegression` of scikit-learn.

    Args:
        features: `[n, width]`; fewer steps are needed in the rows' principal axes.
        numbers: Classes of the rows, `[n]`, in `range(classes)`.
        classes: Number of classes, at least 2.
        strengths: Inverse penalties C.
        parts: Rows of each part, `[parts, n]`, with at least two classes in each part; None is one part with all rows.
        weights: Weights of the rows, `[n]`; None is 1 for each.

    Returns:
        Weights `[parts, strengths, classes, width]` and offsets `[parts, strengths, classes]`. A class without rows in
        a part has an offset of -1e9 there, and hence the probability 0.
    """
    parts = np.ones((1, len(numbers)), np.bool_) if parts is None else parts
    rows = np.ascontiguousarray(np.column_stack([features, np.ones(len(features))]), np.float32)
    truth = np.eye(classes, dtype=np.float32)[:, numbers]
    present = truth @ parts.T.astype(np.float32) > 0
    # Two classes have two rows of weights here and one in scikit-learn, whose penalty is then twice as large.
    penalties = np.where(present.sum(0) == 2, 2.0, 1.0)[:, None] / np.asarray(strengths, np.float64)
    each = np.repeat(np.arange(len(parts)), len(strengths))
    penalty = np.repeat(penalties.reshape(-1, 1), rows.shape[1], axis=1).astype(np.float32)
    penalty[:, -1] = _OFFSET_PENALTY
    fits = _Fits(
        rows,
        np.ascontiguousarray(rows.T),
        np.square(rows),
        helmert(classes).T.astype(np.float32),
        truth[:, None],
        parts[each].astype(np.float32) * (1 if weights is None else weights.astype(np.float32)),
        np.where(present, 0, _NEVER).astype(np.float32)[:, each, None],
        penalty,
    )
    found = np.zeros((classes - 1, len(each), rows.shape[1]), np.float32)
    active = np.arange(len(each))
    for _ in range(_NEWTON_STEPS):
        moved, change = _newton_step(fits.of(active), found[:, active])
        found[:, active] = moved
        active = active[change > _SETTLED]
        if not len(active):
            break
    layers = _times(fits.contrasts, found)
    layers[..., -1] += fits.absent[..., 0]
    shaped = layers.transpose(1, 0, 2).reshape(len(parts), len(strengths), classes, -1)
    return shaped[..., :-1], shaped[..., -1]


def probabilities_of(logits: NDArray[_Float], axis: int = -1) -> NDArray[_Float]:
    """The softmax over an axis."""
    powers = np.exp(logits - logits.max(axis, keepdims=True))
    shares: NDArray[_Float] = powers / powers.sum(axis, keepdims=True)
    return shares


@dataclass(frozen=True)
class _Fits:
    """Several fits on parts of the same rows.

    Attributes:
        rows: `[n, width + 1]`, the last column ones.
        columns: Their transpose, whose own copy makes products twice as fast.
        squares: Squares of the rows.
        contrasts: Orthonormal contrasts between classes, `[classes, classes - 1]`.
        truth: Classes of the rows as zeros and ones, `[classes, 1, n]`.
        counted: How much each row counts, `[fits, n]`: its weight, or 0 outside of the part.
        absent: Added to the logits, `[classes, fits, 1]`: 0, or for a class without rows a number that rules it out.
        penalties: Penalties of the weights and, last, of the offset, `[fits, width + 1]`.
    """

    rows: _Floats
    columns: _Floats
    squares: _Floats
    contrasts: _Floats
    truth: _Floats
    counted: _Floats
    absent: _Floats
    penalties: _Floats

    def of(self, which: NDArray[np.intp]) -> "_Fits":
        """Some of the fits."""
        return replace(self, counted=self.counted[which], absent=self.absent[:, which], penalties=self.penalties[which])

    def logits(self, weights: _Floats) -> _Floats:
        """From weights of contrasts `[contrasts, fits, width + 1]` to classes `[classes, fits, n]`."""
        return _times(self.contrasts, _product(weights, self.columns))

    def back(self, values: _Floats) -> _Floats:
        """From classes `[classes, fits, n]` to weights of contrasts `[contrasts, fits, width + 1]`."""
        return _product(_times(self.contrasts.T, values), self.rows)

    def objective(self, weights: _Floats, logits: _Floats) -> tuple[NDArray[np.float64], _Floats]:
        """The penalised log loss of each fit, and the probabilities `[classes, fits, n]`."""
        shares = probabilities_of(logits + self.absent, 0)
        own = np.maximum((shares * self.truth).sum(0), np.finfo(np.float32).tiny)
        loss = -(np.log(own) * self.counted).sum(1, dtype=np.float64)
        return loss + 0.5 * _dot(self.penalties * weights, weights), shares


def _newton_step(fits: _Fits, weights: _Floats) -> tuple[_Floats, NDArray[np.float32]]:
    """The weights after one step, and how far any counted probability moved, `[fits]`."""
    logits = fits.logits(weights)
    value, shares = fits.objective(weights, logits)
    gradient = fits.back((shares - fits.truth) * fits.counted) + fits.penalties * weights
    direction, towards = _conjugate_gradients(fits, gradient, shares)
    slope, step = _dot(gradient, direction), np.ones(len(value), np.float32)
    for _ in range(_HALVINGS):
        moved = weights + step[:, None] * direction
        reached, found = fits.objective(moved, logits + step[:, None] * towards)
        enough = reached <= value + _ARMIJO * step * slope + _ROUNDING * np.abs(value)
        if enough.all():
            break
        step = np.where(enough, step, step / 2)
    return moved, np.abs(found - shares).max((0, 2))


def _conjugate_gradients(fits: _Fits, gradient: _Floats, shares: _Floats) -> tuple[_Floats, _Floats]:
    """The Newton direction of each fit, and the logits in that direction."""
    counted = shares * fits.counted
    curvature = _times(np.square(fits.contrasts.T), counted)
    curvature -= _times(fits.contrasts.T, shares) ** 2 * fits.counted
    diagonal = _product(curvature, fits.squares) + fits.penalties
    direction, towards = np.zeros_like(gradient), np.zeros_like(shares)
    left = -gradient
    search = scaled = left / diagonal
    size = _dot(left, scaled)
    goal = _FORCING**2 * size
    for _ in range(_CG_STEPS):
        seen = fits.logits(search)
        bent = fits.back(counted * (seen - (shares * seen).sum(0))) + fits.penalties * search
        along = _ratio(size, _dot(search, bent))
        direction += along * search
        towards += along * seen
        left -= along * bent
        scaled = left / diagonal
        reached = _dot(left, scaled)
        if (reached <= goal).all():
            break
        search = scaled + _ratio(reached, size) * search
        size = reached
    return direction, towards


def _product(values: _Floats, matrix: _Floats) -> _Floats:
    """From `[..., a]` and `[a, b]` to `[..., b]`, as one product of matrices."""
    return (values.reshape(-1, values.shape[2]) @ matrix).reshape(*values.shape[:2], -1)


def _times(matrix: _Floats, values: _Floats) -> _Floats:
    """From `[a, b]` and `[b, ...]` to `[a, ...]`, as one product of matrices."""
    return (matrix @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])


def _dot(values: _Floats, others: _Floats) -> NDArray[np.float64]:
    """The inner product of each fit, `[fits]`."""
    products: NDArray[np.float64] = np.vecdot(values, others).sum(0, dtype=np.float64)
    return products


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> _Floats:
    """Part by whole as a factor `[fits, 1]`; a fit that is done has a whole of 0 and stays where it is."""
    return (part / np.maximum(whole, np.finfo(np.float64).tiny)).astype(np.float32)[:, None]

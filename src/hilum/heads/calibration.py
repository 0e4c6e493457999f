"""Probabilities from raw scores: one slope for all classes and an offset for each, fitted on held-out scores.

This is temperature scaling with free offsets (C. Guo et al., On calibration of modern neural networks, 2017); with two
classes it is J. Platt's method (Probabilistic outputs for support vector machines, 1999), whose smoothed targets keep
a perfect separation from a slope without end.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hilum.heads.multinomial import probabilities_of

_NEWTON_STEPS, _HALVINGS = 50, 20
_SETTLED = 1e-5  # fall of a mean loss in a Newton step that counts as none
_NOTHING = 1e-6  # spread of scores below which they are rounding errors
_RIDGE = 1e-6  # for the direction of the offsets that no probability depends on

_Floats = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Calibration:
    """A calibration of k classes, or several.

    Attributes:
        slope: Slope, at least 0, `[..., 1, 1]`, or one for each row, `[..., 1, n]`.
        offsets: Offsets of the classes, `[..., k, 1]`, or for each row, `[..., k, n]`.
    """

    slope: _Floats
    offsets: _Floats

    def probabilities(self, scores: _Floats) -> _Floats:
        """Probabilities `[..., k, n]` of scores `[..., k, n]`."""
        return probabilities_of(self.slope * scores + self.offsets, -2)

    def of_rows(self, places: NDArray[np.intp]) -> "Calibration":
        """From several calibrations along the last of the leading axes, the one at a place for each row `[n]`."""
        slope, offsets = (np.moveaxis(of[..., 0], -2, -1)[..., places] for of in (self.slope, self.offsets))
        return Calibration(slope, offsets)


def fit_calibration(scores: _Floats, numbers: NDArray[np.intp], weights: _Floats) -> Calibration:
    """Fits a calibration, or several at once, by maximum likelihood.

    Args:
        scores: Scores of the classes, `[..., k, n]`.
        numbers: True classes, `[n]`, in `range(k)`.
        weights: Weights of the rows, `[..., n]`, not all of them 0.
    """
    *several, classes, count = scores.shape
    flat = scores.reshape(-1, classes, count)
    weights = np.broadcast_to(weights, (*several, count)).reshape(-1, 1, count)
    shares = (weights / weights.sum(-1, keepdims=True)).astype(scores.dtype)
    spread = np.sqrt((shares * (flat - flat.mean(1, keepdims=True)) ** 2).sum((1, 2)) / classes)
    spread = np.where(spread > _NOTHING, spread, np.inf)[:, None]
    truth = np.eye(classes, dtype=scores.dtype)[:, numbers]
    counts = weights[:, 0] @ truth.T
    own = ((counts + 1) / (counts + classes)) @ truth
    targets = truth * own[:, None] + (1 - truth) * (1 - own[:, None]) / (classes - 1)
    problem = _Problem(flat / spread[..., None], targets.astype(scores.dtype), shares)
    # A slope of 0 gives every row the shares of the classes; one below would turn the scores round.
    plain = np.concatenate([np.zeros_like(spread), np.log((shares * targets).sum(2))], 1)
    found = problem.solved(plain)
    found = np.where(found[:, :1] > 0, found, plain)
    return Calibration((found[:, :1] / spread).reshape(*several, 1, 1), found[:, 1:].reshape(*several, classes, 1))


@dataclass(frozen=True)
class _Problem:
    """Several calibrations to fit: scores and targets `[m, k, n]`, and shares of the rows `[m, 1, n]`."""

    scores: _Floats
    targets: _Floats
    shares: _Floats

    def solved(self, start: _Floats) -> _Floats:
        """Slopes and offsets `[m, 1 + k]`, by Newton steps that are halved until the loss falls."""
        found, done = start, np.zeros(len(start), np.bool_)
        loss, chances = self._loss(found)
        for _ in range(_NEWTON_STEPS):
            step = np.where(done[:, None], 0, self._newton(chances))
            for _ in range(_HALVINGS):
                reached, after = self._loss(found - step)
                worse = reached > loss + _SETTLED
                if not worse.any():
                    break
                step = np.where(worse[:, None], step / 2, step)
            found, chances, done, loss = found - step, after, loss - reached < _SETTLED, reached
            if done.all():
                break
        return found

    def _loss(self, values: _Floats) -> tuple[_Floats, _Floats]:
        logits = values[:, :1, None] * self.scores + values[:, 1:, None]
        shifted = logits - logits.max(1, keepdims=True)
        powers = np.exp(shifted)
        total = powers.sum(1, keepdims=True)
        logs = shifted - np.log(total)
        return -(self.shares * (self.targets * logs).sum(1, keepdims=True)).sum((1, 2)), powers / total

    def _newton(self, chances: _Floats) -> _Floats:
        counted = self.shares * chances
        wrong = self.shares * (chances - self.targets)
        gradient = np.concatenate([(wrong * self.scores).sum((1, 2))[:, None], wrong.sum(2)], 1)
        mean = (chances * self.scores).sum(1, keepdims=True)
        mixed = counted * (self.scores - mean)
        curvature = np.empty((*gradient.shape, gradient.shape[1]), gradient.dtype)
        curvature[:, 0, 0] = (mixed * self.scores).sum((1, 2))
        curvature[:, 0, 1:] = curvature[:, 1:, 0] = mixed.sum(2)
        curvature[:, 1:, 1:] = -counted @ chances.transpose(0, 2, 1)
        every = np.arange(gradient.shape[1])
        curvature[:, every[1:], every[1:]] += counted.sum(2)
        curvature[:, every, every] += _RIDGE
        return np.linalg.solve(curvature, gradient[..., None])[..., 0]

"""The answer threshold: the lowest at which a test on groups shows that enough answers are right, and what is promised.

Learn then test: for each threshold the hypothesis is that on new groups wrong answers are more than a share of all
answers, that is, that the mean over groups of `wrong - allowed x answered` is above nought. Thresholds are tested from
the highest down, in a fixed sequence that ends with the first that is not shown; so the error rate is that of one test.
The evidence is what a bettor against the hypothesis would have won over the groups. Bets adapt to the spread of the
groups, most of which are wholly right or not answered at all, which is why they show more here than a bound by the mean
alone (Hoeffding-Bentkus, which was tried). benchmarks/promises.py measures how often promises are made and kept.

Source: A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan and L. Lei, Learn then Test: Calibrating Predictive
Algorithms to Achieve Risk Control, Annals of Applied Statistics 2025 (arXiv 2021); I. Waudby-Smith and A. Ramdas,
Estimating Means of Bounded Random Variables by Betting, JRSS B 86, 2024 (arXiv 2020), the bets of section B.3; V. Vovk
and R. Wang, E-values: Calibration, Combination and Applications, Annals of Statistics 49, 2021 (means of e-values).
"""

import math

import numpy as np
from numpy.typing import NDArray

from hilum.records.trust import Promise
from hilum.trust.abstention import between, threshold_for_accuracy
from hilum.trust.calibration import sure_and_right

ACCURACY = 0.95  # wanted accuracy of answered slices
ERROR_RATE = 0.1  # chance that a promise is made and not kept
FEWEST_GROUPS = math.ceil(math.log(ERROR_RATE) / math.log(ACCURACY))  # without an error show it; fewer never do
_FIRST = 60  # groups' worth of answers at the highest threshold that is tested: some more than the fewest
_STEP = 0.05  # of the share of answers, from one threshold to the next
_ORDERS = 20  # random orders of the groups that the evidence is averaged over
_LARGEST_BET = 0.9  # of what may be staked; a wholly wrong group then costs nine tenths

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]


def answer_threshold(
    labels: _Indices, groups: _Indices, probabilities: _Floats, seed: int = 0
) -> tuple[float, Promise]:
    """The lowest threshold that is shown to keep the wanted accuracy, and what it promises.

    Each group counts once. Repeats are averaged within a slice: a model is one head and not their mean, so that what
    counts is how often one head is wrong.

    If none is shown, nothing is promised, and the threshold is that of `threshold_for_accuracy`: the wanted accuracy,
    or as much as there was, on the slices that it is fitted on.

    Args:
        labels: True classes, `[n]`, n at least 1.
        groups: Groups that are independent of each other, `[n]`.
        probabilities: Probabilities, `[repeats, n, k]`.
        seed: Random seed of the orders of the groups.
    """
    top, right = sure_and_right(labels, probabilities)
    members, sizes = np.unique(groups, return_inverse=True, return_counts=True)[1:]
    found = shown_threshold(top, right, members, sizes, seed)
    promise = Promise(
        shown=found is not None,
        accuracy=ACCURACY,
        error_rate=ERROR_RATE,
        groups=len(sizes),
        fewest_groups=FEWEST_GROUPS,
    )
    threshold = threshold_for_accuracy(labels, probabilities, ACCURACY) if found is None else found
    return threshold, promise


def shown_threshold(
    top: _Floats, right: NDArray[np.bool_], members: _Indices, sizes: _Indices, seed: int
) -> float | None:
    """The lowest threshold of those tested that is shown to keep the wanted accuracy, or None.

    Args:
        top: Top probabilities, `[repeats, n]`.
        right: Whether each is right, `[repeats, n]`.
        members: Group of each slice, `[n]`, in `[0, len(sizes))`.
        sizes: Number of slices of each group.
        seed: Random seed.
    """
    if len(sizes) < FEWEST_GROUPS:
        return None
    thresholds = _tested(top, 1 / sizes[members], len(sizes))
    answered = top >= np.array(thresholds)[:, None, None]
    losses = ((answered & ~right) - (1 - ACCURACY) * answered).mean(1)
    of_groups = np.stack([np.bincount(members, loss) for loss in losses]) / sizes
    shown = evidence(of_groups, 1 - ACCURACY, seed) >= 1 / ERROR_RATE
    passed = len(shown) if shown.all() else int(shown.argmin())
    return thresholds[passed - 1] if passed else None


def evidence(losses: _Floats, allowed: float, seed: int = 0) -> _Floats:
    """Evidence against the hypothesis that a mean loss is nought or more; it exceeds x with a chance of at most 1 / x.

    Args:
        losses: Losses of independent groups, from `-allowed` to `1 - allowed`, `[..., groups]`.
        allowed: Share of wrong answers that is allowed, in `(0, 1)`.
        seed: Random seed of the orders in which groups are bet on; the evidence is the mean over them.
    """
    random, count = np.random.default_rng(seed), losses.shape[-1]
    won: _Floats = np.mean([_won(losses[..., random.permutation(count)], allowed) for _ in range(_ORDERS)], axis=0)
    return won


def _won(losses: _Floats, allowed: float) -> _Floats:
    """What a stake of 1 becomes, `[...]`, with bets that know only the groups before (`[..., groups]`)."""
    # Mean and variance of the groups before each, beginning with those of the hypothesis.
    seen = np.arange(1, losses.shape[-1] + 1)
    means = _before(np.cumsum(losses, -1) / (seen + 0.5), 0.0)
    variances = _before((allowed**2 + np.cumsum(np.square(losses - means), -1)) / (seen + 1), allowed**2)
    bets = np.clip(-means / (variances + np.square(means)), 0, _LARGEST_BET / (1 - allowed))
    won: _Floats = np.prod(1 - bets * losses, axis=-1)
    return won


def _before(values: _Floats, first: float) -> _Floats:
    """Each value moved one group on, after a first one."""
    return np.concatenate([np.full_like(values[..., :1], first), values[..., :-1]], axis=-1)


def _tested(top: _Floats, weights: _Floats, groups: int) -> list[float]:
    """The thresholds to test, the highest first: the first answers 60 groups' worth of slices, the last everything.

    A higher one answers too little to show anything, and would end the sequence before it begins. They depend on the
    top probabilities alone, never on what is right.
    """
    order = np.argsort(top, axis=None, kind="stable")
    ascending = top.ravel()[order]
    shares = np.tile(weights, len(top))[order][::-1].cumsum()[::-1] / (groups * len(top))
    wanted = np.append(np.arange(min(_FIRST / groups, 1.0), 1.0, _STEP), 1.0)
    places = np.searchsorted(-shares, -wanted + 1e-9, "right") - 1  # the last that answers as much
    places = np.searchsorted(ascending, ascending[places.clip(0)], "left")
    return [between(ascending, int(place)) for place in np.unique(places)[::-1]]

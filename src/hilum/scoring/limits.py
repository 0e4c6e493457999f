"""95 % intervals of figures from their resamples, and the p-value of a difference.

The standard error is the bootstrap's, with quantiles of t. Groups are drawn within each class and are of unequal size,
so degrees of freedom are the effective number of groups (as many of equal size) less the number of classes, and the
error is raised by the square root of `effective / (effective - classes)`. In folds, models vary too. A share gets
limits on the logit scale, which stay between 0 and 1, a difference symmetric ones. benchmarks/coverage.py measures how
often they hold the truth.

Source: L. Kish, Survey Sampling, 1965, section 11.7 (the effective number); J. N. K. Rao and C. F. J. Wu, Resampling
inference with complex survey data, JASA 83, 1988 (the error of a bootstrap within strata); E. L. Korn and B. I.
Graubard, Analysis of Health Surveys, 1999 (clusters less strata as degrees of freedom, the logit scale); A. V. Carter,
K. T. Schnepel and D. G. Steigerwald, Asymptotic behavior of a t-test robust to cluster heterogeneity, Review of
Economics and Statistics 99, 2017 (the effective number as degrees of freedom); S. Bates, T. Hastie and R. Tibshirani,
Cross-validation: what does it estimate and how well does it do it?, JASA 119, 2024 (folds).
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from hilum.records.figures import Estimate

_Floats = NDArray[np.float64]
Bounds = tuple[float, float]
SHARE: Bounds = (0.0, 1.0)
GAP: Bounds = (-1.0, 1.0)  # of a difference between two shares
LOSS: Bounds = (0.0, math.inf)
# Both fitted on one backbone and checked on another (docs/protocols.md).
REFITTED = 0.7  # variance that the models of folds add, by that of the resamples, in which models do not vary
RANKED = 1.15  # spread of AUCs by that of their resamples
_TAIL = 0.025  # chance of the truth beyond either limit
_FREEDOM = 2.0  # fewest degrees of freedom; with one, a few groups would tell nothing at all
_NO_SPREAD = 1e-9  # rounding error of a figure that is the same in every resample


@dataclass(frozen=True)
class Basis:
    """What a figure rests on.

    Attributes:
        groups: Number of groups of slices.
        effective: The number of groups of equal size that would tell as much.
        classes: Number of classes that the groups were drawn within.
        refitted: Whether the slices were scored in folds, each by a model of its own.
        ranked: Whether the figure is an AUC.
    """

    groups: int
    effective: float
    classes: int
    refitted: bool = False
    ranked: bool = False

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the standard error."""
        return max(_FREEDOM, self.effective - self.classes)

    @property
    def unseen(self) -> float:
        """Largest share of groups that can be unlike all those seen: the exact limit of none among `groups`."""
        return 1 - math.pow(_TAIL, 1 / max(1, self.groups))

    def error(self, draws: _Floats) -> float | None:
        """The standard error of a figure from its draws; None if they do not vary."""
        spread = float(draws.std(ddof=1)) if len(draws) > 1 else 0.0
        if spread < _NO_SPREAD:
            return None
        variance = 1 + self.classes / self.freedom + (REFITTED if self.refitted else 0)
        return spread * math.sqrt(variance) * (RANKED if self.ranked else 1)


def estimate(figure: _Floats, basis: Basis, bounds: Bounds = SHARE) -> Estimate:
    """The estimate from `[1 + count]` values of a figure, the plain one first; NaN is an unknown value.

    Where no resample differs, as in a figure of 1, so does no group that was seen. The interval then allows for groups
    that were not: their share is at most the exact (Clopper-Pearson) limit of none in `groups`, and each may be as far
    off as the bounds are. A figure of 1 from 5 groups has a lower limit of 0.48.

    Args:
        figure: The values.
        basis: What the figure rests on.
        bounds: Lowest and highest possible value.

    Returns:
        The estimate, without an interval if there are no resamples.
    """
    value, draws = float(figure[0]), figure[1:][~np.isnan(figure[1:])]
    if math.isnan(value) or not len(draws):
        return Estimate(value=None if math.isnan(value) else value, low=None, high=None)
    lowest, highest = bounds
    error = basis.error(draws)
    if error is None:
        if math.isinf(highest):
            return Estimate(value=value, low=None, high=None)
        low, high = value - basis.unseen * (value - lowest), value + basis.unseen * (highest - value)
        return Estimate(value=value, low=low, high=high)
    reach = t_quantile(basis.freedom) * error
    if bounds != SHARE or not 0 < value < 1:
        return Estimate(value=value, low=max(lowest, value - reach), high=min(highest, value + reach))
    logit, away = math.log(value / (1 - value)), reach / (value * (1 - value))  # by the logit's slope (delta method)
    return Estimate(value=value, low=_share(logit - away), high=_share(logit + away))


def p_value(figure: _Floats, basis: Basis) -> float:
    """The two-sided p-value that a difference between two shares is 0, by the t-test that fits its interval.

    Args:
        figure: Values of a known difference, `[1 + count]`, as in `estimate`.
        basis: What it rests on.

    Returns:
        The p-value, below 0.05 where the interval leaves out 0.
    """
    from scipy.special import stdtr  # not in the base install, which scores a model but compares none

    size, error = abs(float(figure[0])), basis.error(figure[1:][~np.isnan(figure[1:])])
    tail = (1 + size) ** -basis.groups if error is None else float(stdtr(basis.freedom, -size / error))
    return min(1.0, 2 * tail)


def t_quantile(freedom: float) -> float:
    """The 97.5 % quantile of Student's t, within 1 % from 2 degrees of freedom.

    Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 1964, formula 26.7.5.
    """
    z = NormalDist().inv_cdf(1 - _TAIL)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return math.fsum(term / freedom**power for power, term in enumerate(terms))


def _share(logit: float) -> float:
    return math.exp(-float(np.logaddexp(0, -logit)))

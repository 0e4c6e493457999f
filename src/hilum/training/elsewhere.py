"""A model's own temperature and thresholds on slices of another hospital, which chose nothing."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hilum.comparison.outside import Elsewhere
from hilum.features.extract import Features
from hilum.records.model import TrustElsewhere
from hilum.scoring.intervals import Scored, figures_and_draws
from hilum.scoring.resamples import draw_resamples
from hilum.training.fitting import Fitted
from hilum.trust.calibration import measured_calibration, with_temperature
from hilum.trust.fit import Trust
from hilum.trust.measure import COVERAGE, answer_figures, outlier_figures, set_figures
from hilum.trust.outliers import outlier_scores


def probabilities_elsewhere(features: Features, fitted: Fitted, trust: Trust) -> NDArray[np.float64]:
    """The model's calibrated probabilities on slices from elsewhere, `[n, classes]`."""
    return with_temperature(fitted.head.arrays().logits(features.values), trust.temperature)


def trust_elsewhere(
    of: Elsewhere,
    features: Features,
    probabilities: NDArray[np.float64],
    fitted: Fitted,
    trust: Trust,
    seed: int,
) -> TrustElsewhere:
    """What the model does on slices from elsewhere.

    If they are read as two classes, an answer is right if its class reads as the true one, a set holds the truth if it
    holds any class that does, and calibration is that of the added probabilities. Sizes are those of the model's sets.

    Args:
        of: The slices.
        features: Their features.
        probabilities: The model's calibrated probabilities, `[n, classes]`.
        fitted: The model's head and index.
        trust: The model's temperature and thresholds.
        seed: Random seed of the resamples.
    """
    least, reading, labels, groups = trust.thresholds.set, of.reading, of.slices.labels, of.slices.strict
    assert isinstance(least, Mapping)
    classes = tuple(least)
    possible = np.array([reading.classes.index(reading.model[name]) for name in classes]) == labels[:, None]
    sets = probabilities >= np.array([*least.values()])
    resamples = draw_resamples(labels, groups, seed=seed)
    read = reading.probabilities(probabilities, classes)
    figures, _ = figures_and_draws(
        Scored(labels, read[None], groups, None), reading.classes, reading.negative, resamples
    )
    # The most probable class that reads as the true one is the true class, as far as an answer can tell.
    true, top = np.where(possible, probabilities, -1).argmax(1), probabilities.max(1)
    mostly = max(point.threshold for point in trust.curve if point.coverage >= COVERAGE)
    far = outlier_scores(fitted.indexed, features.last) > trust.thresholds.outlier
    return TrustElsewhere.made(
        {
            "slices": of.facts,
            "figures": figures.model_copy(update={"calibration": measured_calibration(labels, read, seed)}),
            "answers": answer_figures(
                true,
                groups,
                probabilities[None],
                (top >= trust.thresholds.answer)[None],
                (top >= mostly)[None],
                resamples,
            ),
            "conformal": set_figures(
                labels, len(reading.classes), groups, sets[None], (sets & possible).any(1)[None], resamples
            ),
            "outliers": outlier_figures(labels, far, len(reading.classes), resamples),
        }
    )

"""Prediction sets: every class that is plausible for a slice, judged by the scores of held-out slices.

Source: V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a Random World, 2005; computed by crepes
(H. Boström, crepes: a Python Package for Generating Conformal Regressors and Predictive Systems, COPA 2022).
"""

import numpy as np
from crepes import ConformalClassifier
from numpy.typing import NDArray

CONFIDENCE = 0.9

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]


def one_a_group(groups: _Indices, random: np.random.Generator) -> _Indices:
    """One random row of each group, because look-alikes are near copies and not independent evidence.

    Args:
        groups: Group of each row, `[n]`.
        random: Random generator.

    Returns:
        One row per group, sorted.
    """
    shuffled = random.permutation(len(groups))
    first = np.unique(groups[shuffled], return_index=True)[1]
    return np.sort(shuffled[first])


def set_threshold(held_out: _Floats, labels: _Indices) -> float:
    """The lowest probability with which a class is in a prediction set. A model needs only this to make sets.

    Args:
        held_out: Probabilities of slices that their models had not seen, `[m, k]`, m at least 1.
        labels: True classes of those slices, `[m]`.

    Returns:
        A probability in `[0, 1]`; 0 if there are too few slices, so every class is in every set.
    """
    true = held_out[np.arange(len(labels)), labels]
    kept = prediction_sets(held_out, labels, true[:, None])[:, 0]
    everything = prediction_sets(held_out, labels, np.zeros((1, 1)))[0, 0]
    return 0.0 if everything or not kept.any() else float(true[kept].min())


def prediction_sets(
    held_out: _Floats, labels: _Indices, probabilities: _Floats, confidence: float = CONFIDENCE
) -> NDArray[np.bool_]:
    """The classes whose probability is not unusually low compared with those of true classes of held-out slices.

    There is no guarantee: held-out scores come from several models, and slices of one set of scans are not a random
    sample of future slices.

    Args:
        held_out: Probabilities of slices that their models had not seen, `[m, k]`, m at least 1.
        labels: True classes of those slices, `[m]`.
        probabilities: Probabilities of the slices to make sets for, `[n, k]`.
        confidence: Wanted share of sets that contain the true class, in `(0, 1)`.

    Returns:
        Mask of the classes in the set of each slice, `[n, k]`; a set can be empty.
    """
    classifier = ConformalClassifier().fit(1 - held_out[np.arange(len(labels)), labels])
    sets = classifier.predict_set(1 - probabilities, confidence=confidence, smoothing=False)
    return np.asarray(sets, np.bool_)

"""Prediction sets: every class that a slice may well have, by how held-out slices scored.

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
    """One row of each group, drawn: look-alikes are near copies, and would count as more evidence than they are.

    Args:
        groups: `[n]`.
        random: Draws.

    Returns:
        Rows, as many as there are groups, sorted.
    """
    shuffled = random.permutation(len(groups))
    first = np.unique(groups[shuffled], return_index=True)[1]
    return np.sort(shuffled[first])


def set_threshold(held_out: _Floats, labels: _Indices) -> float:
    """The probability from which on a class is in a set, so that a model needs no held-out slices to make one.

    Args:
        held_out: As `prediction_sets` takes them.
        labels: Likewise.

    Returns:
        In `[0, 1]`; 0 where so few slices say nothing, and every class is in every set.
    """
    true = held_out[np.arange(len(labels)), labels]
    kept = prediction_sets(held_out, labels, true[:, None])[:, 0]
    everything = prediction_sets(held_out, labels, np.zeros((1, 1)))[0, 0]
    return 0.0 if everything or not kept.any() else float(true[kept].min())


def prediction_sets(
    held_out: _Floats, labels: _Indices, probabilities: _Floats, confidence: float = CONFIDENCE
) -> NDArray[np.bool_]:
    """The classes whose probability is not unusually low, beside the true classes' of held-out slices.

    No guarantee is claimed: held-out scores come from several models, and the slices of one set of scans are no random
    draw of those to come.

    Args:
        held_out: Probabilities of slices that their models had not seen, `[m, k]`, m at least 1.
        labels: Their true classes, `[m]`.
        probabilities: Of the slices to make sets for, `[n, k]`.
        confidence: How often a set is meant to hold the true class, in `(0, 1)`.

    Returns:
        Which classes are in the set of each slice, `[n, k]`; a set can be empty.
    """
    classifier = ConformalClassifier().fit(1 - held_out[np.arange(len(labels)), labels])
    sets = classifier.predict_set(1 - probabilities, confidence=confidence, smoothing=False)
    return np.asarray(sets, np.bool_)

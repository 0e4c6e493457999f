"""Prediction sets: every class that is plausible for a slice, judged by held-out slices of that class.

Each class has a threshold of its own (Mondrian), so that rare and hard classes are held as often as the others. All
slices of a group count, together as one group: a single one drawn from each would make the thresholds depend on luck,
and each slice counting once would let a few chests with many slices decide.

Source: V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a Random World, 2005, section 4.5 (Mondrian);
R. Dunn, L. Wasserman and A. Ramdas, Distribution-Free Prediction Sets for Two-Layer Hierarchical Models, JASA 118, 2023
(groups: the mean of the p-values of all draws of one slice a group).
"""

import math

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.9
FEWEST = math.ceil(CONFIDENCE / (1 - CONFIDENCE) - 1e-9)  # groups of a class; with fewer it is in every set

_Indices = NDArray[np.intp]
_Floats = NDArray[np.float64]


def set_thresholds(held_out: _Floats, labels: _Indices, groups: _Indices, confidence: float = CONFIDENCE) -> _Floats:
    """The lowest probability of each class with which it is in a prediction set. A model needs only these to make sets.

    A class is in the set if its p-value is above `1 - confidence`: the share of groups of that class in which slices
    got no higher a probability, the new slice counted as a group. There is no guarantee: held-out probabilities come
    from several heads, and slices of one set of scans are not a random sample of future slices.

    Args:
        held_out: Probabilities of slices that their heads had not seen, `[repeats, n, k]`.
        labels: True classes of those slices, `[n]`.
        groups: Groups that are independent of each other, `[n]`.
        confidence: Wanted share of sets that contain the true class, in `(0, 1)`.

    Returns:
        Probabilities in `[0, 1]`, `[k]`; 0 for a class with too few groups, which is then in every set.
    """
    repeats, _, classes = held_out.shape
    least = np.zeros(classes)
    for label in range(classes):
        own = labels == label
        members, sizes = np.unique(groups[own], return_inverse=True, return_counts=True)[1:]
        order = np.argsort(held_out[:, own, label], axis=None, kind="stable")
        values = held_out[:, own, label].ravel()[order]
        below = np.tile(1 / sizes[members], repeats)[order].cumsum() / repeats
        plausible = (1 + below) / (1 + len(sizes)) > 1 - confidence + 1e-9
        if len(sizes) and 1 / (1 + len(sizes)) <= 1 - confidence + 1e-9:
            least[label] = values[plausible.argmax()]
    return least

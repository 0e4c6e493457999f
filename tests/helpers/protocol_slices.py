"""Slices as protocols take them, drawn at random."""

import numpy as np

from hilum.scoring.protocols import Slices


def make_slices(seed, n=120, classes=3, chests=30):
    """Slices in chests (look-alikes), a few same slices and copies among them; chests may span splits and classes."""
    rng = np.random.default_rng(seed)
    chest = rng.integers(0, chests, n)
    slice_ = chest * 100 + rng.integers(0, 5, n)
    picture = slice_ * 10 + rng.integers(0, 2, n)
    labels = np.where(rng.random(n) < 0.1, rng.integers(0, classes, n), chest % classes)
    by_slice = {number: set(labels[slice_ == number]) for number in np.unique(slice_)}
    conflicting = np.array([len(by_slice[number]) > 1 for number in slice_])
    numbers = [np.unique(values, return_inverse=True)[1] for values in (picture, slice_, chest)]
    return Slices(labels, np.sort(rng.integers(0, 3, n)), *numbers, likeness=0.87, conflicting=conflicting)

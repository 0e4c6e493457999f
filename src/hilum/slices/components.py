"""Connected components and spanning forests of links, in NumPy: the base install has no SciPy."""

import numpy as np
from numpy.typing import NDArray


def spanning_forest(count: int, pairs: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Finds the links that join two components which the links before them leave apart.

    In turns, the first link out of every component joins it to another (Boruvka 1926).

    Args:
        count: Number of things that are linked.
        pairs: The links, `[links, 2]`. If the strongest come first, the ones found are a maximum spanning forest.

    Returns:
        `[links]`.
    """
    kept, places, ends = np.zeros(len(pairs), np.bool_), np.arange(len(pairs)), pairs
    while True:
        apart = ends[:, 0] != ends[:, 1]
        places, ends = places[apart], ends[apart]
        if not len(places):
            return kept
        first = np.full(count, len(pairs))
        for side in (0, 1):
            np.minimum.at(first, ends[:, side], places)
        kept[first[first < len(pairs)]] = True
        ends = components(count, pairs[kept])[pairs[places]]


def components(count: int, pairs: NDArray[np.intp]) -> NDArray[np.intp]:
    """The component of each thing, numbered from 0 in the order of appearance, `[count]`."""
    least = np.arange(count)  # a thing of the same component with a lower or the same number
    while len(pairs):
        pairs = least[pairs]
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        np.minimum.at(least, pairs.max(1), pairs.min(1))
        while not np.array_equal(least[least], least):
            least = least[least]
    return (np.cumsum(least == np.arange(count)) - 1)[least]

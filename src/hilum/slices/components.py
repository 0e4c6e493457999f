"""Connected components and spanning forests of links, in NumPy and plain Python: the base install has no SciPy."""

import numpy as np
from numpy.typing import NDArray


def spanning_forest(count: int, pairs: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Finds the links that join two components which the links before them leave apart (Kruskal 1956).

    Args:
        count: Number of things that are linked.
        pairs: The links, `[links, 2]`. If the strongest come first, the ones found are a maximum spanning forest.

    Returns:
        `[links]`.
    """
    parent = list(range(count))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    kept = np.zeros(len(pairs), np.bool_)
    for number, (first, second) in enumerate(pairs.tolist()):
        one, other = root(first), root(second)
        if one != other:
            parent[other] = one
            kept[number] = True
    return kept


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

"""Views: the same slice a little otherwise, for heads to learn what does not matter."""

import numpy as np
from numpy.typing import NDArray

_SHIFT = 0.05  # of the square's side
_SHIFTS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}


def view_of(square: NDArray[np.float32], view: str) -> NDArray[np.float32]:
    """A square `[size, size]` as a view of `hilum.options.VIEWS`.

    It is mirrored, left to right, or moved by a twentieth of its side; what the move uncovers repeats the edge.
    """
    if view == "mirrored":
        return np.ascontiguousarray(square[:, ::-1])
    size = len(square)
    down, right = (round(_SHIFT * size) * way for way in _SHIFTS[view])
    rows, columns = (np.clip(np.arange(size) - step, 0, size - 1) for step in (down, right))
    return square[np.ix_(rows, columns)]

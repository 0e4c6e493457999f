"""Where a map belongs in its slice: the way from the model's square back to the pixels, the crop undone."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hilum.slices.body import Box, body_box

# Colours of what speaks for a class and against it. Orange and blue are told apart by colour-blind readers as well, and
# stand out on dark lungs.
FOR, AGAINST = (240, 140, 0), (60, 160, 235)


def seen_box(pixels: NDArray[np.float32], crop: bool) -> Box:
    """The part of a slice `[height, width]` that a model sees: the box of the body, or all of it."""
    height, width = pixels.shape
    return (body_box(pixels) if crop else None) or Box(0, 0, width, height)


def placed(values: NDArray[np.float32], box: Box, shape: tuple[int, int]) -> NDArray[np.float32]:
    """A map `[h, w]` over its slice: stretched over a box, between its cells linear, and 0 outside.

    Args:
        values: The map.
        box: What of the slice it covers, inside `shape`.
        shape: Height and width of the slice in pixels.

    Returns:
        float32 of `shape`.
    """
    over = np.zeros(shape, np.float32)
    size = (box.right - box.left, box.bottom - box.top)
    stretched = Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    over[box.top : box.bottom, box.left : box.right] = np.asarray(stretched)
    return over
